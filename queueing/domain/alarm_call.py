"""What an escalation asks of the desk: the case decides who is to be called, the desk knows who is here."""

from kernel.decider import Draft
from kernel.terms import Role
from kernel.wire import Command
from queueing.domain.alarm import Alarm
from queueing.domain.ledger import DeskState
from queueing.domain.seat import Seat
from queueing.messages import (
    AlarmCleared,
    AlarmJoined,
    AlarmLeft,
    AlarmRaised,
    AlarmRung,
    AlarmTaken,
    ClearAlarm,
    JoinAlarm,
    LeaveAlarm,
    RaiseAlarm,
    RingAlarm,
    TakeAlarm,
)

AlarmCommand = RaiseAlarm | RingAlarm | TakeAlarm | JoinAlarm | LeaveAlarm | ClearAlarm


def decide(desk: Draft[DeskState], command: Command) -> None:
    """News of a case; about an alarm that is not there only raising says anything."""
    alarm = desk.state.alarms.get(getattr(command, "contact", ""))
    if isinstance(command, RaiseAlarm):
        if alarm is None or alarm.at != command.at:
            desk.emit(AlarmRaised(command.contact, command.cause, command.at))
        return
    if alarm is None:
        return
    match command:
        case RingAlarm() if alarm.page != command.page:
            people = called(desk.state, alarm, command.to)
            if people or alarm.to != command.to:
                desk.emit(AlarmRung(alarm.contact, command.page, command.to, people))
        case TakeAlarm(person=person) if alarm.owner != person:
            desk.emit(AlarmTaken(alarm.contact, person))
        case JoinAlarm(person=person) if person not in alarm.helpers:
            desk.emit(AlarmJoined(alarm.contact, person))
        case LeaveAlarm(person=person) if person in alarm.helpers:
            stays = person == alarm.owner or _holds(desk.state, person, alarm.contact)
            desk.emit(AlarmLeft(alarm.contact, person, not stays))
        case ClearAlarm():
            here = dict.fromkeys((*alarm.helpers, *([alarm.owner] if alarm.owner else [])))
            released = tuple(person for person in here if not _holds(desk.state, person, alarm.contact))
            desk.emit(AlarmCleared(alarm.contact, released))


def _holds(state: DeskState, person: str, contact: str) -> bool:
    """Tell whether a contact is in somebody's hands, or owed a disposition by them."""
    seat = state.seats.get(person)
    return seat is not None and contact in (*seat.contacts, *seat.owed)


def called(state: DeskState, alarm: Alarm, to: str) -> tuple[str, ...]:
    """Whose consoles call: one supervisor, then a second, then everybody who is here; never nobody while anybody is."""
    here = [seat for seat in state.seats.values() if seat.present]
    leading = [*_graded(here, Role.SUPERVISOR), *_graded(here, Role.CRISIS_WORKER)]
    fresh = [person for person in leading if person not in alarm.called]
    if to == "duty_supervisor" and leading:
        return (leading[0],)
    if to == "second_supervisor" and fresh:
        return (fresh[0],)
    return tuple(seat.counselor for seat in here)


def _graded(seats: list[Seat], grade: Role) -> list[str]:
    """Those of a grade, in the order in which they came."""
    return [seat.counselor for seat in seats if seat.grade is grade]
