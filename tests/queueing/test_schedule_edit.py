"""The hours form: what it shows and what it makes of what is sent."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Medium
from queueing.domain.schedule import (
    WEEKDAYS,
    Closure,
    DatedHours,
    DayKey,
    Reason,
    Schedule,
    WeeklyRule,
    Window,
)
from queueing.domain.schedule_check import check
from queueing.schedule_edit import HoursForms, compose, open_forms, read_forms

Changes = Mapping[str, str]
NOTHING: Changes = {}
NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
TODAY = date(2026, 3, 10)
DAILY = Schedule(rules=(WeeklyRule(days=WEEKDAYS, windows=(Window(600, 1320),), valid_from=date(2026, 1, 1)),))


def shown(forms: HoursForms) -> dict[str, str]:
    """What a browser would send back unchanged."""
    sent: dict[str, str] = {}
    for field in forms.week:
        sent[field.html_name] = _text(field.value())
    for rows in (forms.dated, forms.closures, forms.extensions):
        for field in rows.management_form:
            sent[field.html_name] = _text(field.value())
        for row in rows:
            sent.update({field.html_name: _text(field.value()) for field in row})
    return sent


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    return "" if value is None or value is False else str(value)


def sent_back(schedule: Schedule, changes: Changes = NOTHING, medium: Medium | None = None) -> HoursForms:
    """The form after some changes, as the server reads it."""
    query = QueryDict(mutable=True)
    query.update({**shown(open_forms(schedule, medium, NOW)), **changes})
    return read_forms(query)


def edited(schedule: Schedule, changes: Changes = NOTHING, medium: Medium | None = None) -> Schedule:
    """The schedule after some changes."""
    forms = sent_back(schedule, changes, medium)
    assert forms.valid, [part.errors for part in forms]
    return compose(schedule, medium, forms, NOW)


windows = st.sampled_from(
    [(), (Window(600, 1320),), (Window(0, 1440),), (Window(540, 720), Window(840, 1560)), (Window(1320, 1800),)]
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """One week in force, of one to five rules that speak of different days, and some exceptions to come."""
    rules: dict[tuple[Window, ...], list[DayKey]] = {}
    for day in WEEKDAYS:
        rules.setdefault(draw(windows), []).append(day)
    dated = draw(st.dictionaries(st.integers(0, 30), windows, max_size=3))
    starts = draw(st.lists(st.integers(1, 500), max_size=3, unique=True))
    begins = [NOW + timedelta(hours=hours) for hours in sorted(starts)]
    return Schedule(
        rules=tuple(WeeklyRule(tuple(days), found, date(2026, 1, 1)) for found, days in rules.items()),
        dated=tuple(DatedHours(TODAY + timedelta(days=n), dated[n], Reason("节日", "")) for n in sorted(dated)),
        closures=tuple(Closure(at, at + timedelta(hours=3), Reason("停电", "power cut")) for at in begins),
        last_admission_minutes=draw(st.sampled_from([0, 15, 30])),
    )


@given(schedule=schedules())
def test_sending_the_form_back_unchanged_keeps_every_hour(schedule: Schedule) -> None:
    after = edited(schedule)
    now_in_force = [rule for rule in after.rules if rule.valid_to is None]
    assert {(day, rule.windows) for rule in now_in_force for day in rule.days} == {
        (day, rule.windows) for rule in schedule.rules for day in rule.days
    }
    assert (after.dated, after.closures) == (schedule.dated, schedule.closures)
    assert after.last_admission_minutes == schedule.last_admission_minutes
    assert check(after) == check(schedule) == ()


def test_a_change_from_a_date_on_leaves_the_days_before_it_alone() -> None:
    after = edited(DAILY, {"sun": "休息", "effective": "2026-04-01"})
    old, week, sunday = after.rules
    assert (old.windows, old.valid_to) == ((Window(600, 1320),), date(2026, 4, 1))
    assert (week.valid_from, week.days) == (date(2026, 4, 1), WEEKDAYS[:-1])
    assert (sunday.days, sunday.windows) == ((DayKey.SUN,), ())
    assert check(after) == ()


def test_the_week_of_voice_is_edited_without_touching_text() -> None:
    after = edited(DAILY, {"mon": "10:00-18:00", "effective": "2026-03-10"}, Medium.VOICE)
    assert after.rules[0] == DAILY.rules[0]
    assert after.rules[1] == WeeklyRule((DayKey.MON,), (Window(600, 1080),), TODAY, None, Medium.VOICE)


def test_a_pending_change_is_edited_as_such_and_never_doubled() -> None:
    pending = edited(DAILY, {"sun": "休息", "effective": "2026-04-01"})
    again = edited(pending, {"sun": "12:00-20:00"})
    assert check(again) == ()
    assert [rule.valid_from for rule in again.rules] == [date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 1)]
    assert again.rules[-1].windows == (Window(720, 1200),)


def test_exceptions_that_are_over_stay_in_the_record_and_are_not_shown() -> None:
    gone = DatedHours(date(2026, 2, 17), (), Reason("春节", "Spring Festival"))
    before = Schedule(rules=DAILY.rules, dated=(gone,))
    assert open_forms(before, None, NOW).dated.initial == []
    row = {"dated-0-day": "2026-10-01", "dated-0-windows": "10：00至18：00", "dated-0-reason_zh": "国庆节"}
    after = edited(before, row)
    assert after.dated == (gone, DatedHours(date(2026, 10, 1), (Window(600, 1080),), Reason("国庆节", "")))


def test_a_row_is_struck_out() -> None:
    holiday = DatedHours(date(2026, 10, 1), (), Reason("国庆节", ""))
    before = Schedule(rules=DAILY.rules, dated=(holiday,))
    assert edited(before, {"dated-0-DELETE": "on"}).dated == ()


def test_a_closure_is_read_in_the_line_s_own_time() -> None:
    row = {
        "closures-0-begins_at": "2026-03-11T08:00",
        "closures-0-ends_at": "2026-03-11T10:00",
        "closures-0-reason_zh": "停电",
        "closures-0-reason_en": "power cut",
        "closures-0-applies_to": "voice",
    }
    (closure,) = edited(DAILY, row).closures
    assert closure.begins_at == datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    assert (closure.medium, closure.reason.en) == (Medium.VOICE, "power cut")


@pytest.mark.parametrize("text", ["9点到5点", "10:00", "22:00-31:00", "25:61-26:00"])
def test_what_cannot_be_read_is_named(text: str) -> None:
    forms = sent_back(DAILY, {"mon": text})
    assert not forms.valid
    assert "看不懂" in str(forms.week.errors["mon"])


def test_every_mistake_of_the_page_shows_at_once() -> None:
    forms = sent_back(DAILY, {"mon": "x", "dated-0-windows": "10:00-11:00", "closures-0-ends_at": "2026-03-11T10:00"})
    assert not forms.valid
    assert forms.week.errors
    assert forms.dated.errors[0]["day"]
    assert forms.closures.errors[0]["begins_at"]
