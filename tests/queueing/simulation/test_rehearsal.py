"""The rehearsal is repeatable, loses nobody, and its inspector sees what it is there to see."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from kernel.ids import seeded
from kernel.terms import Medium, RiskLevel
from queueing import messages as m
from queueing.policy import DeskPolicy
from queueing.simulation import traffic
from queueing.simulation.figures import figures
from queueing.simulation.inspector import Inspector
from queueing.simulation.rehearsal import Crew, Rehearsal
from tests.strategies import T0

HEAD = "arrived_at,medium,risk,patience_s,service_s\n"


def rehearsed(seed: int, **load: float) -> Rehearsal:
    """A day under load."""
    dice = seeded(seed)
    described = traffic.described(",".join(f"{name}={value}" for name, value in load.items()))
    run = Rehearsal(Crew(staff=6), dice)
    run.run(traffic.draw(described, dice))
    return run


@pytest.mark.promise("R4")
def test_a_day_above_capacity_passes_nobody_over_and_loses_nobody() -> None:
    """Everybody who came was answered or left by themselves."""
    run = rehearsed(3, load=1.3, slots=12, days=1, voice=0.2)
    found = figures(run)
    assert found["inversions"] == found["overtaking_violations"] == found["over_capacity"] == found["two_owners"] == 0
    assert found["contacts"] > 500
    assert found["unfinished"] == 0
    for guest in run.guests.values():
        assert (guest.answered_at is None) != (guest.left_at is None)


def test_the_same_seed_gives_the_same_run() -> None:
    """P16."""
    once, again, other = (figures(rehearsed(seed, load=1.1, slots=6, days=1)) for seed in (5, 5, 6))
    assert once == again != other


def issued(number: int, risk: RiskLevel, minute: int) -> m.TicketIssued:
    """A contact's ticket."""
    at = T0 + timedelta(minutes=minute)
    return m.TicketIssued(f"c{number}", number, Medium.TEXT, risk, 1, at, at)


def test_the_inspector_sees_who_is_passed_over_and_whose_hands_are_too_full() -> None:
    """A routine contact is rung for while danger waits; then a second one goes to a counselor with one slot."""
    inspector = Inspector(DeskPolicy())
    for event in (
        m.SeatReady("an", 1, T0),
        issued(1, RiskLevel.ROUTINE, 0),
        issued(2, RiskLevel.IMMINENT, 5),
        issued(3, RiskLevel.ROUTINE, 70),
        m.OfferRung("o1", "c3", "an", T0, T0),
    ):
        inspector.read(event)
    assert (inspector.inversions, inspector.overtaken, inspector.over_capacity) == (1, 1, 0)
    inspector.read(m.OfferAccepted("o1", "c3", "an", "An", "counselor", 1))  # type: ignore[arg-type]  # a role's tag
    inspector.read(m.OfferRung("o2", "c1", "an", T0, T0))
    assert inspector.over_capacity == 1


def test_the_command_replays_a_file_and_prints_json(tmp_path: Path) -> None:
    """The contract of the issue."""
    file = tmp_path / "arrivals.csv"
    file.write_text(
        HEAD
        + "2026-03-10T14:00:00+08:00,text,routine,600,1200\n2026-03-10T14:00:30+08:00,text,imminent,,900\n"
        + "2026-03-10T14:01:00+08:00,voice,high,300,600\n",
        encoding="utf-8",
    )
    out = StringIO()
    call_command("simulate", arrivals=file, staff=1, seed=7, answer_s=0.0, unheard=0.0, stdout=out)
    found = json.loads(out.getvalue())
    assert found["contacts"] == 3
    assert found["classes"]["imminent"]["within_30_s"] == 1
    assert found["media"]["voice"]["abandonment"] == 1
    assert found["inversions"] == 0


@pytest.mark.parametrize("row", ["yesterday,text,routine,1,1", "2026-03-10T14:00,post,routine,1,1", "x"])
def test_a_file_that_cannot_be_read_names_the_row(tmp_path: Path, row: str) -> None:
    """No traceback."""
    file = tmp_path / "arrivals.csv"
    file.write_text(HEAD + row, encoding="utf-8")
    with pytest.raises(CommandError, match="arrival 1"):
        call_command("simulate", arrivals=file, staff=1)


def test_a_load_that_is_not_known_is_named() -> None:
    """A typo does not simulate something else."""
    with pytest.raises(CommandError, match="lod"):
        call_command("simulate", generate="lod=1.3")
