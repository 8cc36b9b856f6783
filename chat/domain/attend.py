"""Who is present beside the counselor: monitor reads, whisper is heard by the staff, barge writes to both.

Barging makes a participant of somebody, in an event the visitor sees: whoever may write to a visitor is known to them.
"""

from collections.abc import Mapping

from chat.attend_messages import AttendSession, SessionAttended
from chat.messages import ParticipantJoined, ParticipantLeft
from kernel.errors import Refused
from kernel.terms import Attending, Role
from kernel.wire import Event

Present = Mapping[str, Attending]
SPEAKING = frozenset({Attending.WHISPER, Attending.BARGE})


def attend(present: Present, participants: tuple[str, ...], command: AttendSession) -> tuple[Event, ...]:
    """Somebody comes, changes or goes; who came for an escalation is inside already and stays as they are."""
    before, now, person = present.get(command.person), command.how, command.person
    if before is now or (before is None and person in participants):
        return ()
    events: list[Event] = [SessionAttended(person, command.grade, now)]
    if now is Attending.BARGE and person not in participants:
        events.append(ParticipantJoined(person, command.grade))
    if before is Attending.BARGE:
        events.append(ParticipantLeft(person))
    return tuple(events)


def join(present: Present, participants: tuple[str, ...], person: str, grade: Role) -> tuple[Event, ...]:
    """Who comes for an escalation is more than present: they write, and stay until it is over."""
    gone: tuple[Event, ...] = (SessionAttended(person, grade, None),) if person in present else ()
    return gone if person in participants else (*gone, ParticipantJoined(person, grade))


def leaving(present: Present, participants: tuple[str, ...]) -> tuple[Event, ...]:
    """When an escalation ends its helpers leave; a supervisor who barged in does not."""
    return tuple(ParticipantLeft(person) for person in summoned(present, participants))


def summoned(present: Present, participants: tuple[str, ...]) -> tuple[str, ...]:
    """Participants who did not barge in: they came for an escalation."""
    return tuple(person for person in participants if present.get(person) is not Attending.BARGE)


def without(
    present: Present, participants: tuple[str, ...], person: str
) -> tuple[dict[str, Attending], tuple[str, ...]]:
    """Everybody beside the owner but one."""
    others = {each: how for each, how in present.items() if each != person}
    return others, tuple(each for each in participants if each != person)


def evolve(present: Present, event: SessionAttended) -> dict[str, Attending]:
    """Who is present after one more event."""
    others = {person: how for person, how in present.items() if person != event.person}
    return others if event.how is None else {**others, event.person: event.how}


def may_whisper(present: Present, person: str) -> None:
    """Raise Refused where somebody is not here, or only reads."""
    if person not in present:
        raise Refused("not_yours")
    if present[person] not in SPEAKING:
        raise Refused("read_only")
