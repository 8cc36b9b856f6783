"""Who has room for whom: by medium, by the load of what is in hand, one above for somebody in danger."""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum

from kernel.terms import Medium
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket
from queueing.domain.seat import Seat, SeatState


class Reach(IntEnum):
    """How far a desk goes for somebody; a nearer way is taken first."""

    SLOT = 0
    BURST = 1  # one text above the chosen slots, agreed to, for imminent danger only
    STANDBY = 2  # somebody who takes no contacts otherwise


def held(state: DeskState, seat: Seat) -> list[Ticket]:
    """What is in a counselor's hands."""
    return [state.tickets[contact] for contact in seat.contacts]


def taken(state: DeskState, seat: Seat) -> int:
    """How many text slots that takes, a heavier contact more than one."""
    if state.policy.weighs_alike:
        return len(seat.contacts)
    return sum(state.policy.weight(ticket.risk) for ticket in held(state, seat))


def can_hold(state: DeskState, seat: Seat, ticket: Ticket, *, extra: int = 0) -> bool:
    """Tell whether a counselor has room, by whatever way; nobody who declined is asked again at once."""
    return reach(state, seat, ticket, extra=extra) is not None


def reach(state: DeskState, seat: Seat, ticket: Ticket, *, extra: int = 0) -> Reach | None:
    """By which way a counselor could hold a ticket: voice wants them whole, text a free slot; None where not."""
    if seat.counselor in ticket.declined:
        return None
    hands = held(state, seat)
    if any(other.medium is Medium.VOICE for other in hands):
        return None
    if seat.state is SeatState.STANDBY:
        return Reach.STANDBY if ticket.tier == 0 and not hands else None
    if ticket.medium is Medium.VOICE:
        return None if hands else Reach.SLOT
    if seat.slots + extra > taken(state, seat):
        return Reach.SLOT
    return Reach.BURST if ticket.tier == 0 and _bursts(seat, hands) else None


def _bursts(seat: Seat, hands: list[Ticket]) -> bool:
    """One more for somebody in danger: agreed to, not above already, not with another in danger."""
    return seat.burst and len(hands) <= seat.slots and all(other.tier != 0 for other in hands)


def ways(state: DeskState, seat: Seat, more: int = 0) -> int:
    """How many people in danger could still come to this seat, one after another, if it held `more` texts than now.

    A ring that is meant for somebody else counts as a text in hand. The one above the slots is open only while no
    other in danger is in hand, so beside a free slot it opens no further way.
    """
    if not seat.present or seat.paused_until is not None or seat.state not in (SeatState.READY, SeatState.STANDBY):
        return 0
    hands = held(state, seat)
    if any(other.medium is Medium.VOICE for other in hands):
        return 0
    if seat.state is SeatState.STANDBY:
        return 0 if hands else 1
    expected = more + (seat.offer is not None)
    free = seat.slots - taken(state, seat) - expected
    if free > 0:
        return free
    calm = all(other.tier != 0 for other in hands)
    return 1 if seat.burst and calm and len(hands) + expected <= seat.slots else 0


def promised_ways(state: DeskState) -> int:
    """How many ways to somebody in danger are kept open: as many as agreed to, and no more than the policy asks."""
    seats = [seat for seat in state.seats.values() if seat.present]
    agreed = sum(seat.state is SeatState.STANDBY or (seat.state is SeatState.READY and seat.burst) for seat in seats)
    return min(state.policy.open_for_danger, agreed)


def fits(seat: Seat, ticket: Ticket, now: datetime) -> bool:
    """Tell whether this counselor is the right one now: skills, shift, and what the visitor wished for first."""
    if not seat.qualified(ticket.skills, now):
        return False
    if seat.last_offer_at is not None and now >= seat.last_offer_at:
        return ticket.tier == 0 and (seat.burst or seat.state is SeatState.STANDBY)
    if ticket.tier == 0:
        return True
    if ticket.asks_until is not None:
        return seat.counselor == ticket.asks_for
    return ticket.speaks_until is None or seat.speaks(ticket.language)


def wishes(state: DeskState, ticket_language: str, asks_for: str | None, now: datetime) -> tuple[bool, bool]:
    """Whether a wish can be met by anybody who is on duty: the same counselor; the language where not all speak it."""
    ready = [seat for seat in state.seats.values() if seat.present and seat.state is SeatState.READY]
    same = any(seat.counselor == asks_for for seat in ready)
    spoken = [seat.speaks(ticket_language) for seat in ready]
    return same, any(spoken) and not all(spoken)


def room_for_anybody(state: DeskState, seats: Iterable[Seat]) -> tuple[list[str], list[str]]:
    """Who could be asked at all: with a slot for anybody, and beyond that for danger only."""
    open_, beyond = [], []
    for seat in seats:
        if seat.stands_by:
            beyond.append(seat.counselor)
        elif seat.asks and (seat.slots > taken(state, seat) or not seat.contacts):
            open_.append(seat.counselor)
        elif seat.asks and seat.burst:
            beyond.append(seat.counselor)
    return open_, beyond
