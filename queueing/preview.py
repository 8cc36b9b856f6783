"""The coming days of a schedule, resolved by the very code that keeps the gate."""

from datetime import datetime, timedelta

import msgspec

from kernel.terms import Medium
from queueing.domain.hours import local_day
from queueing.domain.published import PublishedDay, publish
from queueing.domain.schedule import Schedule
from queueing.roster_store import calendar

DAYS = 14


class PreviewRow(msgspec.Struct, frozen=True):
    """One day, by medium."""

    text: PublishedDay
    voice: PublishedDay | None


def preview(schedule: Schedule, now: datetime, *, voice: bool) -> list[PreviewRow]:
    """Resolve the coming fourteen days, today included."""
    first = local_day(schedule, now)
    until = first + timedelta(days=DAYS)
    days = calendar(first - timedelta(days=2), until + timedelta(days=10))
    texts = publish(schedule, days, first, until, Medium.TEXT).days
    if not voice:
        return [PreviewRow(day, None) for day in texts]
    voices = publish(schedule, days, first, until, Medium.VOICE).days
    return [PreviewRow(text, spoken) for text, spoken in zip(texts, voices, strict=True)]
