"""An alarm of the desk: an escalation as everybody on duty sees it, without a word of what was said."""

from datetime import datetime

import msgspec

from queueing.messages import AlarmCleared, AlarmJoined, AlarmLeft, AlarmRaised, AlarmRung, AlarmTaken

AlarmEvent = AlarmRaised | AlarmRung | AlarmTaken | AlarmJoined | AlarmLeft | AlarmCleared


class Alarm(msgspec.Struct, frozen=True):
    """Since when and why; `to` is the rung of the ladder, `called` whose consoles call, `owner` who has it.

    `page` is the last call that found somebody here: the same one is not rung twice.
    """

    contact: str
    cause: str
    at: datetime
    to: str = ""
    page: str = ""
    called: tuple[str, ...] = ()
    owner: str | None = None
    helpers: tuple[str, ...] = ()


def evolve(alarms: dict[str, Alarm], event: AlarmEvent) -> dict[str, Alarm]:
    """Apply one event."""
    known = alarms.get(event.contact)
    if isinstance(event, AlarmRaised):
        fresh = Alarm(event.contact, event.cause, event.at, helpers=known.helpers if known else ())
        return {**alarms, event.contact: fresh}
    if known is None or isinstance(event, AlarmCleared):
        return {contact: alarm for contact, alarm in alarms.items() if contact != event.contact}
    return {**alarms, event.contact: _changed(known, event)}


def _changed(alarm: Alarm, event: AlarmRung | AlarmTaken | AlarmJoined | AlarmLeft) -> Alarm:
    """One alarm after one more event."""
    change = msgspec.structs.replace
    match event:
        case AlarmRung():
            called = tuple(dict.fromkeys((*alarm.called, *event.people)))
            return change(alarm, to=event.to, page=event.page if event.people else alarm.page, called=called)
        case AlarmTaken():
            return change(alarm, owner=event.person)
        case AlarmJoined():
            return change(alarm, helpers=(*alarm.helpers, event.person))
        case AlarmLeft():
            return change(alarm, helpers=tuple(person for person in alarm.helpers if person != event.person))
