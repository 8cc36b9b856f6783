"""The words of the session: what visitor and counselor may say, and what the log then holds."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from chat import call_messages as call
from chat.attend_messages import AttendSession, PostWhisper, SessionAttended, WhisperPosted
from chat.closed_messages import AskAgain, ContactAsked, EntrustWords, WordsEntrusted
from kernel.decider import Elapse
from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Command, Event, Name, Note, Seq, Short, Words

Language = Literal["zh-Hans", "en"]


class Disposition(StrEnum):
    """How a contact ended; chosen by a person at wrap-up."""

    RESOLVED = "resolved"  # 已疏导
    SELF_HELP = "self_help"  # 提供自助资源
    REFERRED = "referred"  # 转介
    APPOINTMENT = "appointment"  # 预约
    FOLLOW_UP = "follow_up"  # 需要随访
    CRISIS = "crisis"  # 危机干预
    INFORMATION = "information"  # 信息咨询
    THIRD_PARTY = "third_party"  # 第三方来访
    SILENT = "silent"  # 沉默来访
    ABUSIVE = "abusive"  # 骚扰来访
    LEFT = "left"  # 来访者离开


# --- commands -----------------------------------------------------------------------------------------


class OpenContact(Command, frozen=True, tag="contact.open"):
    """A visitor connects to a line. Given by the entry door, which minted the contact's id."""

    line: Name
    medium: Medium = Medium.TEXT
    language: Language = "zh-Hans"


class PostMessage(Command, frozen=True, tag="message.post"):
    """Say something."""

    text: Words


class MarkReceipt(Command, frozen=True, tag="receipt.mark"):
    """Tell how far the other side's messages have arrived on this screen and were seen."""

    delivered: Seq
    read: Seq


class EndSession(Command, frozen=True, tag="session.end"):
    """Finish the talk; either side may."""


class SubmitWrapUp(Command, frozen=True, tag="wrap_up.submit"):
    """The counselor's closing words on a contact: how it ended, and a note for colleagues."""

    disposition: Disposition
    note: Note = ""
    issues: Annotated[tuple[Name, ...], msgspec.Meta(max_length=8)] = ()


class Enqueue(Command, frozen=True, tag="session.enqueue"):
    """The desk issued a ticket; `on_screen`: the visitor no longer wishes to be called by telephone."""

    number: int
    on_screen: bool = False


class Deflect(Command, frozen=True, tag="session.deflect"):
    """The desk's gate is closed for this contact."""

    reason: Name
    opens_at: datetime | None


class Assign(Command, frozen=True, tag="session.assign"):
    """The desk gave the contact to a counselor; `epoch` fences whoever held it before."""

    counselor: Name
    name: Short
    grade: Role
    epoch: int


class Requeue(Command, frozen=True, tag="session.requeue"):
    """The desk took the contact back from a counselor who was lost."""

    epoch: int


class Abandon(Command, frozen=True, tag="session.abandon"):
    """The visitor stayed away past the grace."""


class MarkAway(Command, frozen=True, tag="visitor.leave"):
    """The visitor's last socket is gone."""


class MarkBack(Command, frozen=True, tag="visitor.return"):
    """The visitor is on a socket again."""


class NoteRisk(Command, frozen=True, tag="session.note_risk"):
    """Mirror the case's risk level, which decides how patient the timers are."""

    level: RiskLevel


class JoinParticipant(Command, frozen=True, tag="participant.join"):
    """Somebody comes beside the counselor, in a crisis; the owner stays the one there is."""

    person: Name
    grade: Role


class LeaveParticipant(Command, frozen=True, tag="participant.leave"):
    """Somebody who came beside the counselor steps out."""

    person: Name


class NoteEscalation(Command, frozen=True, tag="session.note_escalation"):
    """Mirror whether an escalation of the case is open; when it ends, whoever came for it leaves."""

    open: bool


# --- events -------------------------------------------------------------------------------------------


class ContactOpened(Event, frozen=True, tag="contact.opened"):
    """A contact began; the whole waiting time counts from here."""

    contact: str
    line: str
    medium: Medium
    language: Language
    at: datetime


