"""Being beside a talk: a supervisor attends or takes over, a colleague is consulted; one owner at any time.

Whoever is beside must be at a console: when their seat is given up they are let go, as the owner would be.
"""

from datetime import datetime, timedelta

from kernel.decider import Draft
from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Attending, Medium
from kernel.wire import Command
from queueing.domain.beside import Beside
from queueing.domain.capacity import held
from queueing.domain.duty import hush
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket, TicketPhase
from queueing.domain.seat import Seat, SeatState
from queueing.messages import TransferAccepted
from queueing.messages.attend import (
    AcceptConsult,
    AskConsult,
    AttendContact,
    ConsultAsked,
    ConsultEnded,
    ContactAttended,
    ContactTakenOver,
    EndConsult,
    TakeOver,
)

Desk = Draft[DeskState]


def decide(desk: Desk, command: Command, by: Actor, now: datetime) -> None:
    """What somebody at a console says about a talk that is another's; the desk has seen to it who may say so."""
    ticket = desk.state.tickets.get(getattr(command, "contact", ""))
    if ticket is None or ticket.phase is not TicketPhase.ACTIVE:
        raise Refused("not_open")
    seat = _seat(desk, by.id)
    match command:
        case AttendContact(how=how):
            _attend(desk, ticket, seat, how, now)
        case TakeOver(reason=reason):
            _take_over(desk, ticket, seat, reason, now)
        case AskConsult(to=to):
            _ask(desk, ticket, by.id, to, now)
        case AcceptConsult():
            if ticket.company.asked is None or ticket.company.asked.to != by.id:
                raise Refused("stale_offer")
            desk.emit(ContactAttended(ticket.contact, by.id, seat.grade, Attending.WHISPER, "consult", now))
        case EndConsult():
            _end(desk, ticket, by.id, now)
        case _:
            raise NotPermitted


def _seat(desk: Desk, person: str) -> Seat:
    """A seat whose console is open, ready or not."""
    seat = desk.state.seats.get(person)
    if seat is None or not seat.present:
        raise Refused("no_seat")
    return seat


def _attend(desk: Desk, ticket: Ticket, seat: Seat, how: Attending | None, now: datetime) -> None:
    """A supervisor comes, changes or goes; each change is an event, so each is in the log."""
    if ticket.owner == seat.counselor:
        raise Refused("own_contact")
    here = ticket.company.present.get(seat.counselor)
    if (here.how if here is not None else None) is how:
        return
    released = how is None and _lets_go(desk.state, seat.counselor, ticket.contact)
    desk.emit(ContactAttended(ticket.contact, seat.counselor, seat.grade, how, "supervision", now, released))


def _take_over(desk: Desk, ticket: Ticket, seat: Seat, reason: str, now: datetime) -> None:
    """Into the supervisor's hands whatever their slots say; only a call still wants somebody whole."""
    if ticket.owner == seat.counselor or ticket.owner is None:
        raise Refused("own_contact")
    if not reason.strip():
        raise Refused("no_reason")
    hands = held(desk.state, seat)
    if any(other.medium is Medium.VOICE for other in hands) or (ticket.medium is Medium.VOICE and hands):
        raise Refused("hands_full")
    hush(desk, seat)
    desk.emit(ContactTakenOver(ticket.contact, seat.counselor, reason))
    epoch = ticket.epoch + 1
    desk.emit(TransferAccepted(ticket.contact, ticket.owner, seat.counselor, seat.name, seat.grade, epoch, now))


def _ask(desk: Desk, ticket: Ticket, owner: str, to: str, now: datetime) -> None:
    """Ask a colleague whose console is open, whatever they have in hand: reading along takes no slot."""
    if ticket.owner != owner or to == owner:
        raise Refused("not_yours")
    _seat(desk, to)
    if ticket.company.asked is not None:
        desk.emit(ConsultEnded(ticket.contact, ticket.company.asked.to, "withdrawn"))
    until = now + timedelta(seconds=desk.state.policy.transfer_s)
    desk.emit(ConsultAsked(ticket.contact, owner, to, until))


def _end(desk: Desk, ticket: Ticket, person: str, now: datetime) -> None:
    """The owner lets everybody go whom they consulted; anybody else goes, or does not come."""
    asked, owner = ticket.company.asked, ticket.owner == person
    if asked is not None and (owner or asked.to == person):
        desk.emit(ConsultEnded(ticket.contact, asked.to, "withdrawn" if owner else "declined"))
        return
    consulted = [each for each, beside in ticket.company.present.items() if beside.why == "consult"]
    going = consulted if owner else [each for each in consulted if each == person]
    if not going:
        raise Refused("stale_offer")
    for each in going:
        _gone(desk, ticket, each, now)


def _gone(desk: Desk, ticket: Ticket, person: str, now: datetime) -> None:
    """Somebody is not beside the talk any more."""
    beside = ticket.company.present[person]
    released = _lets_go(desk.state, person, ticket.contact)
    desk.emit(ContactAttended(ticket.contact, person, beside.grade, None, beside.why, now, released))


def _lets_go(state: DeskState, person: str, contact: str) -> bool:
    """Tell whether nothing else keeps somebody at a contact: it is not in their hands, and no alarm of theirs."""
    seat, alarm = state.seats.get(person), state.alarms.get(contact)
    holds = seat is not None and contact in (*seat.contacts, *seat.owed)
    return not holds and (alarm is None or person not in (alarm.owner, *alarm.helpers))


def tidy(desk: Desk, before: DeskState, now: datetime) -> None:
    """Let go of whoever is beside a talk that ended, changed hands or lost them; of questions nobody answers too."""
    accompanied = [each for each in before.tickets.values() if each.company.present or each.company.asked is not None]
    for ticket in accompanied:
        present, asked = ticket.company.present, ticket.company.asked
        if asked is not None:
            _tidy_question(desk, ticket, now)
        for person, beside in present.items():
            after = desk.state.tickets.get(ticket.contact)
            if after is not None and person not in after.company.present:
                continue  # said so already
            if after is None or not _stays(desk.state, ticket, after, person, beside):
                _gone(desk, ticket, person, now)


def _stays(state: DeskState, before: Ticket, after: Ticket, person: str, beside: Beside) -> bool:
    """Beside a talk that goes on, at an open seat, not as its owner; who was consulted, beside who asked."""
    seat = state.seats.get(person)
    if seat is None or seat.state is SeatState.OFF or after.owner == person:
        return False
    if after.phase not in (TicketPhase.ACTIVE, TicketPhase.WAITING):
        return False
    return beside.why == "supervision" or after.owner == before.owner


def _tidy_question(desk: Desk, before: Ticket, now: datetime) -> None:
    """A question ends with its time, with the talk, and with whoever asked or was asked."""
    after, asked = desk.state.tickets.get(before.contact), before.company.asked
    if after is None or asked is None or after.company.asked != asked:
        return
    seat = desk.state.seats.get(asked.to)
    if asked.until <= now:
        desk.emit(ConsultEnded(before.contact, asked.to, "lapsed"))
    elif seat is None or not seat.present or after.owner != before.owner or after.phase is not TicketPhase.ACTIVE:
        desk.emit(ConsultEnded(before.contact, asked.to, "withdrawn"))
