"""Page, JSON and calendar file say what the gate does; a reader that is not ours takes the file."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.terms import Medium
from queueing.calendar import build_calendar
from queueing.domain.calendar import Day, DayClass
from queueing.domain.hours import resolve
from queueing.domain.ical import calendar_file, fold
from queueing.domain.published import PublishedHours, publish, shown_intervals
from queueing.domain.schedule import Closure, DatedHours, Reason, Schedule
from tests.queueing.domain.schedules import (
    DAYS,
    FIRST,
    WHY,
    kinds,
    rule,
    schedules,
    wall,
    week_calendar,
)

UNTIL = FIRST + timedelta(days=DAYS)
NOW = wall("2026-09-20 12:00")
TEXT = Medium.TEXT


@settings(max_examples=100, deadline=None)
@given(
    schedule=schedules,
    kind=kinds,
    title=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=120),
)
def test_the_calendar_file_reads_back_as_the_same_hours(
    schedule: Schedule, kind: dict[date, DayClass], title: str
) -> None:
    found = resolve(schedule, week_calendar(kind), FIRST, UNTIL, TEXT)
    text = calendar_file(found, title=title, summary=title + "\nend", key="text.1@host", now=NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    read = icalendar.Calendar.from_ical(text)
    events = list(read.walk("VEVENT"))
    assert [(e.decoded("dtstart"), e.decoded("dtend")) for e in events] == [(i.opens_at, i.closes_at) for i in found]
    assert all(e.decoded("dtstamp") == NOW for e in events)
    assert all(str(e["summary"]) == title + "\nend" for e in events)
    assert len({str(e["uid"]) for e in events}) == len(events)


@given(line=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=300))
def test_folding_loses_nothing(line: str) -> None:
    folded = fold(line)
    assert folded.replace("\r\n ", "") == line
    assert all(len(piece.encode()) <= 75 for piece in folded.split("\r\n"))


@settings(max_examples=100, deadline=None)
@given(schedule=schedules, kind=kinds)
def test_the_page_shows_exactly_the_minutes_of_the_gate(schedule: Schedule, kind: dict[date, DayClass]) -> None:
    calendar = week_calendar(kind)
    first, until = FIRST + timedelta(days=2), UNTIL - timedelta(days=2)
    hours = publish(schedule, calendar, first, until, TEXT)
    shown = {at for i in shown_intervals(hours) for at in quarters(i.opens_at, i.closes_at)}
    truth = {at for i in resolve(schedule, calendar, FIRST, UNTIL, TEXT) for at in quarters(i.opens_at, i.closes_at)}
    begins, ends = wall(f"{first} 06:00"), wall(f"{until} 00:00")
    assert {at for at in shown if begins <= at < ends} == {at for at in truth if begins <= at < ends}
    assert shown <= truth
    assert msgspec.json.decode(msgspec.json.encode(hours), type=PublishedHours) == hours


def quarters(low: datetime, high: datetime) -> list[datetime]:
    """The minutes 0, 15, 30, 45 in [low, high), and the first."""
    count = int((high - low).total_seconds()) // 60
    return [low + timedelta(minutes=n) for n in range(count)]


def test_a_window_past_midnight_stands_whole_on_its_day() -> None:
    schedule = Schedule(rules=(rule("09:00-12:00, 20:00-26:00", days=["fri"]), rule("10:00-24:00", days=["sat"])))
    hours = publish(schedule, {}, date(2026, 9, 25), date(2026, 9, 28), TEXT)
    assert [day.hours.zh for day in hours.days] == ["09:00–12:00、20:00–次日02:00", "10:00–24:00", "不开放"]
    assert hours.days[0].hours.en == "09:00–12:00, 20:00–02:00 next day"


def test_a_line_that_never_closes_is_shown_day_by_day() -> None:
    hours = publish(Schedule(rules=(rule("00:00-24:00"),)), {}, date(2026, 9, 25), date(2026, 9, 28), TEXT)
    assert [day.hours.en for day in hours.days] == ["00:00–24:00"] * 3


def test_the_page_names_the_holiday_and_gives_the_reasons() -> None:
    schedule = Schedule(
        rules=(rule("10:00-22:00"),),
        dated=(DatedHours(date(2026, 10, 1), (), Reason("国庆节休息", "closed for National Day")),),
        closures=(Closure(wall("2026-10-02 12:00"), wall("2026-10-02 13:00"), WHY),),
    )
    calendar = build_calendar(date(2026, 9, 1), date(2026, 11, 1))
    first, second = publish(schedule, calendar, date(2026, 10, 1), date(2026, 10, 3), TEXT).days
    assert (first.hours.zh, first.name.zh, first.notes[0].zh) == ("不开放", "国庆节", "国庆节休息")
    assert second.hours.zh == "10:00–12:00、13:00–22:00"
    assert second.notes == (WHY,)


def test_a_day_without_notice_says_so() -> None:
    hours = publish(Schedule(), {date(2026, 9, 25): Day(DayClass.WORKDAY)}, date(2026, 9, 25), date(2026, 9, 27), TEXT)
    assert [day.announced for day in hours.days] == [True, False]


def test_the_file_is_in_utc_with_the_lines_of_the_standard() -> None:
    found = resolve(
        Schedule(rules=(rule("10:00-24:00", days=["fri"]),)), {}, date(2026, 9, 21), date(2026, 9, 28), TEXT
    )
    text = calendar_file(found, title="心桥", summary="开放", key="text.1@host", now=datetime(2026, 9, 20, tzinfo=UTC))
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert "DTSTART:20260925T020000Z\r\nDTEND:20260925T160000Z\r\n" in text
    assert text.endswith("END:VCALENDAR\r\n")


def test_long_lines_are_folded_again_and_again() -> None:
    for line in ("x" * 400, "心" * 200, "a" + "桥" * 200):
        pieces = fold(line).split("\r\n")
        assert len(pieces) > 4
        assert all(len(piece.encode()) <= 75 for piece in pieces)
        assert "".join([pieces[0], *(piece[1:] for piece in pieces[1:])]) == line


def test_what_lasts_longer_than_30_hours_is_cut_at_midnight() -> None:
    rules = (rule("00:00-30:00", days=["mon"]), rule("06:00-07:00", days=["tue"]))
    hours = publish(Schedule(rules=rules), {}, date(2026, 9, 21), date(2026, 9, 23), TEXT)
    assert [day.hours.en for day in hours.days] == ["00:00–24:00", "00:00–07:00"]
    hours = publish(Schedule(rules=rules[:1]), {}, date(2026, 9, 21), date(2026, 9, 23), TEXT)
    assert [day.hours.en for day in hours.days] == ["00:00–06:00 next day", "closed"]
