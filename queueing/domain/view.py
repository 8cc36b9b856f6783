"""What staff see of a desk, and what a waiting visitor sees: people ahead, never who they are."""

from datetime import datetime

import msgspec

from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Place
from queueing.domain.alarm import Alarm
from queueing.domain.beside import Company
from queueing.domain.incident import Incident
from queueing.domain.ledger import DeskState
from queueing.domain.notice import Notice
from queueing.domain.order import Offer, Ticket, TicketPhase, Transfer, in_order
from queueing.domain.seat import Seat, SeatState
from queueing.messages import OpenInterval
from queueing.messages.shifts import Uncovered


class TicketView(msgspec.Struct, frozen=True):
    """One contact at the desk, without a word of what was said."""

    contact: str
    number: int
    medium: Medium
    risk: RiskLevel
    tier: int
    arrived_at: datetime
    due_at: datetime
    language: str
    phase: TicketPhase
    owner: str | None
    offers: tuple[Offer, ...]
    away_since: datetime | None
    until: datetime | None
    transfer: Transfer | None
    callback: bool
    not_before: datetime | None
    incident: str | None
    company: Company


class SeatView(msgspec.Struct, frozen=True):
    """One counselor at the desk."""

    counselor: str
    name: str
    grade: Role
    state: SeatState
    slots: int
    reason: str
    since: datetime | None
    lost_at: datetime | None
    contacts: tuple[str, ...]
    owed: tuple[str, ...]
    shift_ends_at: datetime | None
    burst: bool


class DeskView(msgspec.Struct, frozen=True):
    """One line as staff see it; desk events reduce onto it in frontend/shared/reduce.ts."""

    tickets: dict[str, TicketView]
    seats: dict[str, SeatView]
    intervals: tuple[OpenInterval, ...]
    policy_version: int
    alarms: dict[str, Alarm]
    notices: dict[str, Notice]
    intake_closed_until: datetime | None
    surge_until: datetime | None
    uncovered: tuple[Uncovered, ...]
    incidents: dict[str, Incident]


def view(state: DeskState) -> DeskView:
    """Project a desk for staff."""
    return DeskView(
        {contact: _ticket(ticket) for contact, ticket in state.tickets.items()},
        {counselor: _seat(seat) for counselor, seat in state.seats.items()},
        state.intervals,
        state.policy_version,
        dict(state.alarms),
        dict(state.notices),
        state.intake_closed_until,
        state.surge_until,
        state.uncovered,
        dict(state.incidents),
    )


def _ticket(ticket: Ticket) -> TicketView:
    """Project a ticket."""
    return TicketView(**{name: getattr(ticket, name) for name in TicketView.__struct_fields__})


def _seat(seat: Seat) -> SeatView:
    """Project a seat."""
    return SeatView(**{name: getattr(seat, name) for name in SeatView.__struct_fields__})


def places(state: DeskState) -> dict[str, Place]:
    """Every waiting contact's place: people ahead, whether somebody is being asked, how long it may take.

    Whose turn is put off to another day is ahead of nobody.
    """
    on_duty = sum(1 for seat in state.seats.values() if seat.present and seat.state is SeatState.READY)
    waiting = [ticket for ticket in in_order(state.tickets.values()) if ticket.not_before is None]
    return {ticket.contact: _place(ticket, ahead, on_duty) for ahead, ticket in enumerate(waiting)}


def _place(ticket: Ticket, ahead: int, on_duty: int) -> Place:
    """One place; while somebody is being asked no minutes are told."""
    ringing = bool(ticket.offers)
    wait = None if ringing else ticket.wait
    if wait is None or not on_duty:
        return Place(ahead=ahead, waiting=True, ringing=ringing, on_duty=on_duty)
    return Place(ahead, True, ringing, on_duty, wait.low_min, wait.high_min, wait.why)