class ContactQueued(Event, frozen=True, tag="contact.queued"):
    """The visitor holds a ticket; `on_screen`: to be answered here, and no longer by telephone."""

    number: int
    on_screen: bool = False


class ContactDeflected(Event, frozen=True, tag="contact.deflected"):
    """The line is closed; `opens_at` says when it opens next, if known."""

    reason: str
    opens_at: datetime | None = None


class CounselorJoined(Event, frozen=True, tag="counselor.joined"):
    """A counselor is here."""

    counselor: str
    name: str
    grade: Role
    epoch: int
    at: datetime


class CounselorLost(Event, frozen=True, tag="counselor.lost"):
    """The counselor's line broke for too long; the contact is first in its class again."""

    counselor: str
    epoch: int


class MessagePosted(Event, frozen=True, tag="message.posted"):
    """Something was said. `text` is None once it has been erased."""

    text: str | None
    at: datetime


class ReceiptMarked(Event, frozen=True, tag="receipt.marked"):
    """How far one side has received and read, as seqs of this feed."""

    side: Literal["visitor", "counselor"]
    delivered: int
    read: int


class VisitorAway(Event, frozen=True, tag="visitor.away"):
    """The visitor's connection is lost."""

    line: str
    at: datetime


class VisitorReturned(Event, frozen=True, tag="visitor.returned"):
    """The visitor is connected again."""

    line: str


class IdlePrompted(Event, frozen=True, tag="idle.prompted"):
    """Nobody has written for a while; both are asked whether they are still there."""

    at: datetime


class RiskNoted(Event, frozen=True, tag="risk.noted"):
    """The case's level as the session knows it; never shown to the visitor."""

    level: RiskLevel


class ParticipantJoined(Event, frozen=True, tag="participant.joined"):
    """Somebody is beside the counselor, or there before one is."""

    person: str
    grade: Role


class ParticipantLeft(Event, frozen=True, tag="participant.left"):
    """They stepped out again."""

    person: str


class EscalationNoted(Event, frozen=True, tag="escalation.noted"):
    """Whether an escalation is open, as the session knows it; never shown to the visitor."""

    open: bool


class SessionEnded(Event, frozen=True, tag="session.ended"):
    """The talk is over; `answered` tells whether a counselor was in it."""

    reason: Literal["visitor", "counselor", "idle"]
    line: str
    answered: bool


class ContactAbandoned(Event, frozen=True, tag="contact.abandoned"):
    """The visitor went away before anybody could answer."""

    line: str


class WrapUpSubmitted(Event, frozen=True, tag="wrap_up.submitted"):
    """The contact has a disposition and is closed."""

    disposition: Disposition
    line: str
    note: str = ""
    issues: tuple[str, ...] = ()


VISITOR_COMMANDS = (PostMessage, MarkReceipt, EndSession, AskAgain, *call.VISITOR_SAYS)
COUNSELOR_COMMANDS = (PostMessage, PostWhisper, MarkReceipt, EndSession, SubmitWrapUp, *call.COUNSELOR_SAYS)
SYSTEM_COMMANDS = (
    *(Enqueue, Deflect, Assign, Requeue, Abandon, MarkAway, MarkBack, NoteRisk, AttendSession, EntrustWords),
    *(JoinParticipant, LeaveParticipant, NoteEscalation, *call.SYSTEM_SAYS, Elapse),
)
COMMANDS = (OpenContact, AskAgain, *COUNSELOR_COMMANDS, *SYSTEM_COMMANDS)
EVENTS = (
    ContactOpened,
    ContactQueued,
    ContactDeflected,
    ContactAsked,
    WordsEntrusted,
    CounselorJoined,
    CounselorLost,
    MessagePosted,
    ReceiptMarked,
    VisitorAway,
    VisitorReturned,
    IdlePrompted,
    RiskNoted,
    ParticipantJoined,
    ParticipantLeft,
    EscalationNoted,
    SessionAttended,
    WhisperPosted,
    SessionEnded,
    ContactAbandoned,
    WrapUpSubmitted,
    *call.HAPPENED,
)
