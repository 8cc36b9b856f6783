"""The gate, the page and the calendar file follow the published hours to the minute (R7, P11, P15)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.terms import Medium
from queueing.calendar import build_calendar
from queueing.domain.calendar import Day, DayClass
from queueing.domain.hours import Source, admits, close_at, gate, is_open, next_open, resolve
from queueing.domain.schedule import Closure, DatedHours, Extension, Reason, Schedule, parse_windows
from tests.queueing.domain.schedules import (
    DAYS,
    FIRST,
    WHY,
    kinds,
    minutes_open,
    painted,
    rule,
    schedules,
    wall,
    week_calendar,
)

TEXT, VOICE = Medium.TEXT, Medium.VOICE
MINUTE = timedelta(minutes=1)
UNKNOWN: Mapping[date, Day] = {}
NOTICES = Schedule(
    rules=(rule("10:00-22:00", since="2017-01-01", to="2019-01-01"), rule("10:00-24:00", since="2019-01-01"))
)


def test_the_notice_of_2017_closes_at_22_and_the_article_of_2019_at_midnight() -> None:
    assert close_at(NOTICES, UNKNOWN, TEXT, wall("2018-12-31 10:00")) == wall("2018-12-31 22:00")
    assert not is_open(NOTICES, UNKNOWN, TEXT, wall("2018-12-31 22:00"))
    assert is_open(NOTICES, UNKNOWN, TEXT, wall("2019-01-01 23:59"))
    assert not is_open(NOTICES, UNKNOWN, TEXT, wall("2019-01-02 00:00"))
    assert next_open(NOTICES, UNKNOWN, TEXT, wall("2019-01-02 00:00")) == wall("2019-01-02 10:00")
    assert next_open(NOTICES, UNKNOWN, TEXT, wall("2016-12-01 00:00")) == wall("2017-01-01 10:00")


def test_a_split_shift_past_midnight_belongs_to_the_day_it_opens_on() -> None:
    schedule = Schedule(rules=(rule("09:00-12:00, 20:00-26:00", days=["fri"]),))
    found = resolve(schedule, UNKNOWN, date(2026, 9, 21), date(2026, 9, 28), TEXT)
    assert [(i.opens_at, i.closes_at) for i in found] == [
        (wall("2026-09-25 09:00"), wall("2026-09-25 12:00")),
        (wall("2026-09-25 20:00"), wall("2026-09-26 02:00")),
    ]


def test_a_line_that_never_closes_is_one_stretch_with_no_close_in_sight() -> None:
    schedule = Schedule(rules=(rule("00:00-24:00"),), last_admission_minutes=30)
    state = gate(schedule, UNKNOWN, VOICE, wall("2026-09-21 23:59"))
    assert state.is_open
    assert state.admits
    assert state.closes_at is None
    (day,) = resolve(schedule, UNKNOWN, date(2026, 9, 21), date(2026, 9, 22), VOICE)
    assert day.last_admission_at == day.closes_at == wall("2026-09-22 00:00")


def test_closure_beats_extension_beats_dated_hours_beats_class_beats_weekday() -> None:
    schedule = Schedule(
        rules=(
            rule("01:00-02:00"),
            rule("03:00-04:00", days=["holiday"]),
            rule("05:00-06:00", days=["workday"]),
        ),
        dated=(DatedHours(date(2026, 9, 24), parse_windows("07:00-08:00")),),
        extensions=(Extension(wall("2026-09-24 09:00"), wall("2026-09-24 11:00")),),
        closures=(Closure(wall("2026-09-24 10:00"), wall("2026-09-24 12:00"), WHY),),
    )
    calendar = {
        date(2026, 9, 21): Day(DayClass.RESTDAY),
        date(2026, 9, 22): Day(DayClass.HOLIDAY),
        date(2026, 9, 23): Day(DayClass.WORKDAY),
        date(2026, 9, 24): Day(DayClass.HOLIDAY),
    }
    found = resolve(schedule, calendar, date(2026, 9, 21), date(2026, 9, 25), TEXT)
    assert [(i.opens_at, i.closes_at, i.source) for i in found] == [
        (wall("2026-09-21 01:00"), wall("2026-09-21 02:00"), Source.WEEKDAY),
        (wall("2026-09-22 03:00"), wall("2026-09-22 04:00"), Source.DAY_CLASS),
        (wall("2026-09-23 05:00"), wall("2026-09-23 06:00"), Source.DAY_CLASS),
        (wall("2026-09-24 07:00"), wall("2026-09-24 08:00"), Source.DATED),
        (wall("2026-09-24 09:00"), wall("2026-09-24 10:00"), Source.EXTENSION),
    ]
    assert gate(schedule, calendar, TEXT, wall("2026-09-24 10:30")).closure == WHY


def test_a_rule_that_names_the_medium_beats_one_for_all() -> None:
    schedule = Schedule(rules=(rule("10:00-22:00"), rule("12:00-18:00", medium=VOICE)))
    assert is_open(schedule, UNKNOWN, TEXT, wall("2026-09-21 19:00"))
    assert not is_open(schedule, UNKNOWN, VOICE, wall("2026-09-21 19:00"))


def test_an_extension_moves_the_last_admission_with_the_close() -> None:
    plain = Schedule(rules=(rule("10:00-22:00"),), last_admission_minutes=30)
    longer = Schedule(
        rules=plain.rules,
        extensions=(Extension(wall("2026-09-21 22:00"), wall("2026-09-21 23:30"), Reason("热线繁忙", "surge")),),
        last_admission_minutes=30,
    )
    at = wall("2026-09-21 21:30")
    assert is_open(plain, UNKNOWN, TEXT, at)
    assert not admits(plain, UNKNOWN, TEXT, at)
    assert next_open(plain, UNKNOWN, TEXT, at) == wall("2026-09-22 10:00")
    assert admits(longer, UNKNOWN, TEXT, at)
    assert gate(longer, UNKNOWN, TEXT, at).last_admission_at == wall("2026-09-21 23:00")


def test_make_up_workdays_have_workday_hours_and_golden_week_has_holiday_hours() -> None:
    calendar = build_calendar(date(2025, 9, 1), date(2025, 11, 1))
    schedule = Schedule(
        rules=(
            rule("09:00-18:00", days=["workday"]),
            rule("", days=["restday"]),
            rule("10:00-12:00", days=["holiday"]),
        )
    )
    assert is_open(schedule, calendar, TEXT, wall("2025-09-28 17:59"))
    assert is_open(schedule, calendar, TEXT, wall("2025-10-11 09:00"))
    assert not is_open(schedule, calendar, TEXT, wall("2025-10-12 11:00"))
    for day in range(1, 9):
        assert is_open(schedule, calendar, TEXT, wall(f"2025-10-0{day} 11:59"))
        assert not is_open(schedule, calendar, TEXT, wall(f"2025-10-0{day} 12:00"))


def test_a_year_without_notice_opens_by_its_weekday_and_never_fails() -> None:
    schedule = Schedule(rules=(rule("09:00-18:00", days=["workday"]), rule("10:00-12:00", days=["restday"])))
    assert close_at(schedule, UNKNOWN, TEXT, wall("2091-03-05 09:30")) == wall("2091-03-05 18:00")
    assert close_at(schedule, UNKNOWN, TEXT, wall("2091-03-03 10:30")) == wall("2091-03-03 12:00")


def test_nothing_published_means_closed_with_no_opening_in_sight() -> None:
    state = gate(Schedule(), UNKNOWN, TEXT, wall("2026-09-21 12:00"))
    assert not state.is_open
    assert not state.admits
    assert state.next_open_at is None


HISTORY = Schedule(
    rules=(
        rule("09:00-11:30, 13:30-17:00", days=["workday"], to="2012-07-01"),
        rule("", days=["restday"], to="2012-07-01"),
        rule(
            "08:30-12:00, 14:00-17:30, 19:00-25:30",
            days=["mon", "wed", "fri", "sat"],
            since="2012-07-01",
            to="2017-01-01",
        ),
        rule("18:00-30:00", days=["tue", "sun"], since="2012-07-01", to="2017-01-01"),
        rule("06:00-06:01", days=["holiday"], since="2012-07-01", to="2017-01-01"),
        rule("10:00-22:00", since="2017-01-01", to="2019-01-01"),
        rule("10:00-24:00", since="2019-01-01", to="2024-03-01"),
        rule("10:00-20:00", since="2019-01-01", to="2024-03-01", medium=VOICE),
        rule("00:00-24:00", days=["workday"], since="2024-03-01"),
        rule("08:00-26:00", days=["restday", "holiday"], since="2024-03-01"),
    ),
    dated=(
        DatedHours(date(2020, 1, 24), parse_windows("10:00-15:00")),
        DatedHours(date(2021, 2, 11), ()),
        DatedHours(date(2025, 1, 28), parse_windows("22:00-30:00"), medium=VOICE),
    ),
    closures=(
        Closure(wall("2012-07-21 20:00"), wall("2012-07-22 21:13"), WHY),
        Closure(wall("2022-04-01 00:00"), wall("2022-04-06 12:00"), WHY, medium=VOICE),
    ),
    extensions=(
        Extension(wall("2008-05-12 14:28"), wall("2008-06-12 00:00")),
        Extension(wall("2020-01-25 00:00"), wall("2020-04-08 09:07"), medium=TEXT),
    ),
    last_admission_minutes=20,
)


@pytest.mark.promise("R7")
@pytest.mark.parametrize("medium", list(Medium))
def test_the_gate_is_right_for_every_minute_of_2004_to_2026(medium: Medium) -> None:
    """12.1 million minutes of a schedule with every kind of rule, and the gate itself around every 11th edge."""
    first, until = date(2004, 1, 1), date(2027, 1, 1)
    calendar = build_calendar(first - timedelta(days=9), until + timedelta(days=19))
    days = (until - first).days
    truth = minutes_open(HISTORY, lambda day: calendar[day].day_class, first, days, medium)
    found = resolve(HISTORY, calendar, first, until, medium)
    assert painted(found, first, days) == truth
    origin = wall("2004-01-01 00:00")
    edges = [m for m in range(1, len(truth) - 1441) if truth[m] != truth[m - 1]]
    assert len(edges) > 10_000
    for edge in edges[::11]:
        for minute in (edge - 1, edge, edge - 20, edge - 21):
            at = origin + minute * MINUTE
            state = gate_without_search(calendar, medium, at)
            assert state == (bool(truth[minute]), all(truth[minute : minute + 21])), at


def gate_without_search(calendar: Mapping[date, Day], medium: Medium, at: datetime) -> tuple[bool, bool]:
    """(open, admits) at the last microsecond of the minute and at its start, which must agree."""
    late = at + MINUTE - timedelta(microseconds=1)
    answer = is_open(HISTORY, calendar, medium, at), admits(HISTORY, calendar, medium, at)
    assert is_open(HISTORY, calendar, medium, late) == answer[0]
    return answer


@settings(max_examples=120, deadline=None)
@given(schedule=schedules, kind=kinds, medium=st.sampled_from(list(Medium)))
def test_random_schedules_agree_with_the_minute_oracle(
    schedule: Schedule, kind: dict[date, DayClass], medium: Medium
) -> None:
    calendar = week_calendar(kind)
    found = resolve(schedule, calendar, FIRST, FIRST + timedelta(days=DAYS), medium)
    truth = minutes_open(schedule, lambda day: kind[day], FIRST, DAYS + 1, medium)
    assert painted(found, FIRST, DAYS) == truth[: DAYS * 1440]
    assert all(a.closes_at <= b.opens_at for a, b in pairwise(found))
    early = schedule.last_admission_minutes
    admitting = bytearray(DAYS * 1440)
    for interval in found:
        assert interval.opens_at <= interval.last_admission_at <= interval.closes_at
    for minute in range(0, DAYS * 1440, 15):
        admitting[minute] = all(truth[minute : minute + early + 1])
        at = wall(f"{FIRST} 00:00") + minute * MINUTE
        inside = any(i.opens_at <= at < i.last_admission_at for i in found)
        assert inside == bool(admitting[minute])


@settings(max_examples=60, deadline=None)
@given(schedule=schedules, kind=kinds, cut=st.integers(1, DAYS - 1))
def test_two_half_ranges_say_what_the_whole_says(schedule: Schedule, kind: dict[date, DayClass], cut: int) -> None:
    calendar = week_calendar(kind)
    middle, until = FIRST + timedelta(days=cut), FIRST + timedelta(days=DAYS)
    whole = painted(resolve(schedule, calendar, FIRST, until, TEXT), FIRST, DAYS)
    left = painted(resolve(schedule, calendar, FIRST, middle, TEXT), FIRST, cut)
    right = painted(resolve(schedule, calendar, middle, until, TEXT), middle, DAYS - cut)
    assert whole == left + right


@settings(max_examples=60, deadline=None)
@given(schedule=schedules, kind=kinds, jumps=st.lists(st.integers(0, DAYS * 1440 - 1), min_size=1, max_size=6))
def test_a_clock_that_jumps_back_or_forth_gets_the_same_answers(
    schedule: Schedule, kind: dict[date, DayClass], jumps: list[int]
) -> None:
    """The gate keeps nothing between two questions, so only the instant decides."""
    calendar = week_calendar(kind)
    truth = minutes_open(schedule, lambda day: kind[day], FIRST, DAYS + 3, TEXT)
    origin = wall(f"{FIRST} 00:00")
    for minute in [j for jump in jumps for j in (jump, max(jump - 60, 0), min(jump + 60, DAYS * 1440 - 1))]:
        now = origin + minute * MINUTE
        state = gate(schedule, calendar, TEXT, now)
        assert state.is_open == bool(truth[minute])
        assert (state.next_open_at is None) or (not state.admits and state.next_open_at >= now)
        if state.admits:
            assert next_open(schedule, calendar, TEXT, now) == now


@settings(max_examples=60, deadline=None)
@given(schedule=schedules, kind=kinds, minute=st.integers(0, DAYS * 1440 - 1))
def test_the_next_opening_admits_and_nothing_before_it_does(
    schedule: Schedule, kind: dict[date, DayClass], minute: int
) -> None:
    calendar = week_calendar(kind)
    now = wall(f"{FIRST} 00:00") + minute * MINUTE
    found = next_open(schedule, calendar, TEXT, now)
    end = now + timedelta(days=2) if found is None else min(found, now + timedelta(days=2))
    while now < end:
        assert not admits(schedule, calendar, TEXT, now)
        now += 15 * MINUTE
    assert found is None or admits(schedule, calendar, TEXT, found)
