"""Who rings whom: tickets in order, each to a counselor who can take it; nobody urgent is passed over."""

from datetime import datetime

from kernel.decider import Draft
from kernel.terms import Medium
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket, in_order
from queueing.domain.seat import Seat
from queueing.messages import OfferCancelled, OfferRung


def ring(draft: Draft[DeskState], now: datetime) -> None:
    """Offer whatever can be offered now, most urgent first."""
    if not any(seat.asks or seat.offer for seat in draft.state.seats.values()):
        return
    for ticket in in_order(draft.state.tickets.values()):
        if ticket.may_ring:
            _ask(draft, draft.state.tickets[ticket.contact], now)  # as it is by now: its ring may have been taken back


def _ask(draft: Draft[DeskState], ticket: Ticket, now: datetime) -> None:
    """Ask as many counselors as this ticket deserves: one, or several at once where somebody is in danger."""
    wanted = draft.state.policy.parallel_imminent if ticket.tier == 0 else 1
    for _ in range(wanted - len(ticket.offers)):
        seat = choose(draft.state, ticket) or _interrupt(draft, ticket)
        if seat is None:
            return
        ticket = _rung(draft, ticket, seat, now)


def _rung(draft: Draft[DeskState], ticket: Ticket, seat: Seat, now: datetime) -> Ticket:
    """Let one offer ring; its id names the ticket, the owner's epoch and the attempt."""
    expires_at = now + draft.state.policy.ring(ticket.risk, ticket.medium)
    offer = f"{ticket.contact}.{ticket.epoch}.{ticket.asked + 1}"
    draft.emit(OfferRung(offer, ticket.contact, seat.counselor, now, expires_at))
    return draft.state.tickets[ticket.contact]


def choose(state: DeskState, ticket: Ticket) -> Seat | None:
    """The counselor to ask: the least loaded, then who has served fewest, then by name so that it is repeatable."""
    able = [seat for seat in state.seats.values() if seat.asks and can_hold(state, seat, ticket)]
    return min(able, key=lambda seat: (len(seat.contacts), seat.served, seat.counselor), default=None)


def can_hold(state: DeskState, seat: Seat, ticket: Ticket, *, extra: int = 0) -> bool:
    """Tell whether a counselor has room: voice wants them whole, text a free slot; nobody is asked again at once."""
    if seat.counselor in ticket.declined:
        return False
    if any(state.tickets[held].medium is Medium.VOICE for held in seat.contacts):
        return False
    if ticket.medium is Medium.VOICE:
        return not seat.contacts
    return seat.free + extra > 0


def _interrupt(draft: Draft[DeskState], ticket: Ticket) -> Seat | None:
    """Somebody in danger does not wait for a ring that is meant for somebody who is not: that offer is taken back."""
    if ticket.tier != 0 or ticket.offers:
        return None
    for other in reversed(in_order(draft.state.tickets.values())):
        for offer in other.offers:
            seat = draft.state.seats[offer.counselor]
            if other.tier != 0 and can_hold(draft.state, seat, ticket):
                draft.emit(OfferCancelled(offer.offer, other.contact, offer.counselor))
                return draft.state.seats[offer.counselor]
    return None
