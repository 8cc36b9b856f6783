"""One ticket as the log tells it, from connection to the free slot: what every figure of a line is made of."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from kernel.terms import RiskLevel
from kernel.wire import Event
from queueing.messages import (
    CallbackBooked,
    CallbackDue,
    ContactRequeued,
    OfferAccepted,
    SeatFreed,
    TicketAbandoned,
    TicketIssued,
    TicketLowered,
    TicketRaised,
    TicketWithdrawn,
    WrapUpLapsed,
)

change = msgspec.structs.replace


class Visit(msgspec.Struct, frozen=True):
    """One ticket; `waits` are the stretches in which somebody waited for an answer, the last may still run (None)."""

    risk: RiskLevel
    arrived_at: datetime
    due_at: datetime
    waits: tuple[tuple[datetime, datetime | None], ...]
    answered_at: datetime | None = None
    freed_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def waited_s(self) -> float | None:
        """Seconds from connection to the first answer."""
        return None if self.answered_at is None else (self.answered_at - self.arrived_at).total_seconds()

    @property
    def left(self) -> bool:
        """True where they gave up before anybody answered."""
        return self.left_at is not None

    @property
    def undecided(self) -> bool:
        """True while they have neither been answered nor given up."""
        return self.answered_at is None and self.left_at is None

    def promised_at(self, imminent_s: float) -> datetime:
        """When they should have been answered; in imminent danger so many seconds after they came."""
        return max(self.due_at, self.arrived_at + timedelta(seconds=imminent_s))


class Book:
    """Visits while the log is read; a contact that comes again is another visit."""

    def __init__(self) -> None:
        """Nobody has come yet."""
        self._done: list[Visit] = []
        self._here: dict[str, Visit] = {}

    def read(self, at: datetime, event: Event) -> None:
        """Read one row of the log."""
        contact = getattr(event, "contact", "")
        if isinstance(event, TicketIssued):
            self._done += [self._here.pop(contact)] if contact in self._here else []
            waits = ((event.arrived_at, None),)
            self._here[contact] = Visit(event.risk, event.arrived_at, event.due_at, waits)
        elif contact in self._here:
            self._here[contact] = _after(self._here[contact], event, at)

    def visits(self) -> list[Visit]:
        """Everybody who has come so far."""
        return [*self._done, *self._here.values()]

    def forget(self, before: datetime) -> None:
        """Let go of visits that began and ended before an instant."""
        self._done = [visit for visit in self._done if visit.arrived_at >= before]


def visits(rows: Iterable[tuple[datetime, Event]]) -> list[Visit]:
    """Read the log into one visit per ticket."""
    book = Book()
    for at, event in rows:
        book.read(at, event)
    return book.visits()


def _after(visit: Visit, event: Event, at: datetime) -> Visit:
    """The visit after one more event about it."""
    match event:
        case OfferAccepted():
            return change(_rests(visit, at), answered_at=visit.answered_at or at)
        case TicketWithdrawn() | TicketAbandoned():
            return change(_rests(visit, at), left_at=at if visit.answered_at is None else None)
        case CallbackBooked(not_before=not_before) if not_before is not None:
            return _rests(visit, at)
        case CallbackDue() | ContactRequeued():
            return _waits_on(visit, at)
        case TicketRaised(risk=risk, due_at=due_at):
            return change(_waits_on(visit, at) if visit.undecided else visit, risk=risk, due_at=due_at)
        case TicketLowered(risk=risk) if visit.answered_at is None:
            return change(visit, risk=risk)
        case SeatFreed() | WrapUpLapsed() if visit.freed_at is None:
            return change(visit, freed_at=at)
    return visit


def _rests(visit: Visit, at: datetime) -> Visit:
    """Nobody waits any more."""
    *before, (since, until) = visit.waits
    return change(visit, waits=(*before, (since, at))) if until is None else visit


def _waits_on(visit: Visit, at: datetime) -> Visit:
    """Waits again from now on."""
    return visit if visit.waits[-1][1] is None else change(visit, waits=(*visit.waits, (at, None)))
