"""The words of an alarm: an escalation of a case as the desk shows it, given by reactions."""

from datetime import datetime

from kernel.wire import Command, Event, Name


class RaiseAlarm(Command, frozen=True, tag="alarm.raise"):
    """A contact of this line needs a person now; said again, nobody has it any more."""

    contact: Name
    cause: Name
    at: datetime


class RingAlarm(Command, frozen=True, tag="alarm.ring"):
    """Call whoever is at a console: `to` names the rung of the ladder."""

    contact: Name
    page: Name
    to: Name


class TakeAlarm(Command, frozen=True, tag="alarm.take"):
    """A person has it."""

    contact: Name
    person: Name


class JoinAlarm(Command, frozen=True, tag="alarm.join"):
    """Somebody comes into the conversation."""

    contact: Name
    person: Name


class LeaveAlarm(Command, frozen=True, tag="alarm.leave"):
    """Somebody stepped out of the conversation."""

    contact: Name
    person: Name


class ClearAlarm(Command, frozen=True, tag="alarm.clear"):
    """A supervisor closed it."""

    contact: Name


# --- events -------------------------------------------------------------------------------------------


class AlarmRaised(Event, frozen=True, tag="alarm.raised"):
    """A contact needs a person now, and nobody has it yet."""

    contact: str
    cause: str
    at: datetime


class AlarmRung(Event, frozen=True, tag="alarm.rung"):
    """These people's consoles call; nobody where nobody is there."""

    contact: str
    page: str
    to: str
    people: tuple[str, ...]


class AlarmTaken(Event, frozen=True, tag="alarm.taken"):
    """A person has it."""

    contact: str
    person: str


class AlarmJoined(Event, frozen=True, tag="alarm.joined"):
    """Somebody comes into the conversation."""

    contact: str
    person: str


class AlarmLeft(Event, frozen=True, tag="alarm.left"):
    """Somebody stepped out; `released` unless the contact is in their hands or theirs to answer for all the same."""

    contact: str
    person: str
    released: bool = True


class AlarmCleared(Event, frozen=True, tag="alarm.cleared"):
    """It is over; whoever came for it alone lets the contact go."""

    contact: str
    released: tuple[str, ...] = ()
