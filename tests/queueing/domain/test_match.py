"""Who rings whom, in the plain cases; every order of events is tried in test_desk."""

import msgspec
import pytest

from kernel.decider import Draft
from kernel.terms import Medium, RiskLevel, Role
from queueing.domain.capacity import can_hold
from queueing.domain.ledger import DeskState, evolve
from queueing.domain.match import choose, ring
from queueing.domain.order import Ticket, TicketPhase, due_of, tier_of
from queueing.domain.seat import Seat, SeatState
from queueing.messages import OfferCancelled, OfferRung
from queueing.policy import DeskPolicy
from tests.strategies import T0


def ticket(number: int, risk: RiskLevel = RiskLevel.ROUTINE, medium: Medium = Medium.TEXT) -> Ticket:
    """Somebody who waits."""
    return Ticket(f"c{number}", number, medium, risk, tier_of(risk), T0, due_of(T0, risk, DeskPolicy()))


def seat(name: str, *held: str, slots: int = 2, served: int = 0) -> Seat:
    """Somebody ready."""
    return Seat(name, name, Role.COUNSELOR, SeatState.READY, slots, contacts=held, served=served)


def desk(tickets: list[Ticket], *seats: Seat) -> DeskState:
    """A desk as of now; a contact in somebody's hands is with them."""
    held = {contact: each.counselor for each in seats for contact in each.contacts}
    placed = [
        msgspec.structs.replace(each, phase=TicketPhase.ACTIVE, owner=held[each.contact])
        if each.contact in held
        else each
        for each in tickets
    ]
    return DeskState(tickets={each.contact: each for each in placed}, seats={each.counselor: each for each in seats})


def rung(state: DeskState) -> list[tuple[str, str]]:
    """Who is asked for whom."""
    draft = Draft(state, evolve)
    ring(draft, T0)
    return [(each.contact, each.counselor) for each in draft.events if isinstance(each, OfferRung)]


def test_the_least_loaded_is_asked_then_who_served_fewest_then_by_name() -> None:
    tickets = [ticket(1), ticket(9)]
    busy = desk(tickets, seat("an", "c9"), seat("bo", served=3), seat("ce", served=1))
    assert rung(busy) == [("c1", "ce")]
    assert rung(desk([ticket(1)], seat("bo"), seat("an"))) == [("c1", "an")]


def test_one_for_each_in_order_and_nobody_twice() -> None:
    crowd = [ticket(1), ticket(2, RiskLevel.HIGH), ticket(3)]
    assert rung(desk(crowd, seat("an"), seat("bo"))) == [("c2", "an"), ("c1", "bo")]


def test_three_are_asked_at_once_for_somebody_in_danger() -> None:
    seats = [seat(name) for name in ("an", "bo", "ce", "de")]
    assert rung(desk([ticket(1, RiskLevel.IMMINENT)], *seats)) == [("c1", "an"), ("c1", "bo"), ("c1", "ce")]


@pytest.mark.parametrize(
    ("medium", "held", "fits"),
    [
        (Medium.TEXT, [], True),
        (Medium.TEXT, [Medium.TEXT], True),
        (Medium.TEXT, [Medium.TEXT, Medium.TEXT], False),
        (Medium.TEXT, [Medium.VOICE], False),
        (Medium.VOICE, [], True),
        (Medium.VOICE, [Medium.TEXT], False),
    ],
)
def test_voice_wants_somebody_whole_and_text_a_free_slot(medium: Medium, held: list[Medium], fits: bool) -> None:
    tickets = [ticket(1, medium=medium), *(ticket(n, medium=each) for n, each in enumerate(held, start=5))]
    state = desk(tickets, seat("an", *(f"c{n}" for n in range(5, 5 + len(held)))))
    assert can_hold(state, state.seats["an"], state.tickets["c1"]) is fits
    assert (choose(state, state.tickets["c1"], list(state.seats.values()), T0) is not None) is fits


def test_danger_takes_back_the_least_urgent_ring_and_the_other_is_asked_elsewhere() -> None:
    """Found by the bookkeeper: somebody whose ring was taken back was forgotten until the next event."""
    draft = Draft(desk([ticket(1), ticket(2, RiskLevel.HIGH)], seat("an", slots=1), seat("bo", slots=1)), evolve)
    ring(draft, T0)
    urgent = msgspec.structs.replace(ticket(3, RiskLevel.IMMINENT), declined={"ce": T0})
    state = draft.state.with_ticket(urgent).with_seat(seat("ce"))
    # With no other seat free for danger, c1's ring at bo is taken back, and ce is asked for c1 in the same breath.
    draft = Draft(state, evolve)
    ring(draft, T0)
    told = [
        (type(each), each.contact, each.counselor)
        for each in draft.events
        if isinstance(each, OfferRung | OfferCancelled)
    ]
    assert told == [(OfferCancelled, "c1", "bo"), (OfferRung, "c3", "bo"), (OfferRung, "c1", "ce")]


def test_whoever_declined_is_not_asked_again_at_once() -> None:
    refused = msgspec.structs.replace(ticket(1), declined={"an": T0})
    assert rung(desk([refused], seat("an"), seat("bo"))) == [("c1", "bo")]
    assert rung(desk([refused], seat("an"))) == []


def test_danger_that_nobody_else_can_take_rings_at_once_with_whoever_rests() -> None:
    rests = msgspec.structs.replace(seat("an"), paused_until=T0)
    danger, calm = ticket(1, RiskLevel.IMMINENT), ticket(2)
    assert rung(desk([danger, calm], rests)) == [("c1", "an")], "and nobody else does"
    assert rung(desk([danger, calm], rests, seat("bo"))) == [("c1", "bo")]
    assert rung(desk([calm], rests)) == []
    away = msgspec.structs.replace(rests, state=SeatState.AWAY)
    lost = msgspec.structs.replace(rests, lost_at=T0)
    full = msgspec.structs.replace(seat("an", "c2", "c3"), paused_until=T0)
    for state in (desk([danger], away), desk([danger], lost), desk([danger, calm, ticket(3)], full)):
        assert rung(state) == []


def test_danger_goes_first_where_the_way_of_the_next_in_danger_stays_open() -> None:
    agreed = msgspec.structs.replace(seat("an"), burst=True)
    state = desk([ticket(1, RiskLevel.IMMINENT)], agreed, seat("bo"))
    assert rung(state) == [("c1", "bo"), ("c1", "an")]
    helper = msgspec.structs.replace(seat("bo"), grade=Role.PEER_SUPPORTER)
    assert rung(desk([ticket(1, RiskLevel.IMMINENT)], agreed, helper)) == [("c1", "an"), ("c1", "bo")]
