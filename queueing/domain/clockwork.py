"""What time does at a desk: rings end, grace runs out, lost counselors give back, pauses and wrap-ups pass."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from kernel.decider import Draft
from queueing.domain import closing
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
    ends = closing.ends_of(state.intervals)
    instants = [at for ticket in state.tickets.values() for at in _ticket_instants(state, ticket)]
    instants += [at for ticket in state.tickets.values() if (at := closing.instant(ends, ticket)) is not None]
    instants += [at for seat in state.seats.values() for at in _seat_instants(state, seat)]
    return min(instants, default=None)


def _ticket_instants(state: DeskState, ticket: Ticket) -> list[datetime]:
    """When something is due about a ticket, the hours apart. Of a thousand who wait nearly all answer nothing."""
    instants = [offer.expires_at for offer in ticket.offers] if ticket.offers else []
    if ticket.declined:
        instants += ticket.declined.values()
    if ticket.company.asked is not None:
        instants.append(ticket.company.asked.until)
    if ticket.transfer is not None:
        instants.append(ticket.transfer.until)
    if ticket.waits:
        instants += [at for at in (ticket.asks_until, ticket.speaks_until) if at is not None]
    if ticket.away_since is not None and ticket.phase is TicketPhase.WAITING and not ticket.callback:
        instants.append(ticket.away_since + state.policy.grace(ticket.medium))
    if ticket.until is not None and ticket.phase is TicketPhase.WRAP_UP:
        instants.append(ticket.until)
    return instants


def _seat_instants(state: DeskState, seat: Seat) -> Iterator[datetime]:
    """When something is due about a seat."""
    if seat.paused_until is not None:
        yield seat.paused_until
    if seat.lost_at is not None and seat.state is not SeatState.OFF:
        yield seat.lost_at + timedelta(seconds=state.policy.counselor_lost_s)


def elapse(desk: Draft[DeskState], now: datetime) -> None:
    """Let happen whatever is due by `now`."""
    state = desk.state
    due_now = [t for t in state.tickets.values() if any(at <= now for at in _ticket_instants(state, t))]
    for ticket in due_now:
        _ticket(desk, ticket, now)
    ends = closing.ends_of(state.intervals)
    put_off = [(closing.instant(ends, ticket), ticket) for ticket in desk.state.tickets.values()]
    for at, ticket in put_off:
        if at is not None and at <= now:
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
            _ticket(desk, desk.state.tickets[contact], now)  # a wish may have run out while somebody had them
    desk.emit(SeatLeft(seat.counselor))
