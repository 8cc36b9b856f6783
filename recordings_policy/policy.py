"""What the union promises about keeping: one versioned policy per line and medium."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from kernel.terms import Medium, Role
from kernel.wire import Name

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]

# Longest span anybody may promise: 30 years, beyond the 10 years one city demands of counselling records.
LONGEST_DAYS = 30 * 366


class Purpose(StrEnum):
    """What a person may say yes or no to, each by itself (separate consent, PIPL art. 29)."""

    RECORDING = "recording"  # 录音
    STORAGE = "storage"  # 保存
    REFERRAL = "referral"  # 转介
    STATISTICS = "statistics"  # 统计
    TRAINING = "training"  # 督导与培训


class Channel(StrEnum):
    """How a consent reached us; `spoken` is heard by a counselor, who attests it."""

    PAGE = "page"
    APP = "app"
    SPOKEN = "spoken"


class PromiseText(msgspec.Struct, frozen=True):
    """One consent text as shown: its version, its language, and SHA-256 of its words."""

    purpose: Purpose
    version: Name
    language: Literal["zh-Hans", "en"]
    text_hash: Digest


class RecordPolicy(msgspec.Struct, frozen=True):
    """Is one medium of one line recorded, on whose word, and how long is it kept (days after closing).

    Before the floor nothing is destroyed (the law's minimum), after the ceiling nothing is kept.
    `record=False` keeps what exists until the floor only.
    """

    line: Name
    medium: Medium
    record: bool
    who_may_consent: tuple[Role, ...]
    retention_floor_days: int
    retention_ceiling_days: int
    purposes: tuple[Purpose, ...]
    promises: tuple[PromiseText, ...]


class Rule(msgspec.Struct, frozen=True):
    """A policy version and the period, half-open, in which it rules; no `effective_until`: no end known."""

    version: int
    policy: RecordPolicy
    effective_from: Instant
    effective_until: Instant | None = None

    def in_force(self, now: datetime) -> bool:
        """Say whether this version rules at `now`."""
        return self.effective_from <= now and (self.effective_until is None or now < self.effective_until)

    def ended(self, now: datetime) -> "Rule":
        """Give this rule an end at `now`, unless it ended before."""
        until = now if self.effective_until is None else min(now, self.effective_until)
        return msgspec.structs.replace(self, effective_until=until)


def days(count: int) -> timedelta:
    """Turn whole days into a span."""
    return timedelta(days=count)


def faults(policy: RecordPolicy) -> tuple[str, ...]:
    """Name everything that forbids saving this policy, as codes; empty means it may be saved."""
    floor, ceiling = policy.retention_floor_days, policy.retention_ceiling_days
    texts = {text.purpose for text in policy.promises}
    found = {
        "floor_negative": floor < 0,
        "floor_above_ceiling": floor > ceiling,
        "ceiling_too_long": ceiling > LONGEST_DAYS,
        "nobody_may_consent": policy.record and not policy.who_may_consent,
        "consent_by_whom": not set(policy.who_may_consent) <= MAY_ATTEST,
        "recording_not_a_purpose": policy.record and Purpose.RECORDING not in policy.purposes,
        "promise_missing": policy.record and not set(policy.purposes) <= texts,
        "promise_twice": len({(p.purpose, p.version, p.language) for p in policy.promises}) < len(policy.promises),
    }
    return tuple(code for code, wrong in found.items() if wrong)


# A consent comes from the visitor, or from whoever counsels and heard it said.
MAY_ATTEST = frozenset({Role.VISITOR, Role.COUNSELOR, Role.PEER_SUPPORTER, Role.SUPERVISOR, Role.CRISIS_WORKER})
