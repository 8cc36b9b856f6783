"""The calendar answers for every day, knows the make-up workdays, and says in time when it runs out."""

import subprocess
import sys
from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.calendar import build_calendar
from queueing.domain.calendar import Day, DayClass, coverage, day_of

# From the State Council's yearly notices: days off for a holiday (first, last) and make-up workdays.
NOTICES = {
    2024: (
        "01-01/01-01 02-10/02-17 04-04/04-06 05-01/05-05 06-10/06-10 09-15/09-17 10-01/10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        "01-01/01-01 01-28/02-04 04-04/04-06 05-01/05-05 05-31/06-02 10-01/10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01/01-03 02-15/02-23 04-04/04-06 05-01/05-05 06-19/06-21 09-25/09-27 10-01/10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


@pytest.mark.parametrize("year", NOTICES)
def test_the_official_notices_are_followed(year: int) -> None:
    calendar = build_calendar(date(year, 1, 1), date(year + 1, 1, 1))
    stretches, makeup = NOTICES[year]
    working = {date.fromisoformat(f"{year}-{day}") for day in makeup.split()}
    for begins, ends in (stretch.split("/") for stretch in stretches.split()):
        day = date.fromisoformat(f"{year}-{begins}")
        while day <= date.fromisoformat(f"{year}-{ends}"):
            assert calendar[day].day_class is DayClass.HOLIDAY, day
            day += timedelta(days=1)
    assert {d for d, row in calendar.items() if d.weekday() > 4 and row.day_class is DayClass.WORKDAY} == working
    assert all(row.announced for row in calendar.values())


def test_every_day_of_2004_to_2026_is_announced_and_weekdays_off_are_named_holidays() -> None:
    calendar = build_calendar(date(2004, 1, 1), date(2027, 1, 1))
    assert len(calendar) == 8401
    assert all(row.announced for row in calendar.values())
    for day, row in calendar.items():
        if day.weekday() < 5 and row.day_class is not DayClass.WORKDAY:
            assert row.day_class is DayClass.HOLIDAY
            assert row.name_zh
            assert row.name_en


@pytest.mark.parametrize("year", [1999, 2008, 2024, 2026, 2040])
def test_the_calendar_says_what_the_package_says_of_china(year: int) -> None:
    package = {each: holidays.country_holidays("CN", years=year, language=each) for each in ("zh_CN", "en_US")}
    calendar = build_calendar(date(year, 1, 1), date(year + 1, 1, 1))
    for day, name in package["zh_CN"].items():
        if day.year == year:
            assert (calendar[day].name_zh, calendar[day].name_en) == (name, package["en_US"][day])
    makeup = {day for day in package["zh_CN"].weekend_workdays if day.year == year}
    assert {day for day, row in calendar.items() if row.name_zh == "调休上班"} == makeup


def test_no_other_country_is_imported_for_it() -> None:
    told = "import sys, datetime as d; from queueing.calendar import build_calendar as b;"
    told += "b(d.date(2026, 1, 1), d.date(2027, 1, 1)); print([n for n in sys.modules if n.startswith('holidays.c')])"
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout
    assert "holidays.calendars" in said
    assert "holidays.countries" not in said


def test_a_year_without_notice_is_flagged_and_keeps_the_laws_own_holidays() -> None:
    calendar = build_calendar(date(2040, 1, 1), date(2041, 1, 1))
    assert not any(row.announced for row in calendar.values())
    assert calendar[date(2040, 10, 1)].day_class is DayClass.HOLIDAY
    assert calendar[date(2040, 11, 7)] == Day(DayClass.WORKDAY, announced=False)


def test_the_unions_own_table_wins_and_a_year_can_be_declared_announced() -> None:
    own = {date(2040, 11, 7): Day(DayClass.HOLIDAY, True, "厂庆", "factory day")}
    calendar = build_calendar(date(2040, 11, 1), date(2040, 12, 1), own, announced_years=[2040])
    assert calendar[date(2040, 11, 7)].name_zh == "厂庆"
    assert all(row.announced for row in calendar.values())


@given(day=st.dates(date(1950, 1, 1), date(2200, 12, 31)))
def test_a_day_unknown_to_the_calendar_follows_its_weekday(day: date) -> None:
    row = day_of({}, day)
    assert not row.announced
    assert (row.day_class is DayClass.RESTDAY) == (day.isoweekday() in (6, 7))


@given(known=st.integers(0, 400), needed=st.integers(0, 400))
def test_the_alarm_rings_when_too_few_announced_days_remain(known: int, needed: int) -> None:
    today = date(2026, 3, 1)
    calendar = {today + timedelta(days=n): Day(DayClass.WORKDAY) for n in range(known)}
    calendar[today + timedelta(days=known)] = Day(DayClass.WORKDAY, announced=False)
    found = coverage(calendar, today, needed)
    assert (found.days_left, found.announced_until) == (known, today + timedelta(days=known))
    assert found.alarm == (known < needed)


def test_the_alarm_for_the_next_year_rings_from_early_november() -> None:
    calendar = build_calendar(date(2039, 1, 1), date(2041, 1, 1), announced_years=[2039])
    assert not coverage(calendar, date(2039, 11, 2)).alarm
    assert coverage(calendar, date(2039, 11, 3)).alarm
