"""The line's figures from its log, each with its formula and the formula's id: there is no single industry formula.

A row is an event of the desk and its instant. Nothing is asked of the present: the same log gives the same figures.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from kernel.terms import RiskLevel
from kernel.wire import Event
from queueing.messages import (
    OfferAccepted,
    SeatFreed,
    TicketAbandoned,
    TicketIssued,
    TicketWithdrawn,
    WrapUpLapsed,
)

Rows = Iterable[tuple[datetime, Event]]
SOON_S = 30

FORMULAS = {
    "SL.offered.1": "answered within T / offered; whoever gave up counts as not answered; offered = tickets issued",
    "ASA.answered.1": "mean seconds from connection to accept, first answers only; read it beside the p95",
    "AB.offered.1": "tickets withdrawn or abandoned before an answer / offered",
    "AHT.hold.1": "mean seconds from accept until the slot is free: talk, hold and wrap-up",
}
"""What each id means; a figure is never shown without its id."""


class Visit(msgspec.Struct, frozen=True):
    """One ticket as the log tells it."""

    risk: RiskLevel
    arrived_at: datetime
    answered_at: datetime | None = None
    freed_at: datetime | None = None
    left: bool = False

    @property
    def waited_s(self) -> float | None:
        """Seconds from connection to the first answer."""
        return None if self.answered_at is None else (self.answered_at - self.arrived_at).total_seconds()


class Figure(msgspec.Struct, frozen=True):
    """A figure, the id of its formula, and of how many it is made; None where there is nobody yet."""

    formula: str
    value: float | None
    of: int


def visits(rows: Rows) -> list[Visit]:
    """Read the log into one visit per ticket; a contact that comes again is another visit."""
    done: list[Visit] = []
    here: dict[str, Visit] = {}
    for at, event in rows:
        contact = getattr(event, "contact", "")
        if isinstance(event, TicketIssued):
            done += [here.pop(contact)] if contact in here else []
            here[contact] = Visit(event.risk, event.arrived_at)
        elif contact in here:
            here[contact] = _after(here[contact], event, at)
    return [*done, *here.values()]


def _after(visit: Visit, event: Event, at: datetime) -> Visit:
    """The visit after one more event about it."""
    match event:
        case OfferAccepted() if visit.answered_at is None:
            return msgspec.structs.replace(visit, answered_at=at)
        case TicketWithdrawn() | TicketAbandoned() if visit.answered_at is None:
            return msgspec.structs.replace(visit, left=True)
        case SeatFreed() | WrapUpLapsed() if visit.freed_at is None:
            return msgspec.structs.replace(visit, freed_at=at)
    return visit


def service_level(of: list[Visit], within_s: float = SOON_S) -> Figure:
    """SL(T): answered within T of everybody who was offered to the line."""
    soon = sum(visit.waited_s is not None and visit.waited_s <= within_s for visit in of)
    return Figure("SL.offered.1", soon / len(of) if of else None, len(of))


def speed_of_answer(of: list[Visit]) -> Figure:
    """ASA in seconds."""
    waits = [visit.waited_s for visit in of if visit.waited_s is not None]
    return Figure("ASA.answered.1", sum(waits) / len(waits) if waits else None, len(waits))


def abandonment(of: list[Visit]) -> Figure:
    """The share that left before anybody answered."""
    return Figure("AB.offered.1", sum(visit.left for visit in of) / len(of) if of else None, len(of))


def handling(of: list[Visit]) -> Figure:
    """AHT in seconds."""
    times = [(v.freed_at - v.answered_at).total_seconds() for v in of if v.freed_at and v.answered_at]
    return Figure("AHT.hold.1", sum(times) / len(times) if times else None, len(times))
