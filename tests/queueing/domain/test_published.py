"""The page shows, day by day, the minutes that are open, and says why a day differs from the usual (R7)."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from kernel.terms import Medium
from queueing.domain.calendar import Day, DayClass
from queueing.domain.hours import Source
from queueing.domain.published import publish, shown_intervals
from queueing.domain.schedule import Closure, DatedHours, Extension, Reason, Schedule
from tests.queueing.domain.schedules import (
    DAYS,
    FIRST,
    SHANGHAI,
    WHY,
    kinds,
    minutes_open,
    painted,
    rule,
    schedules,
    wall,
    week_calendar,
)

TEXT = Medium.TEXT
DAY = timedelta(days=1)
FRIDAY = date(2026, 9, 25)


@pytest.mark.promise("R7")
@given(schedule=schedules, kinds=kinds)
@settings(max_examples=80, deadline=None)
def test_the_days_together_show_every_open_minute_once_and_no_other(
    schedule: Schedule, kinds: Mapping[date, DayClass]
) -> None:
    hours = publish(schedule, week_calendar(kinds), FIRST, FIRST + DAYS * DAY, TEXT)
    ahead = DAYS + 1  # what opens on the last day may close on the next
    shown = painted(shown_intervals(hours), FIRST, ahead)
    is_open = minutes_open(schedule, lambda day: kinds.get(day, DayClass.WORKDAY), FIRST, ahead, TEXT)
    # A window of the day before the first may still be open in its morning; it is shown on its own day.
    assert shown[6 * 60 : DAYS * 1440] == is_open[6 * 60 : DAYS * 1440]
    assert not any(there and not here for there, here in zip(shown, is_open, strict=True))


@given(schedule=schedules, kinds=kinds)
@settings(max_examples=80, deadline=None)
def test_each_window_stands_on_the_day_it_opens_and_ends_by_six_the_next_morning(
    schedule: Schedule, kinds: Mapping[date, DayClass]
) -> None:
    hours = publish(schedule, week_calendar(kinds), FIRST, FIRST + DAYS * DAY, TEXT)
    assert [row.day for row in hours.days] == [FIRST + n * DAY for n in range(DAYS)]
    for row in hours.days:
        for part in row.intervals:
            opens, closes = part.opens_at.astimezone(SHANGHAI), part.closes_at.astimezone(SHANGHAI)
            assert opens.date() == row.day
            assert closes.replace(tzinfo=None) <= opens.replace(tzinfo=None, hour=6, minute=0) + DAY
            assert part.opens_at <= part.last_admission_at <= part.closes_at


@given(schedule=schedules, kinds=kinds)
@settings(max_examples=60, deadline=None)
def test_a_day_reads_the_same_on_whichever_page_it_is_shown(schedule: Schedule, kinds: Mapping[date, DayClass]) -> None:
    calendar = week_calendar(kinds)
    week = publish(schedule, calendar, FIRST, FIRST + DAYS * DAY, TEXT).days
    alone = [publish(schedule, calendar, row.day, row.day + DAY, TEXT).days[0] for row in week]
    assert alone == list(week)


def test_what_an_extension_keeps_open_on_a_later_day_is_the_extensions_on_whichever_page() -> None:
    """It began on a day with hours of its own; from the last day nothing of those is in sight."""
    surge = Extension(wall("2026-09-21 12:21"), wall("2026-09-23 06:01"), WHY)
    schedule = Schedule(rules=(rule("00:00-12:30", days=["mon"]),), extensions=(surge,))
    week = publish(schedule, {}, FIRST, FIRST + 3 * DAY, TEXT).days
    assert [part.source for day in week for part in day.intervals] == [Source.WEEKDAY, *2 * [Source.EXTENSION]]
    assert [publish(schedule, {}, day.day, day.day + DAY, TEXT).days[0] for day in week] == list(week)


def test_a_night_is_told_whole_in_both_languages_and_a_day_without_hours_is_closed() -> None:
    schedule = Schedule(rules=(rule("09:00-12:00, 14:00-26:00", days=["fri"]),))
    friday, saturday = publish(schedule, {}, FRIDAY, FRIDAY + 2 * DAY, TEXT).days
    assert friday.hours == Reason("09:00–12:00、14:00–次日02:00", "09:00–12:00, 14:00–02:00 next day")
    assert (saturday.hours, saturday.intervals) == (Reason("不开放", "closed"), ())


def test_a_night_until_six_is_still_whole_and_a_minute_more_is_another_day() -> None:
    for closes, told in (("06:00", ["22:00–次日06:00", "不开放"]), ("06:01", ["22:00–24:00", "00:00–06:01"])):
        surge = Extension(wall("2026-09-25 22:00"), wall(f"2026-09-26 {closes}"), WHY)
        days = publish(Schedule(extensions=(surge,)), {}, FRIDAY, FRIDAY + 2 * DAY, TEXT).days
        assert [day.hours.zh for day in days] == told


def test_a_stretch_of_days_is_cut_at_each_midnight_and_admits_through_it() -> None:
    surge = Extension(wall("2026-09-25 20:00"), wall("2026-09-27 07:00"), WHY)
    days = publish(Schedule(extensions=(surge,), last_admission_minutes=60), {}, FRIDAY, FRIDAY + 3 * DAY, TEXT).days
    assert [day.hours.zh for day in days] == ["20:00–24:00", "00:00–24:00", "00:00–07:00"]
    admits_until = [part.last_admission_at for day in days for part in day.intervals]
    assert admits_until == [wall("2026-09-26 00:00"), wall("2026-09-27 00:00"), wall("2026-09-27 06:00")]


def test_a_day_says_what_is_special_about_it_and_nothing_about_other_days_or_media() -> None:
    later, voice, flood = Reason("中秋", "festival"), Reason("线路检修", "repair"), Reason("洪水", "flood")
    schedule = Schedule(
        rules=(rule("10:00-22:00"),),
        dated=(
            DatedHours(FRIDAY, (), later),
            DatedHours(FRIDAY, (), Reason(), TEXT),
            DatedHours(FRIDAY, (), voice, Medium.VOICE),
            DatedHours(FRIDAY + DAY, (), WHY),
        ),
        closures=(
            Closure(wall("2026-09-24 00:00"), wall("2026-09-25 00:00"), WHY),
            Closure(wall("2026-09-25 23:00"), wall("2026-09-26 00:00"), flood, TEXT),
            Closure(wall("2026-09-25 00:00"), wall("2026-09-26 00:00"), voice, Medium.VOICE),
        ),
        extensions=(Extension(wall("2026-09-26 00:00"), wall("2026-09-26 01:00"), WHY),),
    )
    (heard,) = publish(schedule, {}, FRIDAY, FRIDAY + DAY, TEXT).days
    assert heard.notes == (later, flood)
    (spoken,) = publish(schedule, {}, FRIDAY, FRIDAY + DAY, Medium.VOICE).days
    assert spoken.notes == (later, voice, voice)


def test_a_day_carries_its_name_and_class_or_its_weekday_where_no_notice_is_out() -> None:
    calendar = {FRIDAY: Day(DayClass.HOLIDAY, name_zh="中秋节", name_en="Mid-Autumn")}
    named, plain = publish(Schedule(), calendar, FRIDAY, FRIDAY + 2 * DAY, TEXT).days
    assert (named.weekday, named.day_class, named.announced) == ("fri", DayClass.HOLIDAY, True)
    assert named.name == Reason("中秋节", "Mid-Autumn")
    assert (plain.weekday, plain.day_class, plain.announced) == ("sat", DayClass.RESTDAY, False)
    assert plain.name == Reason()
