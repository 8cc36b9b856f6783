"""The words of a referral: what is handed over is seen and agreed to by the visitor, field by field, then answered."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from kernel.wire import Command, Event, Name, Note, Short
from triage.messages.escalation import Passage, Reason


class Field(StrEnum):
    """What a packet may hold; a partner's data boundary names those it may be given."""

    NEED = "need"  # 希望得到什么帮助
    CALLED = "called"  # 怎样称呼
    REACH = "reach"  # 联系方式
    SITUATION = "situation"  # 情况简述
    SAFETY = "safety"  # 安全方面已做的事
    WISHES = "wishes"  # 时间、地点等偏好


class Partner(msgspec.Struct, frozen=True):
    """A partner as the visitor is shown it, with what it may be told."""

    id: Name
    name: Short
    boundary: tuple[Field, ...]


Packet = dict[Field, Passage]
Number = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Answer(StrEnum):
    """What a partner says."""

    ACCEPTED = "accepted"  # 接收
    DECLINED = "declined"  # 暂不能接收
    ATTENDED = "attended"  # 已到访
    MISSED = "missed"  # 未到访
    FINISHED = "finished"  # 服务结束


class ReferralEnding(StrEnum):
    """How a person closed a referral."""

    CONNECTED = "connected"  # 已衔接
    OTHER_HELP = "other_help"  # 另有帮助
    NOT_WANTED = "not_wanted"  # 不需要了
    NOT_POSSIBLE = "not_possible"  # 无法衔接


# --- commands -----------------------------------------------------------------------------------------


class OfferReferral(Command, frozen=True, tag="referral.offer"):
    """Propose partners, the first one first, and what they would be told; the directory decides again on reading."""

    partners: Annotated[tuple[Partner, ...], msgspec.Meta(min_length=1, max_length=4)]
    packet: Packet


class AgreeReferral(Command, frozen=True, tag="referral.consent"):
    """Yes to these fields and no others; spoken where a counselor heard it."""

    referral: Number
    fields: Annotated[tuple[Field, ...], msgspec.Meta(min_length=1, max_length=len(Field))]


class RefuseReferral(Command, frozen=True, tag="referral.refuse"):
    """No, or no longer."""

    referral: Number


class SendReferral(Command, frozen=True, tag="referral.send"):
    """Hand the packet over."""

    referral: Number


class ReadReferral(Command, frozen=True, tag="referral.read"):
    """The partner has the packet on screen."""

    referral: Number


class AnswerReferral(Command, frozen=True, tag="referral.answer"):
    """The partner says what will happen, or what has happened."""

    referral: Number
    answer: Answer
    note: Note = ""


class CloseReferral(Command, frozen=True, tag="referral.close"):
    """A person ends it."""

    referral: Number
    ending: ReferralEnding
    note: Reason


class InvitePartner(Command, frozen=True, tag="referral.invite"):
    """Ask the visitor whether the partner may come into the talk: a warm handoff, nothing is told twice."""

    referral: Number


class WelcomePartner(Command, frozen=True, tag="referral.welcome"):
    """Yes, the partner may come in; or no. Spoken where a counselor heard it."""

    referral: Number
    yes: bool


class EnterTalk(Command, frozen=True, tag="referral.enter"):
    """The partner comes in."""

    referral: Number


class LeaveTalk(Command, frozen=True, tag="referral.depart"):
    """The partner goes out again, or is shown out."""

    referral: Number


class NoteConsent(Command, frozen=True, tag="consent.note"):
    """Mirror the record's consent to referral; without it nothing leaves the house."""

    given: bool


# --- events -------------------------------------------------------------------------------------------


class ReferralOffered(Event, frozen=True, tag="referral.offered"):
    """The visitor sees exactly what would be told, and to whom."""

    referral: int
    partners: tuple[Partner, ...]
    packet: Packet
    by: str
    at: datetime


class ReferralAgreed(Event, frozen=True, tag="referral.agreed"):
    """The visitor agreed to these fields."""

    referral: int
    fields: tuple[Field, ...]
    by: Literal["visitor", "counselor"]
    at: datetime


class ReferralRefused(Event, frozen=True, tag="referral.refused"):
    """The visitor said no, or took the yes back: the partner's way to the packet is shut."""

    referral: int
    at: datetime


class ReferralSent(Event, frozen=True, tag="referral.sent"):
    """The packet is open to this partner, who is told so by a page."""

    referral: int
    partner: str
    at: datetime


class ReferralRead(Event, frozen=True, tag="referral.opened"):
    """The partner has read the packet."""

    referral: int
    partner: str


class ReferralReminded(Event, frozen=True, tag="referral.reminded"):
    """No answer in time; whoever has to act is asked again."""

    referral: int
    reminders: int
    at: datetime


class ReferralStalled(Event, frozen=True, tag="referral.stalled"):
    """No partner is left to ask: a person must find another way."""

    referral: int
    at: datetime


class ReferralAnswered(Event, frozen=True, tag="referral.answered"):
    """The partner answered."""

    referral: int
    partner: str
    answer: Answer
    at: datetime
    note: str = ""


class ReferralClosed(Event, frozen=True, tag="referral.closed"):
    """A person ended it."""

    referral: int
    ending: ReferralEnding
    note: str


class PartnerInvited(Event, frozen=True, tag="referral.invited"):
    """The visitor is asked whether the partner may come into the talk."""

    referral: int
    partner: str
    at: datetime


class PartnerWelcomed(Event, frozen=True, tag="referral.welcomed"):
    """The visitor said yes, or no."""

    referral: int
    yes: bool
    by: Literal["visitor", "counselor"]
    at: datetime


class PartnerEntered(Event, frozen=True, tag="referral.entered"):
    """The partner is in the talk, and sees what is said from now on."""

    referral: int
    partner: str


class PartnerDeparted(Event, frozen=True, tag="referral.departed"):
    """The partner is out of the talk."""

    referral: int
    partner: str


class ConsentNoted(Event, frozen=True, tag="consent.noted"):
    """The record's consent to referral, as the case knows it."""

    given: bool
