"""The desk of one line as one decider: tickets come, seats open, offers ring, exactly one accept wins."""

from datetime import datetime, timedelta

from kernel.decider import Decider, Draft, Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor
from kernel.wire import Command, Event
from queueing.domain import alarm_call, clockwork, gate
from queueing.domain.ledger import DeskState, evolve
from queueing.domain.match import can_hold, ring
from queueing.domain.order import Ticket, TicketPhase, due_of, in_order, tier_of
from queueing.domain.seat import Seat, SeatState
from queueing.messages import (
    COMMANDS,
    EVENTS,
    AcceptOffer,
    BeginWrapUp,
    Configure,
    DeclineOffer,
    DeskConfigured,
    EnterSeat,
    FreeSeat,
    HoursPublished,
    LeaveSeat,
    LoseSeat,
    LowerTicket,
    MarkTicketAway,
    MarkTicketBack,
    OfferAccepted,
    OfferCancelled,
    OfferDeclined,
    OfferRung,
    PauseSeat,
    PublishHours,
    ReadySeat,
    RequestTicket,
    SeatEntered,
    SeatFreed,
    SeatLeft,
    SeatLost,
    SeatPaused,
    SeatReady,
    SeatReturned,
    TakeNext,
    TicketAway,
    TicketDeflected,
    TicketIssued,
    TicketLowered,
    TicketRaised,
    TicketReturned,
    TicketWithdrawn,
    WithdrawTicket,
    WrapUpBegan,
)

Desk = Draft[DeskState]


