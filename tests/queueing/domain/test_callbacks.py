"""A place kept for a call: before its time nobody is asked, at its time anybody may be, connected or not."""

from datetime import timedelta

from kernel.decider import Elapse
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from queueing import messages as m
from queueing.domain.closing import place_for_call
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from tests.queueing.domain.test_outlook import comes, desk, sits
from tests.strategies import T0

LATER = T0 + timedelta(hours=1)
CLOSED = (m.OpenInterval(T0 + timedelta(hours=8), T0 + timedelta(hours=16), T0 + timedelta(hours=15)),)


def after(state: DeskState, command: object, minutes: float = 0) -> tuple[DeskState, tuple[object, ...]]:
    """One more command from the house."""
    events = decide(state, command, SYSTEM, T0 + timedelta(minutes=minutes))  # type: ignore[arg-type]
    return DECIDER.fold(state, events), events


def test_a_wished_call_keeps_its_place_and_is_asked_for_at_its_time_though_nobody_is_connected() -> None:
    state = desk(comes("a"), comes("b"))
    state, (booked,) = after(state, m.BookCallback("a", LATER))
    assert booked == m.CallbackBooked("a", LATER, "wish")
    state, _ = after(state, m.MarkTicketAway("a"), 1)
    for command, by in sits("chen", 1):
        state = DECIDER.fold(state, decide(state, command, by, T0 + timedelta(minutes=2)))
    assert state.tickets["b"].offers, "who is here and waits is asked for"
    assert not state.tickets["a"].offers
    (offer,) = state.tickets["b"].offers
    state = DECIDER.fold(state, decide(state, m.AcceptOffer(offer.offer), Actor(Role.COUNSELOR, "chen"), LATER))
    state, events = after(state, Elapse(), 60)
    assert m.CallbackDue("a", LATER, state.tickets["a"].number) in events
    assert DECIDER.due(state) != LATER
    state, _ = after(state, m.FreeSeat("b"), 61)
    assert state.tickets["a"].offers, "their old place, connected or not"


def test_at_a_closed_line_a_call_is_given_a_place_for_the_next_opening() -> None:
    state = desk(hours=CLOSED)
    wish = m.BookCallback("a", None, Medium.TEXT, RiskLevel.ROUTINE, T0)
    state, (issued, booked) = after(state, wish)
    assert isinstance(issued, m.TicketIssued)
    assert booked == m.CallbackBooked("a", CLOSED[0].opens_at, "wish")
    assert after(state, wish)[1] == (), "asked twice, one place"
    assert place_for_call(state, m.BookCallback("a", CLOSED[0].opens_at + timedelta(hours=1)), T0) == CLOSED[
        0
    ].opens_at + timedelta(hours=1)
    assert place_for_call(DeskState(), wish, T0) is None
    assert after(desk(hours=()), wish)[1] == (), "nobody knows when it opens: the follow-up alone keeps it"


def test_taken_back_it_is_an_ordinary_place_while_the_line_is_open_and_none_while_it_is_not() -> None:
    state, _ = after(desk(comes("a")), m.BookCallback("a", LATER))
    state, (back,) = after(state, m.CancelCallback("a"), 5)
    assert back == m.CallbackCancelled("a", T0 + timedelta(minutes=5), state.tickets["a"].number)
    assert not state.tickets["a"].callback
    assert after(state, m.CancelCallback("a"))[1] == ()
    closed, _ = after(desk(hours=CLOSED), m.BookCallback("a"))
    closed, events = after(closed, m.CancelCallback("a"))
    assert events == (m.TicketWithdrawn("a"), m.TicketDeflected("a", "closed", CLOSED[0].opens_at))
    assert closed.tickets == {}
    assert after(closed, m.CancelCallback("a"))[1] == ()


def test_a_higher_risk_is_never_put_off() -> None:
    _, (booked,) = after(desk(comes("a", RiskLevel.HIGH)), m.BookCallback("a", LATER))
    assert booked == m.CallbackBooked("a", None, "wish")
