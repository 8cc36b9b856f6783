"""The words of a follow-up: somebody is asked after, by an owner, until a person says how it ended."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from kernel.wire import Command, Event, Name, Note, Short
from triage.messages.escalation import Reason

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Reached(StrEnum):
    """What came of one attempt."""

    SPOKE = "spoke"  # 联系上
    NO_ANSWER = "no_answer"  # 无人应答
    LATER = "later"  # 约了以后
    WRONG = "wrong"  # 联系方式不对
    REFUSED = "refused"  # 不愿被联系


class Ending(StrEnum):
    """How a follow-up ended."""

    SAFE = "safe"  # 情况平稳
    IN_CARE = "in_care"  # 已在接受帮助
    NEW_CONTACT = "new_contact"  # 已再次来访
    DECLINED = "declined"  # 不愿继续
    UNREACHABLE = "unreachable"  # 多次联系未果
    EMERGENCY = "emergency"  # 已转紧急处置
    HANDED_OVER = "handed_over"  # 已移交他人


# --- commands -----------------------------------------------------------------------------------------


class GiveReach(Command, frozen=True, tag="reach.give"):
    """How, and when, somebody may be reached; giving it is a consent to be called back, taking it away ends that."""

    means: Literal["phone", "wechat", "email", "other", "none"]
    value: Short = ""
    hours: Short = ""


class PlanFollowUp(Command, frozen=True, tag="follow_up.plan"):
    """Ask after this person at these instants; also a promised call back."""

    steps: Annotated[tuple[Instant, ...], msgspec.Meta(min_length=1, max_length=8)]
    note: Note = ""


class TakeFollowUp(Command, frozen=True, tag="follow_up.take"):
    """This one is mine."""


class AssignFollowUp(Command, frozen=True, tag="follow_up.assign"):
    """A supervisor names the owner."""

    person: Name


class AttemptFollowUp(Command, frozen=True, tag="follow_up.attempt"):
    """Somebody tried; `again_at` where another time was agreed."""

    outcome: Reached
    note: Note = ""
    again_at: Instant | None = None


class CloseFollowUp(Command, frozen=True, tag="follow_up.close"):
    """It ends, and this is how."""

    disposition: Ending
    note: Reason


# --- events -------------------------------------------------------------------------------------------


class ReachGiven(Event, frozen=True, tag="reach.given"):
    """How somebody may be reached from now on."""

    means: str
    value: str = ""
    hours: str = ""


class FollowUpPlanned(Event, frozen=True, tag="follow_up.planned"):
    """These are the instants; a plan that stood before is replaced, its attempts are kept."""

    cause: str
    steps: tuple[datetime, ...]
    line: str
    note: str = ""


class FollowUpTaken(Event, frozen=True, tag="follow_up.taken"):
    """It has an owner."""

    person: str


class FollowUpFellDue(Event, frozen=True, tag="follow_up.fell_due"):
    """Now is the time to try."""

    step: int
    at: datetime


class FollowUpOverdue(Event, frozen=True, tag="follow_up.overdue"):
    """Nobody has tried, or nobody has said how it ended; `reminders` have been sent."""

    reminders: int
    at: datetime


class FollowUpAttempted(Event, frozen=True, tag="follow_up.attempted"):
    """Somebody tried."""

    outcome: Reached
    person: str
    at: datetime
    note: str = ""
    again_at: datetime | None = None


class FollowUpClosed(Event, frozen=True, tag="follow_up.closed"):
    """A person said how it ended."""

    disposition: Ending
    note: str
