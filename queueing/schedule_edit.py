"""From a schedule to the form and back: what the form does not show is carried over unchanged."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from django.http import QueryDict
from msgspec import structs

from kernel.terms import Medium
from queueing.domain.hours import local_day
from queueing.domain.schedule import (
    WEEKDAYS,
    Closure,
    DatedHours,
    DayKey,
    Extension,
    Schedule,
    WeeklyRule,
    Window,
    print_windows,
)
from queueing.schedule_form import DAY_LABELS, DatedRows, StretchRows, WeekForm

CLOSED = "休息"
Stretch = TypeVar("Stretch", Closure, Extension)


class HoursForms(NamedTuple):
    """The four parts of the page."""

    week: WeekForm
    dated: Any
    closures: Any
    extensions: Any

    @property
    def valid(self) -> bool:
        """Check all parts, so that every mistake shows at once."""
        return all([part.is_valid() for part in self])


def open_forms(schedule: Schedule, medium: Medium | None, now: datetime) -> HoursForms:
    """Fill the form from the newest rules of one medium and the exceptions that are not over."""
    today = local_day(schedule, now)
    dated = [_dated_row(row) for row in schedule.dated if row.day >= today]
    closures = [_stretch_row(row) for row in schedule.closures if row.ends_at > now]
    extensions = [_stretch_row(row) for row in schedule.extensions if row.ends_at > now]
    return HoursForms(
        WeekForm(initial=_week(schedule, medium, today)),
        DatedRows(initial=dated, prefix="dated"),
        StretchRows(initial=closures, prefix="closures"),
        StretchRows(initial=extensions, prefix="extensions"),
    )


def read_forms(data: QueryDict) -> HoursForms:
    """Bind the form to what was sent."""
    return HoursForms(
        WeekForm(data),
        DatedRows(data, prefix="dated"),
        StretchRows(data, prefix="closures"),
        StretchRows(data, prefix="extensions"),
    )


def _newest(schedule: Schedule, medium: Medium | None) -> list[WeeklyRule]:
    """The rules of one medium that have no end: what is in force last."""
    return [rule for rule in schedule.rules if rule.medium == medium and rule.valid_to is None]


def _week(schedule: Schedule, medium: Medium | None, today: date) -> dict[str, Any]:
    """The usual week as texts; a day that no rule names is empty, one that a rule closes says so."""
    rules = _newest(schedule, medium)
    texts: dict[DayKey, list[Window]] = {}
    for rule in rules:
        for day in rule.days:
            texts.setdefault(day, []).extend(rule.windows)
    week: dict[str, Any] = {day.value: print_windows(sorted(windows)) or CLOSED for day, windows in texts.items()}
    week["effective"] = max([today, *(rule.valid_from for rule in rules)])
    week["last_admission_minutes"] = schedule.last_admission_minutes
    week["drain_minutes"] = schedule.drain_minutes
    return week


def _dated_row(row: DatedHours) -> dict[str, Any]:
    return {
        "day": row.day,
        "windows": print_windows(row.windows) or CLOSED,
        "applies_to": row.medium or "",
        "reason_zh": row.reason.zh,
        "reason_en": row.reason.en,
    }


def _stretch_row(row: Closure | Extension) -> dict[str, Any]:
    return {
        "begins_at": row.begins_at,
        "ends_at": row.ends_at,
        "applies_to": row.medium or "",
        "reason_zh": row.reason.zh,
        "reason_en": row.reason.en,
    }


def compose(before: Schedule, medium: Medium | None, forms: HoursForms, now: datetime) -> Schedule:
    """Build the next version: other media, past exceptions and past rules stay as they were."""
    today = local_day(before, now)
    week: Mapping[str, Any] = forms.week.cleaned_data
    effective: date = week["effective"]
    return structs.replace(
        before,
        rules=(*_earlier(before.rules, medium, effective), *_rules(week, medium, effective)),
        dated=(*(row for row in before.dated if row.day < today), *_dated(forms.dated)),
        closures=_stretches(Closure, before.closures, forms.closures, now),
        extensions=_stretches(Extension, before.extensions, forms.extensions, now),
        last_admission_minutes=week["last_admission_minutes"],
        drain_minutes=week["drain_minutes"],
    )


def _earlier(rules: Iterable[WeeklyRule], medium: Medium | None, effective: date) -> list[WeeklyRule]:
    """The rules that stay: of other media whole, of this medium up to the day the new week begins."""
    kept = []
    for rule in rules:
        if rule.medium != medium:
            kept.append(rule)
        elif rule.valid_from < effective:
            ends = effective if rule.valid_to is None else min(rule.valid_to, effective)
            kept.append(structs.replace(rule, valid_to=ends))
    return kept


def _rules(week: Mapping[str, Any], medium: Medium | None, effective: date) -> list[WeeklyRule]:
    """One rule for all days that have the same windows; an unnamed day gets no rule."""
    days: dict[tuple[Window, ...], list[DayKey]] = {}
    for key in DAY_LABELS:
        windows = week[key.value]
        if windows is not None:
            days.setdefault(windows, []).append(key)
    # A day class beats the weekday, so the two never share a rule: that keeps what is printed readable.
    return [
        WeeklyRule(days=tuple(group), windows=windows, valid_from=effective, medium=medium)
        for windows, keys in days.items()
        for group in (
            [key for key in keys if key in WEEKDAYS],
            [key for key in keys if key not in WEEKDAYS],
        )
        if group
    ]


def _filled(rows: Any) -> list[Any]:
    """The rows that say something and are not struck out."""
    struck = rows.deleted_forms
    return [row for row in rows if row.has_changed() and row not in struck]


def _dated(rows: Any) -> list[DatedHours]:
    made = [
        DatedHours(row.cleaned_data["day"], row.cleaned_data["windows"], row.reason, row.medium)
        for row in _filled(rows)
    ]
    return sorted(made, key=lambda row: row.day)


def _stretches(kind: type[Stretch], before: Iterable[Stretch], rows: Any, now: datetime) -> tuple[Stretch, ...]:
    """Stretches that are over stay; those of the page are taken as sent."""
    over: list[Stretch] = [row for row in before if row.ends_at <= now]
    made: list[Stretch] = [
        kind(row.cleaned_data["begins_at"], row.cleaned_data["ends_at"], row.reason, row.medium)
        for row in _filled(rows)
    ]
    return tuple(over + sorted(made, key=_begins))


def _begins(stretch: Closure | Extension) -> datetime:
    return stretch.begins_at
