"""What a log teaches: labels of those who stayed and of ghosts, handling, patience, arrivals."""

from datetime import datetime, timedelta

from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Event
from queueing import messages as m
from queueing.domain.learnt import EVIDENCE, HANDLING_MIN, PATIENCE_MIN, Learnt
from queueing.messages.waits import Wait, WaitsNoted
from tests.strategies import T0

TEXT, ROUTINE = Medium.TEXT, RiskLevel.ROUTINE


def after(minutes: float) -> datetime:
    """So long after the beginning."""
    return T0 + timedelta(minutes=minutes)


def came(contact: str, number: int, due: float = 60) -> m.TicketIssued:
    """Somebody waits."""
    return m.TicketIssued(contact, number, TEXT, ROUTINE, 1, T0, after(due))


def told(contact: str) -> WaitsNoted:
    """Somebody is told 2 to 8 minutes."""
    return WaitsNoted((Wait(contact, 120, 300, 420, 480),), T0)


def taken(contact: str) -> m.OfferAccepted:
    """Somebody's turn came."""
    return m.OfferAccepted(f"{contact}.1", contact, "chen", "陈老师", Role.COUNSELOR, 1)


def learnt(*rows: tuple[float, Event]) -> Learnt:
    """Read a log of minutes and events."""
    found = Learnt()
    for minutes, event in rows:
        found.read(after(minutes), event)
    return found


def waits(found: Learnt) -> list[tuple[float, bool]]:
    """The scored waits, and whether they were a ghost's."""
    return [(each.waited, each.ghost) for each in found.scored]


def test_an_estimate_is_scored_by_the_wait_that_came_after_it() -> None:
    found = learnt((0, came("a", 1)), (1, told("a")), (3, told("a")), (7, taken("a")))
    assert waits(found) == [(6.0, False), (4.0, False)]
    assert found.calibration(TEXT, ROUTINE).labels == 2
    assert found.calibration(Medium.VOICE, ROUTINE).labels == 0


def test_whoever_gave_up_keeps_a_ghost_until_somebody_behind_them_is_taken() -> None:
    found = learnt(
        (0, came("a", 1)), (0, came("b", 2, due=61)), (0, told("a")), (5, m.TicketWithdrawn("a")), (12, taken("b"))
    )
    assert waits(found) == [(12.0, True)]
    ahead = learnt(
        (0, came("a", 1)), (0, came("b", 2, due=10)), (0, told("a")), (5, m.TicketWithdrawn("a")), (12, taken("b"))
    )
    assert waits(ahead) == [], "somebody who stood before them says nothing of their turn"


def test_a_slot_that_comes_free_with_nobody_waiting_would_have_been_the_ghosts() -> None:
    found = learnt(
        *((0, came("x", 1, due=1)), (1, taken("x"))),
        *((2, came("a", 2)), (2, told("a")), (4, m.TicketAbandoned("a"))),
        (9, m.SeatFreed("x", "chen")),
    )
    assert waits(found) == [(7.0, True)]
    assert found.guests == {}


def test_whose_turn_is_put_off_to_another_day_teaches_nothing() -> None:
    found = learnt((0, came("a", 1)), (0, told("a")), (5, m.CallbackBooked("a", after(900))), (901, taken("a")))
    assert waits(found) == []


def test_a_raise_ends_what_was_told_in_the_old_class() -> None:
    raised = m.TicketRaised("a", RiskLevel.HIGH, 1, after(10))
    found = learnt((0, came("a", 1)), (0, told("a")), (2, raised), (2, told("a")), (5, taken("a")))
    assert [(each.risk, each.waited) for each in found.scored] == [(RiskLevel.HIGH, 3.0)]


def test_handling_and_patience_move_from_the_assumption_to_the_log() -> None:
    empty = Learnt()
    assert (empty.handling(TEXT), empty.patience()) == (HANDLING_MIN, PATIENCE_MIN)
    rows: list[tuple[float, Event]] = []
    for number in range(EVIDENCE):
        name = f"c{number}"
        rows += [(0, came(name, number)), (10, taken(name)), (20, m.SeatFreed(name, "chen"))]
    found = learnt(*rows)
    assert found.handling(TEXT) == (HANDLING_MIN + 10) / 2
    assert found.patience() == (PATIENCE_MIN * EVIDENCE + 10 * EVIDENCE) / EVIDENCE, "nobody gave up"


def test_arrivals_are_counted_over_the_last_hour() -> None:
    found = learnt((0, came("a", 1)), (30, came("b", 2)), (50, came("c", 3)))
    assert found.arrivals(after(55))[ROUTINE] == 3 / 60
    assert found.arrivals(after(85))[ROUTINE] == 2 / 60
    assert found.arrivals(after(85))[RiskLevel.IMMINENT] == 0
