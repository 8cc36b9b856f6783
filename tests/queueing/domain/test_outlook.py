"""The desk as one who waits sees it: people ahead, slots now and later, free ones, who may still come between."""

from datetime import timedelta

from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.learnt import Learnt
from queueing.domain.ledger import DeskState
from queueing.domain.outlook import Planned, View, crew, free, serving, waiting
from queueing.domain.passage import Crew
from tests.strategies import T0

HOURS = tuple(m.OpenInterval(T0, T0 + timedelta(hours=6), T0 + timedelta(hours=5), medium) for medium in Medium)


def desk(*said: tuple[Command, Actor], hours: tuple[m.OpenInterval, ...] = HOURS) -> DeskState:
    """A desk at which this was said."""
    state = DeskState()
    for command, by in ((m.PublishHours(hours, "1"), SYSTEM), *said):
        state = DECIDER.fold(state, decide(state, command, by, T0))
    return state


def comes(contact: str, risk: RiskLevel = RiskLevel.ROUTINE, medium: Medium = Medium.TEXT) -> tuple[Command, Actor]:
    """Somebody asks for a counselor."""
    return m.RequestTicket(contact, medium, risk, T0), SYSTEM


def sits(name: str, slots: int = 2) -> list[tuple[Command, Actor]]:
    """Somebody is ready."""
    return [
        (m.EnterSeat(name, name, Role.COUNSELOR), SYSTEM),
        (m.ReadySeat(slots), Actor(Role.COUNSELOR, name)),
    ]


def test_people_ahead_are_those_who_go_before_by_the_same_medium() -> None:
    state = desk(comes("a"), comes("b"), comes("v", medium=Medium.VOICE), comes("c", RiskLevel.HIGH))
    view = View(state, Learnt(), (), T0)
    assert {contact: view.of(state.tickets[contact]).ahead for contact in "abc"} == {"a": 1, "b": 2, "c": 0}
    assert view.newcomer(Medium.TEXT).ahead == 3
    assert view.newcomer(Medium.VOICE).ahead == 1


def test_whose_turn_is_put_off_to_another_day_is_ahead_of_nobody() -> None:
    later = m.BookCallback("a", T0 + timedelta(days=1))
    state = desk(comes("a"), comes("b"), (later, SYSTEM))
    assert [ticket.contact for ticket in waiting(state)] == ["b"]


def test_slots_now_and_by_the_roster() -> None:
    state = desk(*sits("an", 2), *sits("bo", 4))
    roster = (
        Planned("an", T0 - timedelta(hours=1), T0 + timedelta(minutes=30)),
        Planned("ce", T0 + timedelta(minutes=10), T0 + timedelta(minutes=60)),
        Planned("late", T0 - timedelta(minutes=5), T0 + timedelta(minutes=60)),
    )
    assert crew(state, Medium.TEXT, roster, T0) == (Crew(0, 6), Crew(10, 9), Crew(30, 7), Crew(60, 4))
    assert crew(state, Medium.VOICE, (), T0) == (Crew(0, 2),)
    assert crew(DeskState(), Medium.TEXT, (), T0) == (Crew(0, 0),)
    assert {seat.counselor for seat in serving(state)} == {"an", "bo"}


def test_free_slots_are_those_nobody_is_in() -> None:
    state = desk(*sits("an", 2), *sits("bo", 1), comes("a"))
    (offer,) = state.tickets["a"].offers
    state = DECIDER.fold(state, decide(state, m.AcceptOffer(offer.offer), Actor(Role.COUNSELOR, offer.counselor), T0))
    assert free(state, Medium.TEXT) == 2
    assert free(state, Medium.VOICE) == 1


def test_more_urgent_arrivals_may_come_between_until_the_order_is_settled() -> None:
    state = desk(comes("a"), comes("h", RiskLevel.HIGH))
    learnt = Learnt()
    for risk in (RiskLevel.IMMINENT, RiskLevel.HIGH):
        learnt.read(T0, m.TicketIssued(f"x{risk}", 9, Medium.TEXT, risk, 1, T0, T0))
    view = View(state, learnt, (), T0)
    assert len(view.of(state.tickets["a"]).overtakers) == 2
    assert len(view.of(state.tickets["h"]).overtakers) == 1
