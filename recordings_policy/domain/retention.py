"""How long a closed contact is kept: floor, ceiling, erasure; and what a change of policy would destroy."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from kernel.terms import Medium
from recordings_policy.messages import Span
from recordings_policy.policy import RecordPolicy, Rule, days

# Without a policy nothing may be kept for good, and nothing vanishes overnight because a row was missing.
UNRULED = timedelta(days=30)


class Terms(msgspec.Struct, frozen=True):
    """What planning needs of a policy version: days after closing."""

    version: int
    floor_days: int
    last_days: int

    @classmethod
    def of(cls, rule: Rule | None) -> "Terms | None":
        """Read a rule; one that no longer allows recording still says how long what it gathered is kept."""
        return cls.read(rule.policy, rule.version) if rule else None

    @classmethod
    def read(cls, policy: RecordPolicy, version: int) -> "Terms":
        """Read a policy; where it records nothing, nothing is kept beyond the floor."""
        floor = policy.retention_floor_days
        return cls(version, floor, policy.retention_ceiling_days if policy.record else floor)


def plan(
    terms: Terms | None,
    medium: Medium,
    closed_at: datetime,
    erase_at: datetime | None = None,
    before: Span | None = None,
) -> Span:
    """Work out how long one medium of a contact closed at `closed_at` is kept.

    `before` is the plan that stood until now: a later version may shorten what was promised, and may keep
    longer only as far as its floor (the law) demands. Erasure asked at `erase_at` destroys as soon as the
    floor allows.
    """
    if terms is None:
        version, floor_at, promised_at = 0, closed_at, closed_at + UNRULED
    else:
        version, floor_at = terms.version, closed_at + days(terms.floor_days)
        promised_at = closed_at + days(terms.last_days)
        if before is not None and before.version:
            promised_at = min(promised_at, before.promised_at)
    purge_at = max(floor_at, promised_at)
    if erase_at is not None:
        purge_at = min(purge_at, max(floor_at, erase_at))
    return Span(medium, floor_at, promised_at, purge_at, version)


class Closing(msgspec.Struct, frozen=True):
    """A closed contact as the preview needs it: when it closed, is it held, was erasure asked."""

    closed_at: datetime
    held: bool = False
    erase_at: datetime | None = None


class Preview(msgspec.Struct, frozen=True):
    """What a new policy version would do to closed contacts, counted."""

    total: int = 0
    purged_now: int = 0
    sooner: int = 0
    later: int = 0
    held: int = 0

    @property
    def unchanged(self) -> int:
        """How many keep their day of destruction."""
        return self.total - self.purged_now - self.sooner - self.later


def preview(closings: Iterable[Closing], old: RecordPolicy | None, new: RecordPolicy, now: datetime) -> Preview:
    """Count what would be destroyed at once, sooner, later, if `new` took the place of `old` at `now`.

    `held` counts those of `purged_now` that a hold keeps for the time being.
    """
    standing, coming = Terms.read(old, 1) if old else None, Terms.read(new, 2)
    total = gone = sooner = later = held = 0
    for closing in closings:
        before = plan(standing, new.medium, closing.closed_at, closing.erase_at)
        after = plan(coming, new.medium, closing.closed_at, closing.erase_at, before)
        total += 1
        if after.purge_at <= now < before.purge_at:
            gone += 1
            held += closing.held
        else:
            sooner += after.purge_at < before.purge_at
            later += after.purge_at > before.purge_at
    return Preview(total, gone, sooner, later, held)
