"""Shell: the Chinese calendar of the `holidays` package, corrected by the union's own table of overrides."""

import importlib.util
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

import holidays

from queueing.domain.calendar import Day, DayClass, plain_day

ONE_DAY = timedelta(days=1)


def build_calendar(
    first: date,
    until: date,
    overrides: Mapping[date, Day] | None = None,
    announced_years: Collection[int] = (),
) -> dict[date, Day]:
    """Day classes of first..until-1; overrides win; `announced_years` adds years unknown to the package.

    A year without its official notice has the law's own holidays, no make-up workdays, and announced=False.
    """
    days: dict[date, Day] = {}
    for year in range(first.year, until.year + 1):
        days.update(_year(year))
        if year in announced_years:
            days.update({d: _announced(row) for d, row in days.items() if d.year == year})
    days.update(overrides or {})
    return {day: row for day, row in days.items() if first <= day < until}


def _announced(row: Day) -> Day:
    return Day(row.day_class, True, row.name_zh, row.name_en)


@cache
def _china() -> type[holidays.HolidayBase]:
    """The package's China, from its own file: `holidays.countries` imports all of its 250 countries.

    Errors: ImportError or OSError where the package keeps it elsewhere.
    """
    file = Path(holidays.__file__).parent / "countries" / "china.py"
    spec = importlib.util.spec_from_file_location("holidays.countries.china", file)
    if spec is None or spec.loader is None:
        raise ImportError("holidays.countries.china")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[holidays.HolidayBase] = module.China
    return found


@lru_cache(maxsize=64)
def _year(year: int) -> Mapping[date, Day]:
    """One year's days. A year counts as announced when the package knows its make-up workdays."""
    chinese = _china()(years=(year - 1, year, year + 1), language="zh_CN")
    english = _china()(years=(year - 1, year, year + 1), language="en_US")
    makeup = set(chinese.weekend_workdays)
    announced = any(day.year == year for day in makeup)
    named = {day: (str(chinese[day]), str(english.get(day, ""))) for day in chinese}
    days = {}
    for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        if day in makeup:
            days[day] = Day(DayClass.WORKDAY, announced, "调休上班", "make-up workday")
        elif day in named:
            days[day] = Day(DayClass.HOLIDAY, announced, *named[day])
        else:
            days[day] = Day(_ordinary(day, named, makeup), announced)
    return MappingProxyType(days)


def _ordinary(day: date, named: Collection[date], makeup: Collection[date]) -> DayClass:
    """A weekend in an unbroken run of days off around a holiday belongs to it, as in the yearly notice."""
    if day.weekday() < 5:
        return plain_day(day).day_class
    for step in (-ONE_DAY, ONE_DAY):
        near = day + step
        while near.weekday() >= 5 and near not in makeup and near not in named:
            near += step
        if near in named:
            return DayClass.HOLIDAY
    return DayClass.RESTDAY
