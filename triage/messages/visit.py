"""The words of the case about the visit itself: intake, risk, and its end."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from kernel.terms import Medium, RiskLevel
from kernel.wire import Command, Event, Name, Note
from triage.policy import CasePolicy


class Topic(StrEnum):
    """What a visitor says the visit is about; the first level of presenting_issue."""

    WORK = "work"
    INCOME = "income"
    RIGHTS = "rights"
    FAMILY = "family"
    RELATIONSHIP = "relationship"
    CHILDREN = "children"
    MOOD = "mood"
    SLEEP = "sleep"
    HEALTH = "health"
    LOSS = "loss"
    OTHER = "other"


class Thoughts(StrEnum):
    """In the last two weeks, thoughts of ending your life?"""

    NO = "no"
    YES = "yes"
    UNSURE = "unsure"


class Plan(StrEnum):
    """Is there a plan, and for when?"""

    NO = "no"
    SOON = "soon"  # within three days
    LATER = "later"


class Acted(StrEnum):
    """Has something happened just now?"""

    NO = "no"
    YES = "yes"


About = Literal["repeated", "third_party", "silent", "abusive"]
Source = Literal["screening", "counselor", "supervisor", "visitor"]


class ReasonCode(msgspec.Struct, frozen=True):
    """Why a level was raised: a rule's id and version, its category, and where in the words (characters)."""

    rule: str
    version: str
    category: str
    start: int = 0
    end: int = 0


class Visit(msgspec.Struct, frozen=True):
    """What the desk must know of a contact to give it a ticket; `arrived_at` is the moment of connection."""

    line: str
    medium: Medium
    language: str
    arrived_at: datetime


# --- commands -----------------------------------------------------------------------------------------


class OpenCase(Command, frozen=True, tag="case.open"):
    """A contact was opened; the intake clock starts. `rules` are the line's own, None where it published none."""

    visit: Visit
    rules: CasePolicy | None = None


class SubmitIntake(Command, frozen=True, tag="intake.submit"):
    """The visitor's answers; every one may be left out, and leaving out never lowers priority."""

    topics: Annotated[tuple[Topic, ...], msgspec.Meta(max_length=4)] = ()
    thoughts: Thoughts | None = None
    plan: Plan | None = None
    acted: Acted | None = None
    about: Literal["self", "other"] = "self"
    text: Note = ""


class RaiseRisk(Command, frozen=True, tag="risk.raise"):
    """Somebody or something heard danger. A machine may only raise."""

    level: RiskLevel
    source: Source
    reasons: Annotated[tuple[ReasonCode, ...], msgspec.Meta(max_length=20)] = ()
    heard_at_seq: int = 0


class LowerRisk(Command, frozen=True, tag="risk.lower"):
    """A named counselor lowers the level and says why."""

    level: RiskLevel
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=1000)]


class JudgeRule(Command, frozen=True, tag="screening.judge"):
    """A counselor says whether a rule of the screening was right about what it heard."""

    rule: Name
    version: Name
    right: bool


class MakeAgreement(Command, frozen=True, tag="agreement.make"):
    """A pace agreed on with whoever comes again and again, for another, in silence or in anger. It bars nobody."""

    about: About
    words: Annotated[str, msgspec.Meta(min_length=2, max_length=300, pattern=r"^[^\x00]*$")]


class EndAgreement(Command, frozen=True, tag="agreement.end"):
    """It no longer holds."""


class CloseCase(Command, frozen=True, tag="case.close"):
    """The visit is over: how, and with which disposition where somebody wrote it up."""

    how: Literal["ended", "abandoned", "written_up"] = "ended"
    disposition: Annotated[str, msgspec.Meta(max_length=40)] = ""


class AskTicket(Command, frozen=True, tag="ticket.ask"):
    """The visitor found the line closed and asks again at `at`, with words that nobody has read or by the key."""

    at: datetime
    words: bool = False


class NoteDeflection(Command, frozen=True, tag="deflection.note"):
    """The desk's gate is closed for this contact until `opens_at`, where that is known."""

    opens_at: datetime | None = None


# --- events -------------------------------------------------------------------------------------------


class CaseOpened(Event, frozen=True, tag="case.opened"):
    """A case stands beside the contact; a visitor who has not answered by `intake_until` is queued all the same."""

    visit: Visit
    intake_until: datetime
    rules: CasePolicy | None = None


class IntakeSubmitted(Event, frozen=True, tag="intake.submitted"):
    """What the visitor answered."""

    topics: tuple[Topic, ...] = ()
    thoughts: Thoughts | None = None
    plan: Plan | None = None
    acted: Acted | None = None
    about: Literal["self", "other"] = "self"
    text: str = ""


class IntakeLapsed(Event, frozen=True, tag="intake.lapsed"):
    """Nobody answered within the intake time; the visitor is queued all the same."""


class RiskAssessed(Event, frozen=True, tag="risk.assessed"):
    """The first level of a contact, from intake; the desk may now be asked."""

    level: RiskLevel
    visit: Visit
    reasons: tuple[ReasonCode, ...] = ()


class TicketAsked(Event, frozen=True, tag="ticket.asked"):
    """A place is asked for again; whoever found the line closed waits from this moment on."""

    level: RiskLevel
    visit: Visit
    words: bool = False


class RiskRaised(Event, frozen=True, tag="risk.raised"):
    """The level went up."""

    level: RiskLevel
    before: RiskLevel
    visit: Visit
    source: str
    reasons: tuple[ReasonCode, ...] = ()
    heard_at_seq: int = 0
    over: bool = False
    """True where the visit had ended: nobody is to be asked for a place in the queue."""


class RiskLowered(Event, frozen=True, tag="risk.lowered"):
    """A person lowered the level."""

    level: RiskLevel
    before: RiskLevel
    line: str
    reason: str


class VisitEnded(Event, frozen=True, tag="visit.ended"):
    """The visit is over; the desk may let go of the contact, after whatever the case asked of it before."""

    line: str
    how: str = "ended"


class RuleJudged(Event, frozen=True, tag="screening.judged"):
    """Feedback on one rule; the last word of a person counts."""

    rule: str
    version: str
    right: bool
    person: str
    at: datetime


class AgreementMade(Event, frozen=True, tag="agreement.made"):
    """What was agreed on; the visitor sees the words and not what the house calls them."""

    words: str
    person: str = ""
    about: str = ""


class AgreementEnded(Event, frozen=True, tag="agreement.ended"):
    """It no longer holds; `risk` where danger was heard, which goes before any pace."""

    cause: Literal["person", "risk"]


class CaseClosed(Event, frozen=True, tag="case.closed"):
    """No escalation, no referral and no follow-up is open: nothing more is expected here."""

    line: str
