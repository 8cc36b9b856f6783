"""P16: the desk serves exactly whom an independent simulator serves, in the same second, in the same order."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.queue_simulator import Arrival as Seen
from bench.queue_simulator import drawn, figures, serve
from kernel.ids import seeded
from kernel.terms import Medium, RiskLevel
from queueing.policy import DeskPolicy
from queueing.simulation.rehearsal import Crew, Rehearsal
from queueing.simulation.traffic import FIRST_DAY, Arrival

LEVELS = (RiskLevel.IMMINENT, RiskLevel.HIGH, RiskLevel.MODERATE, RiskLevel.ROUTINE)
AT_ONCE = Crew(staff=3, slots=1, answer_s=0.0, unheard=0.0)


def rehearsed(people: list[Seen], crew: Crew) -> list[tuple[float, bool]]:
    """What the real desk makes of the same people; whole microseconds, as its clock has them."""
    coming = [
        Arrival(FIRST_DAY + timedelta(seconds=at), Medium.TEXT, LEVELS[kind], patience, service)
        for at, kind, patience, service in people
    ]
    run = Rehearsal(crew, seeded(1), DeskPolicy(cool_down_s=0))
    run.run(coming)
    ends = []
    for number in range(len(people)):
        guest = run.guests[f"c{number}"]
        end = guest.answered_at or guest.left_at
        assert end is not None
        ends.append(((end - FIRST_DAY).total_seconds(), guest.answered_at is not None))
    return ends


def agree(people: list[Seen], crew: Crew) -> None:
    """Hold both against each other, contact by contact."""
    ours, theirs = rehearsed(people, crew), serve(people, crew.staff)
    for number, ((end, answered), (other, served)) in enumerate(zip(ours, theirs, strict=True)):
        assert answered is served, number
        assert abs(end - other) < 1e-3, number


@pytest.mark.promise("R4")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_desk_and_the_reference_serve_the_same_people_in_the_same_order(seed: int) -> None:
    agree(list(drawn(1.3, 3, 3, 30, 20, seed)), AT_ONCE)


distinct = st.lists(
    st.tuples(st.integers(1, 3000), st.integers(0, 3), st.integers(30, 3000), st.integers(30, 2000)),
    min_size=1,
    max_size=40,
)


@given(distinct)
@settings(max_examples=60, deadline=None)
def test_under_any_crowd(crowd: list[tuple[int, int, int, int]]) -> None:
    """Instants are made different by parts of a second, so that no tie is broken by chance."""
    people: list[Seen] = sorted(
        (at + number / 100, kind, patience + number / 7919, service + number / 104729)
        for number, (at, kind, patience, service) in enumerate(crowd)
    )
    agree(people, AT_ONCE)


def test_the_reference_knows_its_own_bounds() -> None:
    people = list(drawn(1.3, 12, 20, 30, 20, 1))
    found = figures(people, serve(people, 12))
    waits = [found[name]["p95_s"] for name in ("imminent", "high", "moderate", "routine")]
    assert waits == sorted(waits), "the more urgent, the sooner"
    assert 0.5 < found["imminent"]["longer_30_s"] < 0.75, "without a slot beyond the slots nobody does better"
