"""A schedule travels as JSON unharmed, and whoever edits it hears of every problem at once."""

from datetime import date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Medium
from queueing.domain.schedule import (
    Closure,
    DatedHours,
    DayKey,
    Extension,
    Reason,
    Schedule,
    WeeklyRule,
    Window,
    clock_text,
    parse_clock,
    parse_windows,
    print_windows,
    spoken_clock,
)
from queueing.domain.schedule_check import InvalidScheduleError, check, read_schedule
from tests.queueing.domain.schedules import WHY, rule, schedules, wall


@given(schedule=schedules)
def test_json_gives_back_the_same_schedule(schedule: Schedule) -> None:
    assert msgspec.json.decode(msgspec.json.encode(schedule), type=Schedule) == schedule


@given(minute=st.integers(0, 1800))
def test_every_minute_up_to_30_00_prints_and_parses(minute: int) -> None:
    assert parse_clock(clock_text(minute)) == minute
    assert parse_clock(spoken_clock(minute).zh) == minute


@given(windows=st.lists(st.builds(Window, st.integers(0, 1439), st.integers(1, 1800)), max_size=4).map(tuple))
def test_windows_print_and_parse(windows: tuple[Window, ...]) -> None:
    assert parse_windows(print_windows(windows)) == windows


@pytest.mark.parametrize(
    "typed",
    [
        "10:00-12:00, 14:00-26:00",
        "10:00—12:00、14:00—次日02:00",
        "10:00至12:00;14:00到26:00",
        "10:00~12:00,14:00–26:00",
    ],
)
def test_hours_are_read_as_people_type_them(typed: str) -> None:
    assert parse_windows(typed) == (Window(600, 720), Window(840, 1560))


@pytest.mark.parametrize("typed", ["10:00", "10-12", "10:60-12:00", "25:00-31:00", "次日07:00-次日08:00", "上午-下午"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_windows(typed)


def test_the_notices_of_2017_and_2019_are_in_order() -> None:
    assert not check(Schedule(rules=(rule("10:00-22:00", to="2019-01-01"), rule("10:00-24:00", since="2019-01-01"))))


def test_every_problem_is_named_at_once_in_both_languages() -> None:
    broken = Schedule(
        rules=(
            WeeklyRule((), (Window(600, 500),), date(2019, 1, 1), date(2018, 1, 1)),
            WeeklyRule((DayKey.MON, DayKey.MON), (Window(-5, 60), Window(600, 1900)), date(2019, 1, 1)),
            rule("10:00-22:00"),
            rule("20:00-24:00, 23:00-25:00", since="2019-01-01"),
            rule("", days=["sun"]),
            rule("09:00-09:20", days=["holiday"]),
        ),
        dated=(DatedHours(date(2026, 1, 1), ()), DatedHours(date(2026, 1, 1), (Window(1, 90),))),
        closures=(Closure(wall("2026-01-02 00:00"), wall("2026-01-01 00:00"), Reason("", "")),),
        extensions=(Extension(datetime(2026, 1, 1), datetime(2026, 1, 2)),),  # noqa: DTZ001
        zone="Asia/Nowhere",
        last_admission_minutes=30,
        drain_minutes=-1,
    )
    found = check(broken)
    said = [(p.where, p.en) for p in found]
    for where, word in [
        ("zone", "unknown"),
        ("drain_minutes", "0 to"),
        ("rules[1]", "no day"),
        ("rules[1]", "after valid_from"),
        ("rules[1]", "26:00"),
        ("rules[2]", "twice"),
        ("rules[2]", "opens must"),
        ("rules[2]", "latest"),
        ("rules[4]", "overlap at 23:00"),
        ("rules[3], rules[4]", "2019-01-01"),
        ("rules[3], rules[5]", "closed"),
        ("rules[6]", "last admission"),
        ("dated[2]", "set twice"),
        ("closures[1]", "end after"),
        ("closures[1]", "visitor"),
        ("extensions[1]", "time zone"),
    ]:
        assert any(where == w and word in en for w, en in said), (where, word)
    assert all(p.zh and p.en for p in found)


def test_rules_for_different_media_or_times_do_not_clash() -> None:
    assert not check(
        Schedule(
            rules=(
                rule("10:00-22:00"),
                rule("09:00-18:00", medium=Medium.VOICE),
                rule("23:00-24:00", days=["sat"]),
                rule("06:00-07:00", days=["holiday"]),
            ),
            closures=(Closure(wall("2026-01-01 00:00"), wall("2026-01-02 00:00"), WHY),),
        )
    )


def test_a_stored_schedule_is_read_or_refused_whole() -> None:
    good = Schedule(rules=(rule("10:00-24:00"),))
    assert read_schedule(msgspec.json.encode(good)) == good
    for raw in (b"{", b'{"rules": 3}', b'{"hours": []}', msgspec.json.encode(Schedule())):
        with pytest.raises(InvalidScheduleError) as refused:
            read_schedule(raw)
        assert refused.value.problems
