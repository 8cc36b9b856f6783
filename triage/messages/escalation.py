"""The words of an escalation: a call for help now, climbed until a person has it, closed by a supervisor."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from kernel.terms import Role
from kernel.wire import Command, Event, Name, Note

Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=1000, pattern=r"^[^\x00]*$")]
Passage = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00]*$")]
# Why an escalation was opened, or climbs again.
Cause = Literal["imminent", "visitor_key", "support", "stranded", "counselor_lost", "no_news"]


class Item(StrEnum):
    """The checklist of a crisis: what has to be thought of, in the order it is usually done."""

    ACTIVE_ENGAGEMENT = "active_engagement"  # 主动投入
    LOCATION_ASKED = "location_asked"  # 询问所在位置
    SAFETY_PLAN = "safety_plan"  # 安全计划
    LEAST_INVASIVE = "least_invasive"  # 先用最小侵入的办法


class Service(StrEnum):
    """Whom an active rescue calls."""

    POLICE = "110"
    AMBULANCE = "120"
    FAMILY = "family"


class Outcome(StrEnum):
    """How an escalation ended, as its supervisor says."""

    SAFE = "safe"  # 已安全
    RESCUED = "rescued"  # 救援已确认
    HANDED_OVER = "handed_over"  # 已移交
    NO_DANGER = "no_danger"  # 无即时危险
    UNREACHABLE = "unreachable"  # 已无法联系


class SafetyPlan(msgspec.Struct, frozen=True):
    """What helps when it gets hard, in the six steps of Stanley and Brown; in the visitor's own words."""

    warning_signs: Passage = ""
    coping: Passage = ""
    distraction: Passage = ""
    people: Passage = ""
    professionals: Passage = ""
    surroundings: Passage = ""


# --- commands -----------------------------------------------------------------------------------------


class HelpNow(Command, frozen=True, tag="help.now"):
    """One key: a visitor needs somebody at once, or a counselor needs support."""


class OpenEscalation(Command, frozen=True, tag="escalation.open"):
    """News of another room that nobody may miss: a visitor in danger is gone, or has lost their counselor."""

    cause: Cause


class Acknowledge(Command, frozen=True, tag="escalation.acknowledge"):
    """I have it: the ladder stops climbing."""


class JoinEscalation(Command, frozen=True, tag="escalation.join"):
    """Come into the same conversation; the counselor stays, and nothing has to be told twice."""


class LeaveEscalation(Command, frozen=True, tag="escalation.leave"):
    """Step out of the conversation again."""


class CheckItem(Command, frozen=True, tag="escalation.check"):
    """One thing of the checklist has been done, or was thought of and left, with a word about it."""

    item: Item
    note: Note = ""


class KeepSafetyPlan(Command, frozen=True, tag="safety_plan.keep"):
    """What visitor and counselor have agreed on; the visitor can keep it."""

    plan: SafetyPlan


class CallRescue(Command, frozen=True, tag="rescue.call"):
    """Active rescue breaks confidentiality: whom it calls, why, and which colleague was consulted first."""

    service: Service
    reason: Reason
    consulted: Name


class ConfirmRescue(Command, frozen=True, tag="rescue.confirm"):
    """The rescue has reached the person; how that is known."""

    note: Reason


class CloseEscalation(Command, frozen=True, tag="escalation.close"):
    """A supervisor ends it, with a reason."""

    outcome: Outcome
    reason: Reason


# --- events -------------------------------------------------------------------------------------------


class HelpAsked(Event, frozen=True, tag="help.asked"):
    """The visitor pressed the key."""


class EscalationOpened(Event, frozen=True, tag="escalation.opened"):
    """Somebody must come now."""

    escalation: int
    cause: Cause
    line: str
    at: datetime
    by: str = ""


class EscalationClimbed(Event, frozen=True, tag="escalation.climbed"):
    """The ladder reached this rung (0 is the first); nobody has acknowledged yet."""

    escalation: int
    rung: int
    line: str
    at: datetime


class EscalationAcknowledged(Event, frozen=True, tag="escalation.acknowledged"):
    """A person has it."""

    escalation: int
    person: str
    grade: Role
    line: str
    at: datetime


class EscalationReminded(Event, frozen=True, tag="escalation.reminded"):
    """No news for a while from whoever has it: they and the duty supervisor are asked."""

    escalation: int
    at: datetime


class EscalationRenewed(Event, frozen=True, tag="escalation.renewed"):
    """It climbs again from the first rung, and nobody has it until somebody acknowledges."""

    escalation: int
    cause: Cause
    line: str
    at: datetime


class EscalationJoined(Event, frozen=True, tag="escalation.joined"):
    """Somebody comes into the conversation."""

    escalation: int
    person: str
    grade: Role
    line: str


class EscalationLeft(Event, frozen=True, tag="escalation.left"):
    """Somebody stepped out of the conversation."""

    escalation: int
    person: str
    line: str


class ItemChecked(Event, frozen=True, tag="escalation.checked"):
    """One thing of the checklist is done."""

    escalation: int
    item: Item
    person: str
    at: datetime
    note: str = ""


class SafetyPlanKept(Event, frozen=True, tag="safety_plan.kept"):
    """The plan as it stands; a later one replaces it."""

    plan: SafetyPlan


class RescueCalled(Event, frozen=True, tag="rescue.called"):
    """Confidentiality was broken to save a life: by whom, after asking whom, for which reason."""

    escalation: int
    service: Service
    reason: str
    person: str
    consulted: str
    at: datetime


class RescueConfirmed(Event, frozen=True, tag="rescue.confirmed"):
    """The rescue has reached the person."""

    escalation: int
    note: str
    at: datetime


class EscalationClosed(Event, frozen=True, tag="escalation.closed"):
    """A supervisor ended it."""

    escalation: int
    outcome: Outcome
    reason: str
    line: str


class DebriefPrompted(Event, frozen=True, tag="debrief.prompted"):
    """Whoever was in it is asked to rest until `rest_until` and to talk it over with a supervisor."""

    escalation: int
    people: tuple[str, ...]
    rest_until: datetime
