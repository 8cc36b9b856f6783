"""The published hours of one line as data: rules with validity, exceptions, closures, extensions.

A `Schedule` is one version, stored as JSON in a versioned policy row. Minutes count from local midnight.
A window may run to 30:00 (minute 1800), 06:00 of the next day, and belongs to the day on which it opens.
Every period is half-open, dates too: `valid_to` is the first day on which a rule no longer applies.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from kernel.terms import Medium

DAY_MINUTES = 24 * 60
LATEST_CLOSE = 30 * 60

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class DayKey(StrEnum):
    """The days a rule speaks of: a weekday, or a class that beats the weekday."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"
    WORKDAY = "workday"
    RESTDAY = "restday"
    HOLIDAY = "holiday"


WEEKDAYS = (DayKey.MON, DayKey.TUE, DayKey.WED, DayKey.THU, DayKey.FRI, DayKey.SAT, DayKey.SUN)


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the visitor is told, in both languages."""

    zh: str = ""
    en: str = ""


class Window(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Minutes from local midnight, half-open: opens in 0..1439, closes in opens+1..1800."""

    opens: int
    closes: int


class WeeklyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The windows of some days of the week (or day classes); no windows means closed on those days."""

    days: tuple[DayKey, ...]
    windows: tuple[Window, ...]
    valid_from: date
    valid_to: date | None = None
    medium: Medium | None = None


class DatedHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The windows of one date, instead of every rule; no windows means nothing opens on that date."""

    day: date
    windows: tuple[Window, ...]
    reason: Reason = Reason()
    medium: Medium | None = None


class Closure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of time in which nothing is open, whatever else is said."""

    begins_at: Instant
    ends_at: Instant
    reason: Reason
    medium: Medium | None = None


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of time that is open on top of the rules, as in a surge."""

    begins_at: Instant
    ends_at: Instant
    reason: Reason = Reason()
    medium: Medium | None = None


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All published hours of one line in one version.

    A rule that names the medium beats one that is for every medium. Nobody is admitted in the last
    `last_admission_minutes` before a close; running sessions have `drain_minutes` after it.
    """

    rules: tuple[WeeklyRule, ...] = ()
    dated: tuple[DatedHours, ...] = ()
    closures: tuple[Closure, ...] = ()
    extensions: tuple[Extension, ...] = ()
    zone: str = "Asia/Shanghai"
    last_admission_minutes: int = 0
    drain_minutes: int = 60


def clock_text(minute: int) -> str:
    """Minutes from midnight as 09:05, 24:00 or 26:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def spoken_clock(minute: int) -> Reason:
    """The minute as one says it: past midnight it is the next day's clock; exactly midnight stays 24:00."""
    if minute <= DAY_MINUTES:
        return Reason(clock_text(minute), clock_text(minute))
    text = clock_text(minute - DAY_MINUTES)
    return Reason(f"次日{text}", f"{text} next day")


def print_windows(windows: Sequence[Window]) -> str:
    """Windows as `parse_windows` reads them: 10:00-12:00, 14:00-26:00; empty when there are none."""
    return ", ".join(f"{clock_text(w.opens)}-{clock_text(w.closes)}" for w in windows)


_CLOCK = re.compile(r"(次日)?\s*(\d{1,2}):(\d{2})")
_PLAIN = str.maketrans("：，、；;０１２３４５６７８９", ":,,,,0123456789")
_DASHES = re.compile(r"\s*(?:[-\u2010-\u2015~〜\uff5e\uff0d]|至|到)+\s*")


def parse_clock(text: str) -> int:
    """Minutes from midnight of 9:05, 24:00, 26:30 or 次日02:30; ValueError when it is no such thing."""
    found = _CLOCK.fullmatch(text.strip())
    if not found or int(found[3]) > 59 or (found[1] and int(found[2]) > 6):
        raise ValueError(text)
    minute = int(found[2]) * 60 + int(found[3]) + (DAY_MINUTES if found[1] else 0)
    if minute > LATEST_CLOSE:
        raise ValueError(text)
    return minute


def parse_windows(text: str) -> tuple[Window, ...]:
    """Windows as people type them, Chinese punctuation included; ValueError holds the piece that is wrong."""
    windows = []
    for piece in text.translate(_PLAIN).split(","):
        if not piece.strip():
            continue
        ends = _DASHES.split(piece.strip())
        if len(ends) != 2:
            raise ValueError(piece.strip())
        windows.append(Window(parse_clock(ends[0]), parse_clock(ends[1])))
    return tuple(windows)
