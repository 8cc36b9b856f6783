"""Staffing advice for one day: expected contacts per half hour, slots that keep the promise, people on the roster."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from queueing.domain.forecast import DayCounts, forecast_day
from queueing.domain.outlook import Planned
from queueing.domain.staffing import Demand, counselors_needed, service_level
from queueing.messages import OpenInterval

HALF_HOUR = timedelta(minutes=30)
SLOTS_A_DAY = 48


class Promise(msgspec.Struct, frozen=True):
    """What is to be kept: the share answered within so many minutes, with texts at once and their slowdown."""

    share: float = 0.8
    within: float = 5.0
    concurrency: int = 2
    slowdown: float = 0.25


class HalfHour(msgspec.Struct, frozen=True):
    """One half hour of published hours. `needed` None: more people than anybody could ask for."""

    begins_at: datetime
    contacts: float
    needed: int | None
    rostered: int
    answered_in_time: float


def counted(came: Iterable[datetime], zone: str) -> tuple[DayCounts, ...]:
    """Arrivals per local day and half hour; days on which nobody came between others are days without contacts."""
    days: dict[date, list[int]] = {}
    for at in came:
        local = at.astimezone(ZoneInfo(zone))
        days.setdefault(local.date(), [0] * SLOTS_A_DAY)[local.hour * 2 + local.minute // 30] += 1
    return tuple(DayCounts(day, tuple(counts)) for day, counts in sorted(days.items()))


class Line(msgspec.Struct, frozen=True):
    """What is known of a line: handling and patience in minutes, its hours and its roster."""

    handling: float
    patience: float
    intervals: Sequence[OpenInterval]
    shifts: Sequence[Planned]
    zone: str


def advise(history: Sequence[DayCounts], line: Line, day: date, promise: Promise) -> tuple[HalfHour, ...]:
    """The open half hours of a local day; empty where its weekday has no past."""
    expected = forecast_day(history, day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(line.zone))
    found = []
    for slot, contacts in enumerate(expected):
        begins = midnight + slot * HALF_HOUR
        if any(span.opens_at < begins + HALF_HOUR and begins < span.closes_at for span in line.intervals):
            found.append(_half_hour(begins, contacts, line, promise))
    return tuple(found)


def _half_hour(begins: datetime, contacts: float, line: Line, promise: Promise) -> HalfHour:
    """Exact Erlang-A for the half hour's load."""
    demand = Demand(contacts / 30, line.handling, line.patience)
    middle = begins + HALF_HOUR / 2
    people = len({s.counselor for s in line.shifts if s.begins_at <= middle < s.ends_at})
    if contacts <= 0:
        return HalfHour(begins, 0.0, 0, people, 1.0)
    how = {"concurrency": promise.concurrency, "slowdown": promise.slowdown}
    needed = counselors_needed(demand, promise.share, promise.within, **how)  # type: ignore[arg-type]  # mypy: by name
    slower = line.handling * (1 + promise.slowdown * (promise.concurrency - 1))
    kept = service_level(msgspec.structs.replace(demand, handling=slower), people * promise.concurrency, promise.within)
    return HalfHour(begins, round(contacts, 2), needed, people, round(kept, 4))
