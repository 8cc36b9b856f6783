"""Reads the roster and the union's own calendar days."""

from datetime import date, datetime

from accounts.orm import off_loop
from queueing.calendar import build_calendar
from queueing.domain.calendar import Day, DayClass
from queueing.domain.outlook import Planned
from queueing.models import CalendarDay, Shift


def shifts(line: str, begins: datetime, ends: datetime) -> tuple[Planned, ...]:
    """List the shifts of a line that touch begins..ends, soonest first."""
    rows = Shift.objects.filter(line_id=line, begins_at__lt=ends, ends_at__gt=begins)
    return tuple(Planned(row.staff_id, row.begins_at, row.ends_at) for row in rows)


def shifts_of(staff_id: str, begins: datetime, ends: datetime) -> tuple[Planned, ...]:
    """List one person's shifts on any line."""
    rows = Shift.objects.filter(staff_id=staff_id, begins_at__lt=ends, ends_at__gt=begins)
    return tuple(Planned(row.staff_id, row.begins_at, row.ends_at) for row in rows)


def calendar(first: date, until: date) -> dict[date, Day]:
    """Build the day classes of first..until-1, the union's own days winning over the published notice."""
    return build_calendar(first, until, own_days(first, until))


def own_days(first: date, until: date) -> dict[date, Day]:
    """Read the days the union has set itself."""
    rows = CalendarDay.objects.filter(day__gte=first, day__lt=until)
    return {row.day: Day(DayClass(row.day_class), True, row.name_zh, row.name_en) for row in rows}


def calendar_stamp() -> int:
    """Tell cheaply whether the union's own days have changed."""
    rows = tuple(CalendarDay.objects.values_list("day", "day_class", "name_zh"))
    return hash(rows) if rows else 0


async def ashifts(line: str, begins: datetime, ends: datetime) -> tuple[Planned, ...]:
    """As shifts, off the event loop."""
    return await off_loop(shifts, line, begins, ends)


async def ashifts_of(staff_id: str, begins: datetime, ends: datetime) -> tuple[Planned, ...]:
    """As shifts_of, off the event loop."""
    return await off_loop(shifts_of, staff_id, begins, ends)


async def acalendar(first: date, until: date) -> dict[date, Day]:
    """As calendar, off the event loop."""
    return await off_loop(calendar, first, until)
