"""What is in force for a line: its name, hours and promises; and how a new version is published."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Max

from accounts.orm import off_loop
from kernel.errors import Refused
from kernel.terms import Medium
from queueing.domain.extend import extended
from queueing.domain.hours import gate, local_day
from queueing.domain.schedule import Reason, Schedule
from queueing.models import Line, PolicyVersion, ScheduleVersion, Version
from queueing.policy import DeskPolicy
from queueing.roster_store import calendar, calendar_stamp


class LineFacts(msgspec.Struct, frozen=True):
    """An active line as pages and doors name it."""

    id: str
    name_zh: str
    name_en: str
    text: bool
    voice: bool


class ScheduleInForce(msgspec.Struct, frozen=True):
    """The newest published hours; version 0 is a line that has none yet and never opens."""

    version: int
    schedule: Schedule


class PolicyInForce(msgspec.Struct, frozen=True):
    """The newest promises; version 0 are the project's defaults."""

    version: int
    policy: DeskPolicy


class Versions(msgspec.Struct, frozen=True):
    """Which versions are in force, cheap to ask for every second."""

    schedule: int
    policy: int
    calendar: int = 0


def lines() -> tuple[LineFacts, ...]:
    """List the active lines by id."""
    rows = Line.objects.filter(active=True)
    return tuple(LineFacts(row.id, row.name_zh, row.name_en, row.text, row.voice) for row in rows)


def current_schedule(line: str) -> ScheduleInForce:
    """Read the newest hours of a line."""
    row = ScheduleVersion.objects.filter(line_id=line).order_by("-version").first()
    return ScheduleInForce(row.version, row.schedule) if row else ScheduleInForce(0, Schedule())


def current_policy(line: str) -> PolicyInForce:
    """Read the newest promises of a line."""
    row = PolicyVersion.objects.filter(line_id=line).order_by("-version").first()
    return PolicyInForce(row.version, row.policy) if row else PolicyInForce(0, DeskPolicy())


def versions() -> dict[str, Versions]:
    """Tell for each active line which versions are in force."""
    rows = Line.objects.filter(active=True).values_list(
        "id", Max("scheduleversion__version"), Max("policyversion__version")
    )
    stamp = calendar_stamp()
    return {line: Versions(schedule or 0, policy or 0, stamp) for line, schedule, policy in rows}


def publish_schedule(line: str, schedule: Schedule, by: str, now: datetime, note: str = "") -> int:
    """Publish new hours; the version. Raises ValidationError with every problem of the schedule."""
    return _publish(ScheduleVersion, line, msgspec.to_builtins(schedule), by=by, now=now, note=note)


def publish_policy(line: str, policy: DeskPolicy, by: str, now: datetime, note: str = "") -> int:
    """Publish new promises; the version. Raises ValidationError with every problem of the policy."""
    return _publish(PolicyVersion, line, msgspec.to_builtins(policy), by=by, now=now, note=note)


def extend_hours(line: str, until: datetime, reason: str, by: str, now: datetime) -> int:
    """Keep a line open until then; the version in force. Raises Refused where it cannot be, or a closure is in force.

    The line's row is held while the newest hours are read and followed, so two who extend at once both count.
    """
    with transaction.atomic():
        Line.objects.select_for_update().get(pk=line)
        before = current_schedule(line)
        after = extended(before.schedule, until, Reason(reason, reason), now)
        if after == before.schedule:
            return before.version
        day = local_day(after, now)
        days = calendar(day - timedelta(days=3), day + timedelta(days=4))
        if not any(gate(after, days, medium, now).is_open for medium in Medium):
            raise Refused("closure")
        return publish_schedule(line, after, by, now, note=reason[:200])


def _publish(kind: type[Version], line: str, content: Any, *, by: str, now: datetime, note: str) -> int:
    """Number versions without gaps: the line's row is the lock."""
    with transaction.atomic():
        Line.objects.select_for_update().get(pk=line)
        newest = kind._default_manager.filter(line_id=line).aggregate(newest=Max("version"))["newest"] or 0
        row = kind(line_id=line, version=newest + 1, content=content, note=note, created_at=now, created_by=by)
        row.save()
    return row.version


async def alines() -> tuple[LineFacts, ...]:
    """As lines, off the event loop."""
    return await off_loop(lines)


async def acurrent_schedule(line: str) -> ScheduleInForce:
    """As current_schedule, off the event loop."""
    return await off_loop(current_schedule, line)


async def acurrent_policy(line: str) -> PolicyInForce:
    """As current_policy, off the event loop."""
    return await off_loop(current_policy, line)


async def aversions() -> dict[str, Versions]:
    """As versions, off the event loop."""
    return await off_loop(versions)
