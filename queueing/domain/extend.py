"""Longer hours for today, from the wallboard: an extension on top of the rules, bounded, with its reason."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from kernel.errors import Refused
from queueing.domain.schedule import Extension, Reason, Schedule

AT_MOST = timedelta(hours=6)
"""Longer than this is a change of the hours and belongs into the schedule's form."""


def extended(schedule: Schedule, until: datetime, reason: Reason, now: datetime) -> Schedule:
    """Open from now until `until`, for every medium; raises Refused where it is past, too far, or says no reason."""
    if not reason.zh.strip():
        raise Refused("no_reason")
    if until <= now:
        raise Refused("in_the_past")
    if until > now + AT_MOST:
        raise Refused("too_far")
    if any(each.begins_at <= now and until <= each.ends_at and each.medium is None for each in schedule.extensions):
        return schedule
    return replace(schedule, extensions=(*schedule.extensions, Extension(now, until, reason)))
