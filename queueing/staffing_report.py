"""Staffing advice for a line's day, from its own log, hours and roster."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from kernel.terms import Medium
from queueing import store
from queueing.desk_log import desk_log
from queueing.domain import hours
from queueing.domain.advice import HalfHour, Line, Promise, advise, counted
from queueing.domain.learnt import Learnt
from queueing.messages import OpenInterval, TicketIssued
from queueing.roster_store import calendar, shifts

WEEKS_READ = 10


class Report(msgspec.Struct, frozen=True):
    """The advice, and what it stands on; `days` of history, handling and patience in minutes."""

    line: str
    day: date
    days: int
    handling_min: float
    patience_min: float
    half_hours: tuple[HalfHour, ...]


def report(line: str, day: date, now: datetime, promise: Promise | None = None) -> Report:
    """Read ten weeks of the log and advise; no half hours where the weekday has no past."""
    schedule = store.current_schedule(line).schedule
    zone = ZoneInfo(schedule.zone)
    learnt, came = Learnt(), []
    for at, event in desk_log(line, now - timedelta(weeks=WEEKS_READ)):
        learnt.read(at, event)
        if isinstance(event, TicketIssued):
            came.append(event.arrived_at)
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    known = Line(
        handling=learnt.handling(Medium.TEXT),
        patience=learnt.patience(),
        intervals=tuple(
            OpenInterval(span.opens_at, span.closes_at, span.last_admission_at, medium)
            for medium in Medium
            for span in hours.resolve(
                schedule,
                calendar(day - timedelta(days=3), day + timedelta(days=3)),
                day - timedelta(days=1),
                day + timedelta(days=1),
                medium,
            )
        ),
        shifts=shifts(line, begins, begins + timedelta(days=1)),
        zone=schedule.zone,
    )
    history = counted(came, schedule.zone)
    found = advise(history, known, day, promise or Promise())
    return Report(line, day, len(history), round(known.handling, 1), round(known.patience, 1), found)