def decide(state: DeskState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer a command with what it causes, then let ring whatever can ring."""
    desk = Draft(state, evolve)
    if by == SYSTEM:
        _decide_system(desk, command, now)
    elif by.is_counseling:
        _decide_counselor(desk, command, by, now)
    else:
        raise NotPermitted
    if desk.events or isinstance(command, Elapse):
        ring(desk, now)
    return desk.events


def _decide_system(desk: Desk, command: Command, now: datetime) -> None:
    """News of the other rooms, of presence and of time; never refused, since it may be told twice or too late."""
    match command:
        case Configure() if (command.policy, command.version) != (desk.state.policy, desk.state.policy_version):
            desk.emit(DeskConfigured(command.policy, command.version))
        case PublishHours() if (command.intervals, command.version) != (
            desk.state.intervals,
            desk.state.hours_version,
        ):
            desk.emit(HoursPublished(command.intervals, command.version))
        case RequestTicket():
            _request(desk, command, now)
        case EnterSeat():
            _enter(desk, command)
        case LoseSeat(counselor=counselor):
            _lose(desk, counselor, now)
        case FreeSeat(contact=contact):
            _free(desk, contact)
        case Elapse():
            clockwork.elapse(desk, now)
        case LowerTicket() | MarkTicketAway() | MarkTicketBack() | WithdrawTicket() | BeginWrapUp():
            ticket = desk.state.tickets.get(command.contact)
            if ticket is not None:
                _about(desk, ticket, command, now)
        case _:
            alarm_call.decide(desk, command)


def _request(desk: Desk, command: RequestTicket, now: datetime) -> None:
    """Issue a ticket, or move the one there is forward; the gate answers for newcomers only."""
    known = desk.state.tickets.get(command.contact)
    policy = desk.state.policy
    if known is not None:
        risk = max(command.risk, known.risk)
        due_at = min(known.due_at, due_of(known.arrived_at, risk, policy))
        if risk > known.risk or due_at < known.due_at:
            desk.emit(TicketRaised(known.contact, risk, min(known.tier, tier_of(risk)), due_at))
        return
    seats = desk.state.seats.values()
    if any(command.contact in seat.owed for seat in seats):
        return  # the talk is over and being written up: nobody would answer a second ticket
    said, opens_at = gate.answer(desk.state.intervals, seats, command.medium, command.risk, now)
    if said != "admit":
        desk.emit(TicketDeflected(command.contact, said, opens_at))
        return
    desk.emit(
        TicketIssued(
            contact=command.contact,
            number=desk.state.next_number,
            medium=command.medium,
            risk=command.risk,
            tier=tier_of(command.risk),
            arrived_at=command.arrived_at,
            due_at=due_of(command.arrived_at, command.risk, policy),
            language=command.language,
        )
    )


def _about(desk: Desk, ticket: Ticket, command: Command, now: datetime) -> None:
    """Something happened to a contact that is at the desk."""
    match command:
        case LowerTicket(risk=risk) if risk < ticket.risk:
            desk.emit(TicketLowered(ticket.contact, risk))
        case MarkTicketAway() if ticket.away_since is None:
            if ticket.tier != 0:
                _silence(desk, ticket)
            desk.emit(TicketAway(ticket.contact, now))
        case MarkTicketBack() if ticket.away_since is not None:
            desk.emit(TicketReturned(ticket.contact))
        case WithdrawTicket() | BeginWrapUp() if ticket.waits:
            _silence(desk, ticket)
            desk.emit(TicketWithdrawn(ticket.contact))
        case WithdrawTicket() if ticket.phase is TicketPhase.ACTIVE and ticket.owner is not None:
            desk.emit(SeatFreed(ticket.contact, ticket.owner))  # left in the instant somebody accepted
        case BeginWrapUp() if ticket.phase is TicketPhase.ACTIVE and ticket.owner is not None:
            until = now + desk.state.policy.wrap_up(ticket.risk)
            desk.emit(WrapUpBegan(ticket.contact, ticket.owner, until))


def _silence(desk: Desk, ticket: Ticket) -> None:
    """Stop whatever rings for a ticket."""
    for offer in ticket.offers:
        desk.emit(OfferCancelled(offer.offer, ticket.contact, offer.counselor))


def _enter(desk: Desk, command: EnterSeat) -> None:
    """Somebody opened a console: a new seat, or one that comes back with what it held."""
    seat = desk.state.seats.get(command.counselor)
    if seat is None or seat.state is SeatState.OFF:
        desk.emit(SeatEntered(command.counselor, command.name, command.grade))
    elif seat.lost_at is not None:
        desk.emit(SeatReturned(command.counselor))


def _lose(desk: Desk, counselor: str, now: datetime) -> None:
    """A counselor's last socket is gone: nothing rings there, and what is in hand waits for the grace."""
    seat = desk.state.seats.get(counselor)
    if seat is not None and seat.lost_at is None and seat.state is not SeatState.OFF:
        _hush(desk, seat)
        desk.emit(SeatLost(counselor, now))


def _hush(desk: Desk, seat: Seat) -> None:
    """Take back the offer that rings at a seat."""
    for ticket in desk.state.tickets.values():
        for offer in ticket.offers:
            if offer.counselor == seat.counselor:
                desk.emit(OfferCancelled(offer.offer, ticket.contact, offer.counselor))
                return


def _outgrown(desk: Desk, counselor: str) -> None:
    """Fewer slots than before: an offer that no longer fits is taken back."""
    seat = desk.state.seats[counselor]
    for ticket in desk.state.tickets.values():
        if seat.offer in {offer.offer for offer in ticket.offers} and not can_hold(desk.state, seat, ticket):
            _hush(desk, seat)
            return


def _free(desk: Desk, contact: str) -> None:
    """The contact is written up, on time or late."""
    ticket = desk.state.tickets.get(contact)
    if ticket is not None and ticket.owner is not None:
        desk.emit(SeatFreed(contact, ticket.owner))
        return
    for seat in desk.state.seats.values():
        if contact in seat.owed:
            desk.emit(SeatFreed(contact, seat.counselor))
            return


def _decide_counselor(desk: Desk, command: Command, by: Actor, now: datetime) -> None:
    """What somebody at the console says."""
    seat = desk.state.seats.get(by.id)
    if seat is None or not seat.present:
        raise Refused("not_ready")
    match command:
        case ReadySeat(slots=slots):
            desk.emit(SeatReady(by.id, min(slots, desk.state.policy.slots_limit), now))
            _outgrown(desk, by.id)
        case PauseSeat(reason=reason):
            _hush(desk, seat)
            desk.emit(SeatPaused(by.id, reason, now))
        case LeaveSeat():
            if seat.contacts:
                raise Refused("contacts_in_hand")
            _hush(desk, seat)
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
    _silence(desk, desk.state.tickets[ticket.contact])


def _take(desk: Desk, seat: Seat, now: datetime) -> None:
    """A self-offer accepted at once, in the same order as everybody is offered; at most one above the chosen slots."""
    if seat.state is not SeatState.READY:
        raise Refused("not_ready")
    for ticket in in_order(desk.state.tickets.values()):
        if ticket.may_ring and can_hold(desk.state, seat, ticket, extra=1):
            _hush(desk, seat)
            offer = f"{ticket.contact}.{ticket.epoch}.{ticket.asked + 1}"
            desk.emit(OfferRung(offer, ticket.contact, seat.counselor, now, now + timedelta(seconds=1)))
            _accept(desk, desk.state.seats[seat.counselor], offer)
            return
    raise Refused("no_one_waiting")


DECIDER = Decider(
    kind="desk",
    initial=DeskState(),
    decide=decide,
    evolve=evolve,
    due=clockwork.due,
    state_type=DeskState,
    commands=COMMANDS,
    events=EVENTS,
    opening=(Configure, PublishHours, EnterSeat),  # a counselor may be there before the hours are
    sealed=False,
)
