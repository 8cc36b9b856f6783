"""Every figure of the line follows from its log, by a formula with an id."""

from datetime import datetime, timedelta

import pytest

from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Event
from queueing import messages as m
from queueing.domain import metrics
from queueing.domain.visits import visits
from queueing.simulation.figures import figures
from tests.queueing.simulation.test_rehearsal import rehearsed
from tests.strategies import T0


def at(seconds: int) -> datetime:
    """So many seconds after the first."""
    return T0 + timedelta(seconds=seconds)


def issued(contact: str, seconds: int) -> tuple[datetime, Event]:
    """Somebody begins to wait."""
    return at(seconds), m.TicketIssued(contact, 1, Medium.TEXT, RiskLevel.ROUTINE, 1, at(seconds), at(seconds))


def accepted(contact: str, seconds: int) -> tuple[datetime, Event]:
    """Somebody is answered."""
    return at(seconds), m.OfferAccepted("o", contact, "an", "An", Role.COUNSELOR, 1)


LOG = [
    issued("c1", 0),
    issued("c2", 0),
    issued("c3", 0),
    accepted("c1", 20),
    accepted("c2", 100),
    (at(130), m.TicketWithdrawn("c3")),
    (at(620), m.SeatFreed("c1", "an")),
    issued("c1", 700),
    accepted("c1", 701),
    accepted("c1", 800),
]


def test_the_figures_of_a_small_log() -> None:
    found = visits(LOG)
    assert len(found) == 4
    assert metrics.service_level(found) == metrics.Figure("SL.offered.1", 0.5, 4)
    assert metrics.service_level(found, 100).value == 0.75
    assert metrics.speed_of_answer(found).value == pytest.approx(121 / 3)
    assert metrics.abandonment(found).value == 0.25
    assert metrics.handling(found) == metrics.Figure("AHT.hold.1", 600, 1)


def test_nobody_yet_is_no_figure() -> None:
    for figure in (metrics.service_level, metrics.speed_of_answer, metrics.abandonment, metrics.handling):
        found = figure(visits([]))
        assert (found.value, found.of) == (None, 0)
        assert found.formula in metrics.FORMULAS


def test_the_figures_agree_with_what_the_rehearsal_counted_itself() -> None:
    run = rehearsed(4, load=1.2, slots=12, days=1)
    counted = figures(run)["classes"]["routine"]
    routine = [visit for visit in visits(run.log) if visit.risk is RiskLevel.ROUTINE]
    assert metrics.service_level(routine).value == pytest.approx(counted["within_30_s"], abs=1e-5)
    assert metrics.abandonment(routine).value == pytest.approx(counted["abandonment"], abs=1e-5)
    assert metrics.speed_of_answer(routine).value == pytest.approx(counted["wait_s"]["mean"], abs=0.1)
