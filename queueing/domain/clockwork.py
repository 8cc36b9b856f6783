"""What time does at a desk: rings end, grace runs out, lost counselors give back, pauses and wrap-ups pass."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from kernel.decider import Draft
from queueing.domain import attendance, closing
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket, TicketPhase
from queueing.domain.seat import Seat, SeatState
from queueing.messages import (
    ContactRequeued,
    DeclineLapsed,
    OfferMissed,
    PreferenceLapsed,
    SeatAway,
    SeatLeft,
    SeatResumed,
    TicketAbandoned,
    TicketAway,
    TicketStranded,
    TransferEnded,
    WrapUpLapsed,
)


def due(state: DeskState) -> datetime | None:
    """The next instant at which something happens by itself."""
    instants = [at for ticket in state.tickets.values() for at in _ticket_instants(state, ticket)]
    instants += [at for seat in state.seats.values() for at in _seat_instants(state, seat)]
    return min(instants, default=None)


def _ticket_instants(state: DeskState, ticket: Ticket) -> Iterator[datetime]:
    """When something is due about a ticket."""
    yield from (offer.expires_at for offer in ticket.offers)
    yield from ticket.declined.values()
    if ticket.waits:
        yield from (at for at in (ticket.asks_until, ticket.speaks_until) if at is not None)
    yield from closing.instants(state, ticket)
    yield from attendance.instants(ticket)
    if ticket.transfer is not None:
        yield ticket.transfer.until
    if ticket.phase is TicketPhase.WAITING and ticket.away_since is not None and not ticket.callback:
        yield ticket.away_since + state.policy.grace(ticket.medium)
    if ticket.phase is TicketPhase.WRAP_UP and ticket.until is not None:
        yield ticket.until


def _seat_instants(state: DeskState, seat: Seat) -> Iterator[datetime]:
    """When something is due about a seat."""
    if seat.paused_until is not None:
        yield seat.paused_until
    if seat.lost_at is not None and seat.state is not SeatState.OFF:
        yield seat.lost_at + timedelta(seconds=state.policy.counselor_lost_s)


def elapse(desk: Draft[DeskState], now: datetime) -> None:
    """Let happen whatever is due by `now`."""
    for ticket in tuple(desk.state.tickets.values()):
        _ticket(desk, ticket, now)
    for ticket in tuple(desk.state.tickets.values()):
        closing.elapse(desk, ticket, now)
    for seat in tuple(desk.state.seats.values()):
        _seat(desk, seat, now)


def _ticket(desk: Draft[DeskState], ticket: Ticket, now: datetime) -> None:
    """Rings, refusals, grace and wrap-up of one ticket."""
    policy = desk.state.policy
    for offer in ticket.offers:
        if offer.expires_at <= now:
            until = now + timedelta(seconds=policy.pause_after_miss_s)
            desk.emit(OfferMissed(offer.offer, ticket.contact, offer.counselor, until))
            if desk.state.seats[offer.counselor].misses >= policy.misses_until_away:
                desk.emit(SeatAway(offer.counselor, now))
    for counselor, until in ticket.declined.items():
        if until <= now:
            desk.emit(DeclineLapsed(ticket.contact, counselor))
    if ticket.waits:
        if ticket.asks_until is not None and ticket.asks_until <= now:
            desk.emit(PreferenceLapsed(ticket.contact, "counselor"))
        if ticket.speaks_until is not None and ticket.speaks_until <= now:
            desk.emit(PreferenceLapsed(ticket.contact, "language"))
    if ticket.transfer is not None and ticket.transfer.until <= now:
        desk.emit(TransferEnded(ticket.contact, ticket.transfer.to, "lapsed"))
    if ticket.phase is TicketPhase.WAITING and ticket.away_since is not None and not ticket.callback:
        if ticket.away_since + policy.grace(ticket.medium) <= now:
            desk.emit(TicketStranded(ticket.contact) if ticket.tier == 0 else TicketAbandoned(ticket.contact))
    elif ticket.phase is TicketPhase.WRAP_UP and ticket.until is not None and ticket.until <= now:
        desk.emit(WrapUpLapsed(ticket.contact, ticket.owner or "", now))


def _seat(desk: Draft[DeskState], seat: Seat, now: datetime) -> None:
    """Pause and loss of one seat, as it is by now."""
    seat = desk.state.seats[seat.counselor]
    if seat.paused_until is not None and seat.paused_until <= now:
        desk.emit(SeatResumed(seat.counselor))
    lost_after = timedelta(seconds=desk.state.policy.counselor_lost_s)
    if seat.lost_at is None or seat.state is SeatState.OFF or seat.lost_at + lost_after > now:
        return
    for contact in seat.contacts:
        ticket = desk.state.tickets[contact]
        if ticket.phase is TicketPhase.WRAP_UP:
            desk.emit(WrapUpLapsed(contact, seat.counselor, now))
        else:
            desk.emit(ContactRequeued(contact, seat.counselor, ticket.epoch + 1))
            if ticket.away_since is not None:
                desk.emit(TicketAway(contact, now))  # the grace counts from here: they wait again only now
    desk.emit(SeatLeft(seat.counselor))
