"""One resolver for the published hours: page, JSON, iCal and the admission gate read the same intervals.

Precedence: closure > extension > dated hours > holiday/rest day/workday rule > weekday rule.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from kernel.terms import Medium
from queueing.domain.calendar import Day, DayClass, day_of
from queueing.domain.schedule import (
    LATEST_CLOSE,
    WEEKDAYS,
    Closure,
    DatedHours,
    DayKey,
    Extension,
    Reason,
    Schedule,
    WeeklyRule,
    Window,
)

ONE_DAY = timedelta(days=1)
LONGEST_WINDOW = timedelta(minutes=LATEST_CLOSE)
LOOK_AHEAD_DAYS = 2
"""A stretch that has not closed this many days later has no close in sight."""
SEARCH_STEP_DAYS = 8
NEXT_OPEN_DAYS = 400


Spoken = TypeVar("Spoken", Closure, DatedHours, Extension, WeeklyRule)


class Source(StrEnum):
    """What opened an interval, weakest first."""

    WEEKDAY = "weekday"
    DAY_CLASS = "day_class"
    DATED = "dated"
    EXTENSION = "extension"


_PRECEDENCE = tuple(Source)


class Interval(msgspec.Struct, frozen=True):
    """Open from `opens_at` until before `closes_at` (UTC); new contacts only before `last_admission_at`."""

    opens_at: datetime
    closes_at: datetime
    last_admission_at: datetime
    source: Source


class Gate(msgspec.Struct, frozen=True):
    """The gate at one instant; an open gate without `closes_at` does not close within the look-ahead.

    `next_open_at` is set when nobody is admitted now; `closure` is the reason of a closure in force.
    """

    is_open: bool
    admits: bool
    closes_at: datetime | None = None
    last_admission_at: datetime | None = None
    next_open_at: datetime | None = None
    closure: Reason | None = None


class _Run(NamedTuple):
    begins: datetime
    ends: datetime


class _Piece(NamedTuple):
    run: _Run
    source: Source


_CLASS_KEYS = {
    DayClass.WORKDAY: (DayKey.WORKDAY,),
    DayClass.RESTDAY: (DayKey.RESTDAY,),
    DayClass.HOLIDAY: (DayKey.HOLIDAY, DayKey.RESTDAY),
}


def _of_medium(found: list[Spoken], medium: Medium) -> list[Spoken]:
    """Those that name the medium, else those for every medium."""
    return [f for f in found if f.medium == medium] or [f for f in found if f.medium is None]


def _concerning(found: Iterable[Spoken], medium: Medium) -> list[Spoken]:
    """Those that name the medium and those for every medium."""
    return [f for f in found if f.medium in (None, medium)]


def windows_on(
    schedule: Schedule, calendar: Mapping[date, Day], day: date, medium: Medium
) -> tuple[Source, tuple[Window, ...]]:
    """The windows that open on a local day, and which rules say so; extensions and closures apart."""
    dated = _of_medium([d for d in schedule.dated if d.day == day], medium)
    if dated:
        return Source.DATED, tuple(sorted(w for d in dated for w in d.windows))
    valid = [r for r in schedule.rules if r.valid_from <= day and (r.valid_to is None or day < r.valid_to)]
    for key in (*_CLASS_KEYS[day_of(calendar, day).day_class], WEEKDAYS[day.weekday()]):
        rules = _of_medium([r for r in valid if key in r.days], medium)
        if rules:
            source = Source.WEEKDAY if key in WEEKDAYS else Source.DAY_CLASS
            return source, tuple(sorted(w for r in rules for w in r.windows))
    return Source.WEEKDAY, ()


def at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock minute, counted from local midnight of `day`."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _pieces(schedule: Schedule, calendar: Mapping[date, Day], first: date, until: date, medium: Medium) -> list[_Piece]:
    """Everything that opens from the day before `first` to the look-ahead, by beginning; may overlap."""
    zone = ZoneInfo(schedule.zone)
    extensions = _concerning(schedule.extensions, medium)
    pieces = [_Piece(_Run(e.begins_at, e.ends_at), Source.EXTENSION) for e in extensions]
    day = first - ONE_DAY
    while day < until + timedelta(days=LOOK_AHEAD_DAYS):
        source, windows = windows_on(schedule, calendar, day, medium)
        for window in windows:
            run = _Run(at_minute(day, window.opens, zone), at_minute(day, window.closes, zone))
            pieces.append(_Piece(run, source))
        day += ONE_DAY
    return sorted(p for p in pieces if p.run.begins < p.run.ends)


def _open_runs(schedule: Schedule, medium: Medium, pieces: Iterable[_Piece]) -> list[_Run]:
    """The pieces (sorted) joined where they overlap or touch, less the closures."""
    runs: list[_Run] = []
    for begins, ends in (piece.run for piece in pieces):
        if runs and begins <= runs[-1].ends:
            runs[-1] = _Run(runs[-1].begins, max(runs[-1].ends, ends))
        else:
            runs.append(_Run(begins, ends))
    for closure in _concerning(schedule.closures, medium):
        if closure.begins_at < closure.ends_at:
            runs = _without(runs, closure)
    return sorted(runs)


def _without(runs: list[_Run], closure: Closure) -> list[_Run]:
    """The runs with the closure's stretch cut out."""
    left = []
    for run in runs:
        before = _Run(run.begins, min(run.ends, closure.begins_at))
        after = _Run(max(run.begins, closure.ends_at), run.ends)
        left += [part for part in (before, after) if part.begins < part.ends]
    return left


