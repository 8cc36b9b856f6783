"""One day of a line as the wallboard shows it: its figures now, and half hour by half hour; read from the log alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from kernel.wire import Event
from queueing.domain import metrics
from queueing.domain.metrics import Figure
from queueing.domain.occupancy import SlotTime
from queueing.domain.visits import Book, Visit
from queueing.messages import OfferMissed, OfferRung

HALF_HOUR = timedelta(minutes=30)
LOOK_BACK = timedelta(hours=24)
"""So much of the log before the day is read, to know who sat and who waited when it began."""


class HalfHour(msgspec.Struct, frozen=True):
    """Who came in one half hour, how many of them were answered in time, and the most who waited at once."""

    begins_at: datetime
    offered: int
    answered: int
    left: int
    level: float | None
    waiting: int


class DayFigures(msgspec.Struct, frozen=True):
    """A day up to now: who came since `since`; `above_min` are minutes of texts above the slots."""

    since: datetime
    as_of: datetime
    answer_s: int
    figures: tuple[Figure, ...]
    above_min: int
    half_hours: tuple[HalfHour, ...]


class Day:
    """Reads a line's log row by row; the same rows give the same figures."""

    def __init__(self, since: datetime) -> None:
        """A day that begins at `since`."""
        self.since = since
        self._book = Book()
        self._slots = SlotTime(since)
        self._rung = self._missed = 0

    def read(self, at: datetime, event: Event) -> None:
        """Read one row; rows of before the day only tell how it began."""
        self._book.read(at, event)
        self._slots.read(at, event)
        if at >= self.since:
            self._rung += isinstance(event, OfferRung)
            self._missed += isinstance(event, OfferMissed)

    def figures(self, now: datetime) -> DayFigures:
        """Every figure of the day as of now."""
        known = self._book.visits()
        came = [visit for visit in known if visit.arrived_at >= self.since]
        found = (
            metrics.live_level(came, now),
            metrics.promised_level(came, now),
            metrics.speed_of_answer(came),
            metrics.wait_quantile(came, 50),
            metrics.wait_quantile(came, 95),
            metrics.abandonment(came),
            metrics.handling(came),
            self._slots.figure(now),
            metrics.unheard(self._missed, self._rung),
        )
        halves = tuple(_half(known, begins, now) for begins in _halves(self.since, now))
        return DayFigures(self.since, now, metrics.ANSWER_S, found, round(self._slots.above_s / 60), halves)


def _halves(since: datetime, now: datetime) -> Iterable[datetime]:
    """The half hours of a day that have begun."""
    while since <= now:
        yield since
        since += HALF_HOUR


def _half(known: list[Visit], begins: datetime, now: datetime) -> HalfHour:
    """One half hour."""
    ends = begins + HALF_HOUR
    came = [visit for visit in known if begins <= visit.arrived_at < ends]
    answered = sum(visit.answered_at is not None for visit in came)
    left = sum(visit.left for visit in came)
    level = metrics.live_level(came, now).value
    return HalfHour(begins, len(came), answered, left, level, most_waiting(known, begins, min(ends, now)))


def most_waiting(known: Iterable[Visit], begins: datetime, ends: datetime) -> int:
    """The most who waited at the same instant of a half-open stretch."""
    steps = []
    for since, until in (wait for visit in known for wait in visit.waits):
        if since < ends and (until is None or until > begins):
            steps.append((max(since, begins), 1))
            steps += [(until, -1)] if until is not None and until < ends else []
    most = waiting = 0
    for _, change in sorted(steps):  # who leaves in an instant leaves before who comes in it
        waiting += change
        most = max(most, waiting)
    return most
