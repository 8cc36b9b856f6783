"""The line's order: one constant key per ticket, (tier, due, number).

Tier 0 is imminent danger, strictly first; everybody else is ordered by the moment they should have been answered,
`arrived + target(risk)`. The key never changes with time and only ever moves forward, so once somebody has waited
their own target minus the shortest one, nobody who came later can pass them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop
from operator import attrgetter

import msgspec

from kernel.terms import Medium, RiskLevel
from queueing.domain.beside import Company
from queueing.messages.waits import Wait
from queueing.policy import DeskPolicy


class TicketPhase(StrEnum):
    """Where a ticket stands at the desk."""

    WAITING = "waiting"
    STRANDED = "stranded"  # imminent, connection lost past the grace: waits, and is a supervisor's task
    ACTIVE = "active"
    WRAP_UP = "wrap_up"


_WAITING = (TicketPhase.WAITING, TicketPhase.STRANDED)
_key = attrgetter("tier", "due_at", "number")


class Offer(msgspec.Struct, frozen=True):
    """A counselor is being asked, until `expires_at`."""

    offer: str
    counselor: str
    at: datetime
    expires_at: datetime


class Transfer(msgspec.Struct, frozen=True):
    """A colleague is asked to take over, until `until`."""

    to: str
    until: datetime


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contact at the desk."""

    contact: str
    number: int
    medium: Medium
    risk: RiskLevel
    tier: int
    arrived_at: datetime
    due_at: datetime
    language: str = "zh-Hans"
    phase: TicketPhase = TicketPhase.WAITING
    owner: str | None = None
    epoch: int = 0
    asked: int = 0
    offers: tuple[Offer, ...] = ()
    declined: dict[str, datetime] = {}
    away_since: datetime | None = None
    until: datetime | None = None
    skills: tuple[str, ...] = ()
    asks_for: str | None = None
    asks_until: datetime | None = None
    speaks_until: datetime | None = None
    transfer: Transfer | None = None
    callback: bool = False
    not_before: datetime | None = None
    resumed_at: datetime | None = None
    company: Company = Company()
    wait: Wait | None = None
    incident: str | None = None

    @property
    def waits(self) -> bool:
        """True while nobody holds the contact."""
        return self.phase in _WAITING

    @property
    def may_ring(self) -> bool:
        """True where a counselor may be asked: here, to be called back, or in danger; not before the hours begin."""
        return self.waits and self.not_before is None and (self.away_since is None or self.tier == 0 or self.callback)

    @property
    def waits_since(self) -> datetime:
        """From when on the present hours count for this contact."""
        return self.resumed_at or self.arrived_at

    @property
    def next_offer(self) -> str:
        """The id of the next offer: the number is of this ticket alone, though the contact may come back."""
        return f"{self.contact}.{self.number}.{self.asked + 1}"

    @property
    def order(self) -> tuple[int, datetime, int]:
        """The key; smaller is sooner."""
        key: tuple[int, datetime, int] = _key(self)
        return key


def tier_of(risk: RiskLevel) -> int:
    """0 for imminent, 1 for everybody else."""
    return 0 if risk is RiskLevel.IMMINENT else 1


def due_of(arrived_at: datetime, risk: RiskLevel, policy: DeskPolicy) -> datetime:
    """When this contact should have been answered."""
    return arrived_at + (timedelta() if risk is RiskLevel.IMMINENT else policy.target(risk))


def in_order(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Those who wait, soonest first."""
    return sorted([ticket for ticket in tickets if ticket.phase in _WAITING], key=_key)


def soonest_first(tickets: Iterable[Ticket]) -> Iterator[Ticket]:
    """Those who wait, in the same order, for whoever needs the first few of many only."""
    waiting = [ticket for ticket in tickets if ticket.phase in _WAITING]
    heap = [(_key(ticket), place) for place, ticket in enumerate(waiting)]
    heapify(heap)
    while heap:
        yield waiting[heappop(heap)[1]]


def noted(tickets: dict[str, Ticket], waits: Iterable[Wait]) -> dict[str, Ticket]:
    """Put each estimate to its ticket; whoever has left meanwhile has none."""
    known = {wait.contact: wait for wait in waits if wait.contact in tickets}
    changed = {contact: msgspec.structs.replace(tickets[contact], wait=wait) for contact, wait in known.items()}
    return {**tickets, **changed}
