"""What the page and the JSON say about the hours of some days, from the very intervals the gate reads."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from kernel.terms import Medium
from queueing.domain.calendar import Day, DayClass, day_of
from queueing.domain.hours import Interval, Source, at_minute, resolve, sources
from queueing.domain.schedule import (
    LATEST_CLOSE,
    WEEKDAYS,
    Closure,
    DayKey,
    Extension,
    Reason,
    Schedule,
    spoken_clock,
)

ONE_DAY = timedelta(days=1)
REASON_CLOSED = Reason("不开放", "closed")


class PublishedDay(msgspec.Struct, frozen=True):
    """One local day: what opens on it, in both languages, and why it differs from the usual."""

    day: date
    weekday: DayKey
    day_class: DayClass
    announced: bool
    name: Reason
    hours: Reason
    intervals: tuple[Interval, ...]
    notes: tuple[Reason, ...]


class PublishedHours(msgspec.Struct, frozen=True):
    """The JSON view: one medium of one line for the days first..until-1."""

    medium: Medium
    zone: str
    first: date
    until: date
    days: tuple[PublishedDay, ...]


def shown_intervals(hours: PublishedHours) -> tuple[Interval, ...]:
    """All intervals of the view in order, as the iCal file takes them."""
    return tuple(interval for day in hours.days for interval in day.intervals)


def publish(
    schedule: Schedule, calendar: Mapping[date, Day], first: date, until: date, medium: Medium
) -> PublishedHours:
    """The hours of first..until-1; a window past midnight stands whole on the day on which it opens."""
    intervals = resolve(schedule, calendar, first - ONE_DAY, until + ONE_DAY, medium)
    source_at = sources(schedule, calendar, first - ONE_DAY, until + ONE_DAY, medium)
    by_day: dict[date, list[Interval]] = {}
    zone = ZoneInfo(schedule.zone)
    for interval in intervals:
        for part in _by_midnight(interval, zone, source_at):
            by_day.setdefault(part.opens_at.astimezone(zone).date(), []).append(part)
    count = (until - first).days
    days = (first + timedelta(days=n) for n in range(count))
    rows = tuple(_row(schedule, calendar, medium, day, by_day.get(day, ())) for day in days)
    return PublishedHours(medium, schedule.zone, first, until, rows)


def _by_midnight(interval: Interval, zone: ZoneInfo, source_at: Callable[[datetime], Source]) -> Iterator[Interval]:
    """The interval whole when it ends by 30:00 of its day, else cut at each midnight; each part says whose it is."""
    opens = interval.opens_at
    while interval.closes_at > at_minute(opens.astimezone(zone).date(), LATEST_CLOSE, zone):
        midnight = at_minute(opens.astimezone(zone).date() + ONE_DAY, 0, zone)
        last = min(max(interval.last_admission_at, opens), midnight)
        yield Interval(opens, midnight, last, source_at(opens))
        opens = midnight
    last = max(interval.last_admission_at, opens)
    yield Interval(opens, interval.closes_at, last, source_at(opens))


def _row(
    schedule: Schedule, calendar: Mapping[date, Day], medium: Medium, day: date, parts: Iterable[Interval]
) -> PublishedDay:
    """One day with its words."""
    known = day_of(calendar, day)
    intervals = tuple(parts)
    spoken = [_spoken(part, day, ZoneInfo(schedule.zone)) for part in intervals] or [REASON_CLOSED]
    return PublishedDay(
        day=day,
        weekday=WEEKDAYS[day.weekday()],
        day_class=known.day_class,
        announced=known.announced,
        name=Reason(known.name_zh, known.name_en),
        hours=Reason("、".join(s.zh for s in spoken), ", ".join(s.en for s in spoken)),
        intervals=intervals,
        notes=tuple(_notes(schedule, medium, day)),
    )


def _spoken(part: Interval, day: date, zone: ZoneInfo) -> Reason:
    """The interval in words: 10:00–次日02:00."""
    opens, closes = (spoken_clock(_minute(at, day, zone)) for at in (part.opens_at, part.closes_at))
    return Reason(f"{opens.zh}–{closes.zh}", f"{opens.en}–{closes.en}")


def _minute(at: datetime, day: date, zone: ZoneInfo) -> int:
    """The wall-clock minute of an instant, counted from midnight of `day`."""
    wall = at.astimezone(zone)
    return (wall.date() - day).days * 1440 + wall.hour * 60 + wall.minute


def _notes(schedule: Schedule, medium: Medium, day: date) -> Iterator[Reason]:
    """The reasons given for this day: dated hours, closures, extensions."""
    zone = ZoneInfo(schedule.zone)
    starts, ends = at_minute(day, 0, zone), at_minute(day + ONE_DAY, 0, zone)
    for dated in schedule.dated:
        if dated.day == day and dated.medium in (None, medium) and dated.reason.zh:
            yield dated.reason
    stretches: tuple[Closure | Extension, ...] = (*schedule.closures, *schedule.extensions)
    for stretch in stretches:
        touches = stretch.begins_at < ends and starts < stretch.ends_at
        if touches and stretch.medium in (None, medium) and stretch.reason.zh:
            yield stretch.reason
