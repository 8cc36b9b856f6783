"""The words of being beside a talk: a supervisor attends or takes over, a counselor consults a colleague."""

from datetime import datetime
from typing import Literal

from kernel.terms import Attending, Role
from kernel.wire import Command, Event, Name, Short

Why = Literal["supervision", "consult"]


class AttendContact(Command, frozen=True, tag="contact.attend"):
    """A supervisor reads along, whispers to the counselor, or writes to both; None leaves. The counselor sees it."""

    contact: Name
    how: Attending | None


class TakeOver(Command, frozen=True, tag="contact.take_over"):
    """A supervisor makes the talk their own; whoever had it is released in the same instant."""

    contact: Name
    reason: Short


class AskConsult(Command, frozen=True, tag="consult.ask"):
    """Ask a colleague to read along and whisper; the contact stays where it is."""

    contact: Name
    to: Name


class AcceptConsult(Command, frozen=True, tag="consult.accept"):
    """Come beside the colleague who asked."""

    contact: Name


class EndConsult(Command, frozen=True, tag="consult.end"):
    """Decline or step out; the one who asked takes it back or thanks whoever came."""

    contact: Name


# --- events -------------------------------------------------------------------------------------------


class ContactAttended(Event, frozen=True, tag="contact.attended"):
    """How somebody is beside a talk from now on; None: not any more, and `released` from reading it too."""

    contact: str
    person: str
    grade: Role
    how: Attending | None
    why: Why
    at: datetime
    released: bool = False


class ContactTakenOver(Event, frozen=True, tag="contact.taken_over"):
    """A supervisor took a talk, for a reason; the change of hands follows in the same decision."""

    contact: str
    person: str
    reason: str


class ConsultAsked(Event, frozen=True, tag="consult.asked"):
    """A colleague is asked to come beside, until `until`."""

    contact: str
    counselor: str
    to: str
    until: datetime


class ConsultEnded(Event, frozen=True, tag="consult.ended"):
    """The one who was asked did not come."""

    contact: str
    to: str
    why: Literal["declined", "withdrawn", "lapsed"]


ATTENDING = (AttendContact, TakeOver)
CONSULTING = (AskConsult, AcceptConsult, EndConsult)
ATTENDED = (ContactAttended, ContactTakenOver, ConsultAsked, ConsultEnded)
