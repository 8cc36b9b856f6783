"""A schedule is published only when nothing is wrong with it, and every fault is found where it lies."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.terms import Medium
from queueing.domain.schedule import Closure, DatedHours, DayKey, Extension, Reason, Schedule, WeeklyRule, Window
from queueing.domain.schedule_check import InvalidScheduleError, check, read_schedule
from tests.queueing.domain.schedules import WHY, rule, schedules, wall

NEW_YEAR = date(2026, 1, 1)
WINDOWS = st.lists(
    st.builds(Window, st.integers(-2, 30).map(lambda h: h * 60), st.integers(-2, 32).map(lambda h: h * 60)),
    max_size=3,
).map(tuple)


def wrong_places(schedule: Schedule) -> set[str]:
    """Where something is wrong."""
    return {problem.where for problem in check(schedule)}


@given(schedule=schedules)
@settings(deadline=None)
def test_what_is_stored_is_read_exactly_when_nothing_is_wrong_with_it(schedule: Schedule) -> None:
    problems = check(schedule)
    raw = msgspec.json.encode(schedule)
    if not problems:
        assert read_schedule(raw) == schedule
        return
    with pytest.raises(InvalidScheduleError) as refused:
        read_schedule(raw)
    assert refused.value.problems == problems
    assert all(p.zh and p.en in str(refused.value) and p.where in str(refused.value) for p in problems)


@given(windows=WINDOWS, margin=st.sampled_from([0, 60, 120]))
@settings(max_examples=300, deadline=None)
def test_the_windows_of_a_day_must_be_real_apart_and_let_somebody_in(windows: tuple[Window, ...], margin: int) -> None:
    # Hour by hour: all of 00:00 to 30:00 that some window takes, counted once for each that takes it.
    taken = [hour for w in windows for hour in range(w.opens // 60, w.closes // 60)]
    sound = all(0 <= w.opens <= 23 * 60 and w.closes <= 30 * 60 and w.closes - w.opens > margin for w in windows)
    schedule = Schedule(rules=(WeeklyRule((DayKey.MON,), windows, NEW_YEAR),), last_admission_minutes=margin)
    assert bool(check(schedule)) is not (sound and len(set(taken)) == len(taken))
    on_a_date = Schedule(dated=(DatedHours(NEW_YEAR, windows),), last_admission_minutes=margin)
    assert wrong_places(on_a_date) == {where.replace("rules", "dated") for where in wrong_places(schedule)}


@pytest.mark.parametrize(("closes", "fine"), [(660, False), (661, True)])
def test_a_window_must_be_longer_than_its_last_admission(closes: int, fine: bool) -> None:
    hours = (WeeklyRule((DayKey.MON,), (Window(600, closes),), NEW_YEAR),)
    assert wrong_places(Schedule(rules=hours, last_admission_minutes=60)) == (set() if fine else {"rules[1]"})


@pytest.mark.parametrize(("opens", "fine"), [(659, False), (660, True)])
def test_windows_may_touch_but_not_share_a_minute(opens: int, fine: bool) -> None:
    hours = (WeeklyRule((DayKey.MON,), (Window(opens, 720), Window(600, 660)), NEW_YEAR),)
    assert wrong_places(Schedule(rules=hours)) == (set() if fine else {"rules[1]"})


SHORT = st.builds(
    lambda keys, window, medium, start, length: WeeklyRule(
        tuple(keys),
        window,
        NEW_YEAR + timedelta(days=start),
        None if length is None else NEW_YEAR + timedelta(days=start + length),
        medium,
    ),
    st.sets(st.sampled_from([DayKey.MON, DayKey.TUE, DayKey.HOLIDAY]), min_size=1),
    st.sampled_from([(Window(600, 720),), (Window(720, 840),), (Window(660, 780),), ()]),
    st.sampled_from([None, Medium.TEXT]),
    st.integers(0, 6),
    st.none() | st.integers(1, 4),
)


def speaks_on(one: WeeklyRule, key: DayKey, day: date) -> bool:
    """Whether the rule is valid on that date and names the kind of day."""
    return key in one.days and one.valid_from <= day and (one.valid_to is None or day < one.valid_to)


@given(one=SHORT, two=SHORT)
@settings(max_examples=300, deadline=None)
def test_two_rules_clash_when_on_some_day_they_open_the_same_minute_or_contradict(
    one: WeeklyRule, two: WeeklyRule
) -> None:
    days = [NEW_YEAR + timedelta(days=n) for n in range(12)]
    meet = any(speaks_on(one, key, day) and speaks_on(two, key, day) for key in DayKey for day in days)
    minutes = [{m for w in each.windows for m in range(w.opens, w.closes)} for each in (one, two)]
    at_odds = bool(minutes[0]) is not bool(minutes[1]) or bool(minutes[0] & minutes[1])
    clash = meet and one.medium == two.medium and at_odds  # two rules that both say closed agree
    assert wrong_places(Schedule(rules=(one, two))) == ({"rules[1], rules[2]"} if clash else set())


@pytest.mark.parametrize(("minutes", "fine"), [(-1, False), (0, True), (240, True), (241, False)])
def test_margins_run_from_nothing_to_four_hours(minutes: int, fine: bool) -> None:
    drains = Schedule(rules=(rule("10:00-22:00"),), drain_minutes=minutes)
    admits = Schedule(rules=(rule("10:00-22:00"),), last_admission_minutes=minutes)
    assert wrong_places(drains) == (set() if fine else {"drain_minutes"})
    assert wrong_places(admits) == (set() if fine else {"last_admission_minutes"})


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "Asia", "../passwd", "\0"])
def test_a_zone_nobody_knows_is_a_problem_and_not_a_crash(zone: str) -> None:
    assert wrong_places(Schedule(rules=(rule("10:00-22:00"),), zone=zone)) == {"zone"}


def test_a_schedule_needs_hours_of_some_kind_and_a_closure_is_none() -> None:
    begins, ends = wall("2026-01-01 00:00"), wall("2026-01-02 00:00")
    assert wrong_places(Schedule()) == {"rules"}
    assert wrong_places(Schedule(closures=(Closure(begins, ends, WHY),))) == {"rules"}
    assert not check(Schedule(extensions=(Extension(begins, ends),)))
    assert not check(Schedule(dated=(DatedHours(NEW_YEAR, (Window(0, 60),)),)))


def test_a_date_is_set_once_for_each_medium() -> None:
    dated = tuple(DatedHours(NEW_YEAR, (), medium=medium) for medium in (None, Medium.TEXT, Medium.VOICE))
    assert not check(Schedule(dated=dated))
    assert wrong_places(Schedule(dated=(*dated, DatedHours(NEW_YEAR, (Window(0, 60),), medium=Medium.TEXT)))) == {
        "dated[4]"
    }


def test_a_stretch_takes_time_and_only_a_closure_owes_the_visitor_a_reason_in_both_languages() -> None:
    begins, ends = wall("2026-01-01 00:00"), wall("2026-01-01 00:01")
    hours = (rule("10:00-22:00"),)
    assert not check(Schedule(rules=hours, closures=(Closure(begins, ends, WHY),)))
    assert wrong_places(Schedule(rules=hours, closures=(Closure(begins, begins, WHY),))) == {"closures[1]"}
    assert wrong_places(Schedule(rules=hours, extensions=(Extension(begins, begins),))) == {"extensions[1]"}
    for reason in (Reason("台风", " "), Reason(" ", "typhoon")):
        assert wrong_places(Schedule(rules=hours, closures=(Closure(begins, ends, reason),))) == {"closures[1]"}
        assert not check(Schedule(rules=hours, extensions=(Extension(begins, ends, reason),)))
