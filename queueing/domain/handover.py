"""From hand to hand: warm transfer with one owner at any time, and a supervisor's own choice, with its reason."""

from datetime import datetime, timedelta

from kernel.decider import Draft
from kernel.errors import Refused
from kernel.terms import Actor
from kernel.wire import Command
from queueing.domain.capacity import reach
from queueing.domain.duty import hush, silence
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket, TicketPhase
from queueing.domain.seat import Seat, SeatState
from queueing.messages import (
    AcceptTransfer,
    AssignTicket,
    EndTransfer,
    OfferRung,
    OfferTransfer,
    TicketAssigned,
    TransferAccepted,
    TransferEnded,
    TransferOffered,
)

Desk = Draft[DeskState]
TAKING = frozenset({SeatState.READY, SeatState.STANDBY})


def decide(desk: Desk, command: Command, by: Actor, now: datetime) -> None:
    """What a counselor says about handing over."""
    ticket = _in_hands(desk, command)
    match command:
        case OfferTransfer(to=to):
            if ticket.owner != by.id or to == by.id:
                raise Refused("not_yours")
            _ask(desk, ticket, to, now)
        case AcceptTransfer():
            _take_over(desk, ticket, by, now)
        case EndTransfer():
            if ticket.transfer is None or by.id not in (ticket.owner, ticket.transfer.to):
                raise Refused("stale_offer")
            why = "withdrawn" if by.id == ticket.owner else "declined"
            desk.emit(TransferEnded(ticket.contact, ticket.transfer.to, why))  # type: ignore[arg-type]  # mypy: one of two


def _in_hands(desk: Desk, command: Command) -> Ticket:
    """The contact spoken of, which must be in somebody's hands."""
    ticket = desk.state.tickets.get(getattr(command, "contact", ""))
    if ticket is None or ticket.phase is not TicketPhase.ACTIVE:
        raise Refused("stale_offer")
    return ticket


def _ask(desk: Desk, ticket: Ticket, to: str, now: datetime) -> None:
    """Ask a colleague who is there and has room, one above the slots included."""
    _able(desk, ticket, to)
    if ticket.transfer is not None:
        desk.emit(TransferEnded(ticket.contact, ticket.transfer.to, "withdrawn"))
    until = now + timedelta(seconds=desk.state.policy.transfer_s)
    desk.emit(TransferOffered(ticket.contact, ticket.owner or "", to, until))


def _take_over(desk: Desk, ticket: Ticket, by: Actor, now: datetime) -> None:
    """The one who was asked takes over, if they still can."""
    if ticket.transfer is None or ticket.transfer.to != by.id or ticket.owner is None:
        raise Refused("stale_offer")
    seat = _able(desk, ticket, by.id)
    hush(desk, seat)
    epoch = ticket.epoch + 1
    desk.emit(TransferAccepted(ticket.contact, ticket.owner, by.id, seat.name, seat.grade, epoch, now))


def _able(desk: Desk, ticket: Ticket, to: str) -> Seat:
    """Somebody who is here, takes contacts and has room; refused otherwise."""
    seat = desk.state.seats.get(to)
    if seat is None or not seat.present or seat.state not in TAKING:
        raise Refused("not_ready")
    if ticket.contact in seat.contacts or reach(desk.state, seat, ticket, extra=1) is None:
        raise Refused("not_ready")
    return seat


def assign(desk: Desk, command: AssignTicket, now: datetime) -> None:
    """A supervisor's choice: whoever is asked still answers for themselves."""
    ticket = desk.state.tickets.get(command.contact)
    if ticket is None or ticket.phase is TicketPhase.WRAP_UP or (ticket.waits and not ticket.may_ring):
        raise Refused("no_one_waiting")
    if not command.reason.strip():
        raise Refused("no_reason")
    seat = _able(desk, ticket, command.to)
    desk.emit(TicketAssigned(ticket.contact, command.to, command.reason))
    if not ticket.waits:
        _ask(desk, ticket, command.to, now)
        return
    silence(desk, ticket)
    hush(desk, seat)
    ticket = desk.state.tickets[command.contact]
    until = now + desk.state.policy.ring(ticket.risk, ticket.medium)
    desk.emit(OfferRung(ticket.next_offer, ticket.contact, command.to, now, until))
