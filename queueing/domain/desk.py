"""The desk of one line as one decider: tickets come, seats open, offers ring, exactly one accept wins."""

from datetime import datetime, timedelta

from kernel.decider import Decider, Draft, Elapse, Sealing
from kernel.errors import NotPermitted
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command, Event
from queueing.domain import alarm_call, attendance, clockwork, closing, duty, gate, handover, incident, team
from queueing.domain.capacity import wishes
from queueing.domain.duty import freed, hush, silence
from queueing.domain.ledger import DeskState, evolve
from queueing.domain.match import ring
from queueing.domain.order import Ticket, TicketPhase, due_of, tier_of
from queueing.domain.seat import SeatState
from queueing.messages import (
    ATTENDING,
    COMMANDS,
    CONSULTING,
    EVENTS,
    HANDING,
    STEERING,
    SUPERVISOR_COMMANDS,
    TEAM,
    BeginWrapUp,
    BookCallback,
    CallbackBooked,
    CancelCallback,
    Configure,
    DeskConfigured,
    EnterSeat,
    FreeSeat,
    HoursPublished,
    LoseSeat,
    LowerTicket,
    MarkTicketAway,
    MarkTicketBack,
    MediumSwitched,
    PublishHours,
    RequestTicket,
    SeatEntered,
    SeatFreed,
    SeatLost,
    SeatReturned,
    SetShift,
    ShiftSet,
    SwitchMedium,
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
from queueing.messages.incidents import COMMANDS as INCIDENT
from queueing.messages.shifts import CoverageNoted, NoteCoverage
from queueing.messages.team import AcknowledgeNotice
from queueing.messages.waits import NoteWaits, StopSoftly, WaitsNoted
from queueing.policy import DeskPolicy

Desk = Draft[DeskState]
SNAPSHOT_EVERY = 64
"""Events. With a thousand waiting a snapshot is some hundred KiB, an event a few hundred bytes."""
ABOUT = (
    *(BookCallback, CancelCallback, LowerTicket, MarkTicketAway, MarkTicketBack),
    *(WithdrawTicket, BeginWrapUp, SwitchMedium),
)
"""What is said of one contact at the desk; of one that is not there it changes nothing."""


def decide(state: DeskState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer a command with what it causes, then let ring whatever can ring."""
    desk = Draft(state, evolve)
    if by == SYSTEM:
        _decide_system(desk, command, now)
    elif by.is_counseling:
        _decide_staff(desk, command, by, now)
    else:
        raise NotPermitted
    attendance.tidy(desk, state, now)
    if desk.events or isinstance(command, Elapse):
        ring(desk, now)
    return desk.events


def _decide_staff(desk: Desk, command: Command, by: Actor, now: datetime) -> None:
    """A supervisor steers from wherever they are; everything else is said from a seat."""
    if isinstance(command, SUPERVISOR_COMMANDS) and by.role is not Role.SUPERVISOR:
        raise NotPermitted
    if isinstance(command, STEERING):
        closing.steer(desk, command, now)
    elif isinstance(command, INCIDENT):
        incident.decide(desk, command, by, now, now + closing.SURGE_FOR)
    elif isinstance(command, TEAM):
        team.decide(desk, command, by, now)
    elif isinstance(command, (*ATTENDING, *CONSULTING)):
        attendance.decide(desk, command, by, now)
    elif isinstance(command, AcknowledgeNotice):
        team.acknowledge(desk, command, by)
    elif isinstance(command, HANDING):
        handover.decide(desk, command, by, now)
    else:
        duty.decide(desk, command, by, now)


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
            _free(desk, contact, now)
        case SetShift(counselor=counselor, last_offer_at=at, ends_at=ends) if counselor in desk.state.seats:
            seat = desk.state.seats[counselor]
            if (seat.last_offer_at, seat.shift_ends_at) != (at, ends):
                desk.emit(ShiftSet(counselor, at, ends))
        case NoteCoverage(gaps=gaps) if gaps != desk.state.uncovered:
            desk.emit(CoverageNoted(gaps))
        case Elapse():
            clockwork.elapse(desk, now)
        case NoteWaits(waits=waits):
            known = tuple(wait for wait in waits if wait.contact in desk.state.tickets)
            if known:
                desk.emit(WaitsNoted(known, now))
        case StopSoftly():
            closing.stop_softly(desk, command, now)
        case BookCallback() if command.contact not in desk.state.tickets:
            _issue_for_call(desk, command, now)
        case _ if isinstance(command, ABOUT):
            ticket = desk.state.tickets.get(command.contact)
            if ticket is not None:
                _about(desk, ticket, command, now)
        case _:
            alarm_call.decide(desk, command)


def _request(desk: Desk, command: RequestTicket, now: datetime) -> None:
    """Issue a ticket, or move the one there is forward; the gate answers for newcomers only."""
    known = desk.state.tickets.get(command.contact)
    policy = desk.state.policy
    if desk.state.surge_until is not None and now < desk.state.surge_until:
        policy = policy.surging()
    if known is not None:
        risk = max(command.risk, known.risk)
        due_at = min(known.due_at, due_of(known.arrived_at, risk, policy))
        if risk > known.risk or due_at < known.due_at:
            desk.emit(TicketRaised(known.contact, risk, min(known.tier, tier_of(risk)), due_at))
        return
    seats = desk.state.seats.values()
    if any(command.contact in seat.owed for seat in seats):
        return  # the talk is over and being written up: nobody would answer a second ticket
    closed = closing.taking_from(desk.state, command.medium)
    said, opens_at = gate.answer(desk.state.intervals, seats, command.medium, command.risk, now, closed_until=closed)
    if said != "admit":
        desk.emit(TicketDeflected(command.contact, said, opens_at))
        return
    _issue(desk, command, policy, now)


def _issue(desk: Desk, command: RequestTicket, policy: DeskPolicy, now: datetime) -> None:
    """Give a place."""
    same, spoken = wishes(desk.state, command.language, command.asks_for, now)
    wished = command.risk is not RiskLevel.IMMINENT
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
            skills=command.skills,
            asks_for=command.asks_for,
            asks_until=now + timedelta(seconds=policy.same_counselor_s) if wished and same else None,
            speaks_until=now + timedelta(seconds=policy.same_language_s) if wished and spoken else None,
        )
    )


def _issue_for_call(desk: Desk, command: BookCallback, now: datetime) -> None:
    """A place for somebody who has none and would be called; the line may be closed now."""
    at = closing.place_for_call(desk.state, command, now)
    if at is None or any(command.contact in seat.owed for seat in desk.state.seats.values()):
        return
    since = command.arrived_at or now
    asked = RequestTicket(command.contact, command.medium, command.risk, since, command.language)
    _issue(desk, asked, desk.state.policy, now)
    desk.emit(CallbackBooked(command.contact, at if at > now else None, "wish"))


def _about(desk: Desk, ticket: Ticket, command: Command, now: datetime) -> None:
    """Something happened to a contact that is at the desk."""
    match command:
        case BookCallback():
            closing.book(desk, ticket, command, now)
        case CancelCallback():
            closing.take_back(desk, ticket, now)
        case SwitchMedium(medium=medium) if medium is not ticket.medium and not ticket.waits:
            _switch(desk, ticket, medium)
        case LowerTicket(risk=risk) if risk < ticket.risk:
            desk.emit(TicketLowered(ticket.contact, risk))
        case MarkTicketAway() if ticket.away_since is None:
            if ticket.tier != 0:
                silence(desk, ticket)
            desk.emit(TicketAway(ticket.contact, now))
        case MarkTicketBack() if ticket.away_since is not None:
            desk.emit(TicketReturned(ticket.contact))
        case WithdrawTicket() | BeginWrapUp() if ticket.waits:
            silence(desk, ticket)
            desk.emit(TicketWithdrawn(ticket.contact))
        case WithdrawTicket() if ticket.phase is TicketPhase.ACTIVE and ticket.owner is not None:
            freed(desk, ticket, ticket.owner, now)  # left in the instant somebody accepted
        case BeginWrapUp() if ticket.phase is TicketPhase.ACTIVE and ticket.owner is not None:
            until = now + desk.state.policy.wrap_up(ticket.risk)
            desk.emit(WrapUpBegan(ticket.contact, ticket.owner, until))


def _switch(desk: Desk, ticket: Ticket, medium: Medium) -> None:
    """Who begins to talk is rung for nobody else; who writes again may be."""
    desk.emit(MediumSwitched(ticket.contact, medium))
    seat = desk.state.seats.get(ticket.owner or "")
    if medium is Medium.VOICE and seat is not None:
        hush(desk, seat)


def _enter(desk: Desk, command: EnterSeat) -> None:
    """Somebody opened a console: a new seat, or one that comes back with what it held."""
    seat = desk.state.seats.get(command.counselor)
    if seat is None or seat.state is SeatState.OFF:
        desk.emit(SeatEntered(command.counselor, command.name, command.grade, command.languages, command.skills))
    elif seat.lost_at is not None:
        desk.emit(SeatReturned(command.counselor))


def _lose(desk: Desk, counselor: str, now: datetime) -> None:
    """A counselor's last socket is gone: nothing rings there, and what is in hand waits for the grace."""
    seat = desk.state.seats.get(counselor)
    if seat is not None and seat.lost_at is None and seat.state is not SeatState.OFF:
        hush(desk, seat)
        desk.emit(SeatLost(counselor, now))


def _free(desk: Desk, contact: str, now: datetime) -> None:
    """The contact is written up, on time or late."""
    ticket = desk.state.tickets.get(contact)
    if ticket is not None and ticket.owner is not None:
        freed(desk, ticket, ticket.owner, now)
        return
    for seat in desk.state.seats.values():
        if contact in seat.owed:
            desk.emit(SeatFreed(contact, seat.counselor, now))
            return


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
    sealing=Sealing.LASTING,
    snapshot_every=SNAPSHOT_EVERY,
)