def _source_at(pieces: list[_Piece], extensions: list[_Piece], at: datetime) -> Source:
    """The strongest source that covers an instant; `pieces` are sorted, a window lasts 30 hours at most."""
    low = bisect_left(pieces, at - LONGEST_WINDOW, key=_begins)
    near = pieces[low : bisect_right(pieces, at, key=_begins)]
    covering = [p.source for p in (*near, *extensions) if p.run.begins <= at < p.run.ends]
    return max(covering, key=_PRECEDENCE.index)


def _begins(piece: _Piece) -> datetime:
    return piece.run.begins


def resolve(
    schedule: Schedule, calendar: Mapping[date, Day], first: date, until: date, medium: Medium
) -> tuple[Interval, ...]:
    """Sorted, disjoint, half-open UTC intervals inside the local days first..until-1.

    The ends of the range cut an interval, but its last admission is reckoned from the true close.
    """
    zone = ZoneInfo(schedule.zone)
    low, high = at_minute(first, 0, zone), at_minute(until, 0, zone)
    early = timedelta(minutes=schedule.last_admission_minutes)
    pieces = _pieces(schedule, calendar, first, until, medium)
    extensions = [p for p in pieces if p.source is Source.EXTENSION]
    intervals = []
    for begins, ends in _open_runs(schedule, medium, pieces):
        opens, closes = max(begins, low), min(ends, high)
        if opens < closes:
            last = min(max(ends - early, opens), closes)
            intervals.append(Interval(opens, closes, last, _source_at(pieces, extensions, opens)))
    return tuple(intervals)


def sources(
    schedule: Schedule, calendar: Mapping[date, Day], first: date, until: date, medium: Medium
) -> Callable[[datetime], Source]:
    """Answers which rules keep the line open at an instant, for instants of these days at which it is open."""
    pieces = _pieces(schedule, calendar, first, until, medium)
    extensions = [p for p in pieces if p.source is Source.EXTENSION]
    return lambda at: _source_at(pieces, extensions, at)


def local_day(schedule: Schedule, now: datetime) -> date:
    """The calendar day of an instant in the schedule's time zone."""
    return now.astimezone(ZoneInfo(schedule.zone)).date()


def gate(schedule: Schedule, calendar: Mapping[date, Day], medium: Medium, now: datetime) -> Gate:
    """Everything the door asks at one instant."""
    state = _gate_now(schedule, calendar, medium, now)
    if state.admits:
        return state
    return msgspec.structs.replace(state, next_open_at=next_open(schedule, calendar, medium, now))


def _gate_now(schedule: Schedule, calendar: Mapping[date, Day], medium: Medium, now: datetime) -> Gate:
    """The gate without the search for the next opening."""
    today = local_day(schedule, now)
    early = timedelta(minutes=schedule.last_admission_minutes)
    pieces = _pieces(schedule, calendar, today, today + ONE_DAY, medium)
    for run in _open_runs(schedule, medium, pieces):
        if run.begins <= now < run.ends:
            if run.ends > now + timedelta(days=LOOK_AHEAD_DAYS):
                return Gate(is_open=True, admits=True)
            last = max(run.ends - early, run.begins)
            return Gate(is_open=True, admits=now < last, closes_at=run.ends, last_admission_at=last)
    return Gate(is_open=False, admits=False, closure=closure_at(schedule, medium, now))


def closure_at(schedule: Schedule, medium: Medium, now: datetime) -> Reason | None:
    """The reason of a closure in force, or None."""
    for closure in _concerning(schedule.closures, medium):
        if closure.begins_at <= now < closure.ends_at:
            return closure.reason
    return None


def is_open(schedule: Schedule, calendar: Mapping[date, Day], medium: Medium, now: datetime) -> bool:
    """Whether the line is open."""
    return _gate_now(schedule, calendar, medium, now).is_open


def admits(schedule: Schedule, calendar: Mapping[date, Day], medium: Medium, now: datetime) -> bool:
    """Whether a new contact is admitted: open, and not yet in the last minutes before the close."""
    return _gate_now(schedule, calendar, medium, now).admits


def close_at(schedule: Schedule, calendar: Mapping[date, Day], medium: Medium, now: datetime) -> datetime | None:
    """When the line that is open now closes; None when it is closed, or does not close in the look-ahead."""
    return _gate_now(schedule, calendar, medium, now).closes_at


def next_open(schedule: Schedule, calendar: Mapping[date, Day], medium: Medium, now: datetime) -> datetime | None:
    """The first instant from now on at which a new contact is admitted, or None within about a year."""
    first = local_day(schedule, now)
    end = first + timedelta(days=NEXT_OPEN_DAYS)
    while first < end:
        until = first + timedelta(days=SEARCH_STEP_DAYS)
        for interval in resolve(schedule, calendar, first, until, medium):
            at = max(now, interval.opens_at)
            if at < interval.last_admission_at:
                return at
        first = until
    return None
