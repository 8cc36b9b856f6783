"""The words of whoever is present beside the counselor: a supervisor who reads along, a colleague who is consulted."""

from datetime import datetime

from kernel.terms import Attending, Role
from kernel.wire import Command, Event, Name, Words


class PostWhisper(Command, frozen=True, tag="message.whisper"):
    """Say something to the counselor and whoever is beside them; the visitor never sees it."""

    text: Words


class AttendSession(Command, frozen=True, tag="session.attend"):
    """The desk let somebody in to read along, whisper or write, or let them go (None)."""

    person: Name
    grade: Role
    how: Attending | None


class SessionAttended(Event, frozen=True, tag="session.attended"):
    """How somebody is present from now on; None: not any more. The counselor sees it, the visitor does not."""

    person: str
    grade: Role
    how: Attending | None


class WhisperPosted(Event, frozen=True, tag="whisper.posted"):
    """Something was said among the staff of this contact. `text` is None once it has been erased."""

    text: str | None
    at: datetime
