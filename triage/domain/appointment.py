"""The case's side of an appointment: asked for, held, and open until the station or a person says what became of it."""

from datetime import datetime, timedelta

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Role
from kernel.wire import Command, Event
from triage.domain import follow_up, outbox
from triage.domain.outbox import Case
from triage.domain.state import Appointment, CaseState, change
from triage.messages import (
    AppointmentAsked,
    AppointmentCancelled,
    AppointmentEnded,
    AppointmentHeld,
    AppointmentLost,
    AppointmentReminded,
    BookAppointment,
    CancelAppointment,
    CloseAppointment,
    Kept,
    NoteAppointment,
    NoteVisit,
)


def decide(case: Case, command: Command, by: Actor, now: datetime) -> None:
    """What visitor and staff say about it."""
    open_one = case.state.appointment
    if isinstance(command, BookAppointment):
        if open_one is not None:
            raise Refused("already_booked")
        if command.starts_at <= now:
            raise Refused("too_late")
        case.emit(AppointmentAsked(command.partner, command.starts_at, now))
        return
    if open_one is None:
        raise Refused("no_appointment")
    if isinstance(command, CancelAppointment):
        side = "visitor" if by.role is Role.VISITOR else "counselor"
        case.emit(AppointmentCancelled(open_one.partner, open_one.starts_at, side))  # type: ignore[arg-type]
    elif isinstance(command, CloseAppointment) and by.role is not Role.VISITOR:
        _end(case, command.kept, command.note, now)
    else:
        raise NotPermitted


def note(case: Case, command: NoteAppointment | NoteVisit, now: datetime) -> None:
    """The agenda's answer; one about another appointment changes nothing."""
    open_one = case.state.appointment
    if open_one is None or (open_one.partner, open_one.starts_at) != (command.partner, command.starts_at):
        return
    if isinstance(command, NoteVisit):
        _end(case, Kept.CAME if command.came else Kept.MISSED, "", now)
    elif command.answered == "held":
        if not open_one.held:
            case.emit(AppointmentHeld(command.partner, command.starts_at, now))
    else:
        case.emit(AppointmentLost(command.partner, command.starts_at, open_one.held, now))
        if open_one.held:
            follow_up.plan_missed(case, now)


def _end(case: Case, kept: Kept, words: str, now: datetime) -> None:
    """It is over; whoever did not come is asked after."""
    case.emit(AppointmentEnded(kept, words))
    if kept is Kept.MISSED:
        follow_up.plan_missed(case, now)


def due(state: CaseState) -> datetime | None:
    """When somebody has to say what became of it; never in the quiet hours."""
    one = state.appointment
    if one is None:
        return None
    if not one.held:  # asked for, and the agenda has not answered
        return state.rules.awake(one.since + timedelta(hours=1))
    since = max(one.starts_at, one.since)
    return state.rules.awake(since + timedelta(hours=state.rules.appointment_outcome_h))


def elapse(case: Case, now: datetime) -> None:
    """Ask the duty supervisor, again and again, until somebody says so."""
    one, wake = case.state.appointment, due(case.state)
    if one is not None and wake is not None and wake <= now:
        case.emit(AppointmentReminded(one.reminders + 1, now))
        outbox.issue(case, "appointment", 1, "duty_supervisor", ("outward",), now)


def evolve(state: CaseState, event: Event) -> CaseState:
    """Apply one event."""
    one = state.appointment
    if isinstance(event, AppointmentAsked):
        return change(state, appointment=Appointment(event.partner, event.starts_at, since=event.at))
    if one is None:
        return state
    match event:
        case AppointmentHeld():
            return outbox.settled(change(state, appointment=change(one, held=True, reminders=0)), "appointment", 1)
        case AppointmentReminded():
            return change(state, appointment=change(one, reminders=event.reminders, since=event.at))
        case AppointmentLost() | AppointmentCancelled() | AppointmentEnded():
            return outbox.settled(change(state, appointment=None), "appointment", 1)
    return state
