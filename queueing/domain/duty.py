"""What somebody at a console says to the desk: ready, a break, take this one, not me, whoever is next."""

from datetime import datetime, timedelta

from kernel.decider import Draft
from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Role
from kernel.wire import Command
from queueing.domain.capacity import can_hold, fits
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket, soonest_first
from queueing.domain.seat import Seat, SeatState
from queueing.messages import (
    AcceptOffer,
    DeclineOffer,
    LeaveSeat,
    OfferAccepted,
    OfferCancelled,
    OfferDeclined,
    OfferRung,
    PauseSeat,
    ReadySeat,
    SeatCooling,
    SeatFreed,
    SeatLeft,
    SeatPaused,
    SeatReady,
    SeatStandsBy,
    StandBy,
    TakeNext,
)

Desk = Draft[DeskState]
STANDING_BY = frozenset({Role.SUPERVISOR, Role.CRISIS_WORKER})
"""Grades that may stand by for danger without taking other contacts."""


def decide(desk: Desk, command: Command, by: Actor, now: datetime) -> None:
    """What somebody at the console says."""
    seat = desk.state.seats.get(by.id)
    if seat is None or not seat.present:
        raise Refused("not_ready")
    match command:
        case ReadySeat(slots=slots, burst=burst):
            desk.emit(SeatReady(by.id, min(slots, desk.state.policy.slots_limit), now, burst))
            _outgrown(desk, by.id)
        case StandBy() if seat.grade in STANDING_BY:
            if seat.contacts:
                raise Refused("contacts_in_hand")
            hush(desk, seat)
            desk.emit(SeatStandsBy(by.id, now))
        case PauseSeat(reason=reason):
            hush(desk, seat)
            desk.emit(SeatPaused(by.id, reason, now))
        case LeaveSeat():
            if seat.contacts:
                raise Refused("contacts_in_hand")
            hush(desk, seat)
            desk.emit(SeatLeft(by.id))
        case AcceptOffer(offer=offer):
            _accept(desk, seat, offer)
        case DeclineOffer(offer=offer):
            ticket = _rings(desk, seat, offer)
            until = now + timedelta(seconds=desk.state.policy.pause_after_miss_s)
            desk.emit(OfferDeclined(offer, ticket.contact, by.id, until))
        case TakeNext():
            _take(desk, seat, now)
        case _:
            raise NotPermitted


def _outgrown(desk: Desk, counselor: str) -> None:
    """Fewer slots than before: an offer that no longer fits is taken back."""
    seat = desk.state.seats[counselor]
    for ticket in desk.state.tickets.values():
        if seat.offer in {offer.offer for offer in ticket.offers} and not can_hold(desk.state, seat, ticket):
            hush(desk, seat)
            return


def _rings(desk: Desk, seat: Seat, offer: str) -> Ticket:
    """Find the ticket of an offer that rings at this seat; anything else is stale."""
    for ticket in desk.state.tickets.values():
        if any(rung.offer == offer and rung.counselor == seat.counselor for rung in ticket.offers):
            return ticket
    raise Refused("stale_offer")


def _accept(desk: Desk, seat: Seat, offer: str) -> None:
    """One accept wins; the others stop ringing."""
    ticket = _rings(desk, seat, offer)
    desk.emit(OfferAccepted(offer, ticket.contact, seat.counselor, seat.name, seat.grade, ticket.epoch + 1))
    silence(desk, desk.state.tickets[ticket.contact])


def _take(desk: Desk, seat: Seat, now: datetime) -> None:
    """A self-offer accepted at once, in the same order as everybody is offered; at most one above the chosen slots."""
    if seat.state is not SeatState.READY:
        raise Refused("not_ready")
    for ticket in soonest_first(desk.state.tickets.values()):
        if ticket.may_ring and fits(seat, ticket, now) and can_hold(desk.state, seat, ticket, extra=1):
            hush(desk, seat)
            offer = ticket.next_offer
            desk.emit(OfferRung(offer, ticket.contact, seat.counselor, now, now + timedelta(seconds=1)))
            _accept(desk, desk.state.seats[seat.counselor], offer)
            return
    raise Refused("no_one_waiting")


def silence(desk: Desk, ticket: Ticket) -> None:
    """Stop whatever rings for a ticket."""
    for offer in ticket.offers:
        desk.emit(OfferCancelled(offer.offer, ticket.contact, offer.counselor))


def hush(desk: Desk, seat: Seat) -> None:
    """Take back the offer that rings at a seat."""
    for ticket in desk.state.tickets.values():
        for offer in ticket.offers:
            if offer.counselor == seat.counselor:
                desk.emit(OfferCancelled(offer.offer, ticket.contact, offer.counselor))
                return


def freed(desk: Desk, ticket: Ticket, owner: str, now: datetime) -> None:
    """The slot is free; after somebody in danger the counselor has a breath first."""
    desk.emit(SeatFreed(ticket.contact, owner, now))
    seat, pause = desk.state.seats.get(owner), desk.state.policy.cool_down_s
    if ticket.tier == 0 and pause and seat is not None and seat.state is SeatState.READY:
        hush(desk, seat)
        desk.emit(SeatCooling(owner, now + timedelta(seconds=pause)))
