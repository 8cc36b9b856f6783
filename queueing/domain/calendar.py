"""Day classes as data: workday, rest day or holiday, and how far ahead that is known."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

import msgspec

COVERAGE_DAYS = 60
"""Days of announced calendar below which the supervisor is alarmed; the yearly notice comes in November."""

COVERAGE_SEARCH_DAYS = 800


class DayClass(StrEnum):
    """What kind of day it is in law, whatever its weekday."""

    WORKDAY = "workday"
    RESTDAY = "restday"
    HOLIDAY = "holiday"


class Day(msgspec.Struct, frozen=True):
    """One local day; `announced` is False while the State Council's notice for its year is still missing."""

    day_class: DayClass
    announced: bool = True
    name_zh: str = ""
    name_en: str = ""


class Coverage(msgspec.Struct, frozen=True):
    """How far the announced calendar reaches: `announced_until` is the first day that is not announced."""

    announced_until: date
    days_left: int
    alarm: bool


WEEKDAY_CLASSES = (DayClass.WORKDAY,) * 5 + (DayClass.RESTDAY,) * 2


def plain_day(day: date) -> Day:
    """The day by its weekday alone, flagged as not announced."""
    return Day(WEEKDAY_CLASSES[day.weekday()], announced=False)


def day_of(calendar: Mapping[date, Day], day: date) -> Day:
    """The day's class; a day the calendar does not know follows its weekday and is never an error."""
    return calendar.get(day) or plain_day(day)


def coverage(calendar: Mapping[date, Day], today: date, days_needed: int = COVERAGE_DAYS) -> Coverage:
    """How many days from `today` on (inclusive) are announced without a gap, at most about two years."""
    left = 0
    while left < COVERAGE_SEARCH_DAYS and day_of(calendar, today + timedelta(days=left)).announced:
        left += 1
    return Coverage(today + timedelta(days=left), left, left < days_needed)
