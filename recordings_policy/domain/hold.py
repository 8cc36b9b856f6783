"""Legal hold: two people place it, two people lift it, and it always ends by itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from kernel.errors import Refused
from kernel.wire import Event
from recordings_policy.messages import (
    ApproveHold,
    HoldExpired,
    HoldLapsed,
    HoldLifted,
    HoldLiftProposed,
    HoldPlaced,
    HoldProposed,
    LiftHold,
    PlaceHold,
)

# A proposal already stops destruction, since a purge cannot be taken back, but only for three days.
PROPOSAL = timedelta(hours=72)
# A hold that is still needed after two years is asked for again, by whoever needs it.
LONGEST = timedelta(days=2 * 366)
MOST_HOLDS = 100


class Phase(StrEnum):
    """Where a hold stands; the last three are ends."""

    PROPOSED = "proposed"
    PLACED = "placed"
    LAPSED = "lapsed"
    LIFTED = "lifted"
    EXPIRED = "expired"


class Hold(msgspec.Struct, frozen=True):
    """One hold; `proposer` and `lifter` are the ids of the first of two people."""

    number: int
    document: str
    proposer: str
    expires_at: datetime
    lapses_at: datetime
    phase: Phase = Phase.PROPOSED
    lifter: str = ""

    @property
    def freezes(self) -> bool:
        """Say whether nothing may be destroyed; ends only by an event, never silently by the clock."""
        return self.phase in (Phase.PROPOSED, Phase.PLACED)

    @property
    def ends_at(self) -> datetime:
        """When time ends it, in the phase it is in."""
        return self.lapses_at if self.phase is Phase.PROPOSED else self.expires_at


def propose(holds: tuple[Hold, ...], wish: PlaceHold, person: str, now: datetime) -> HoldProposed:
    """Begin a hold; the same person asks once per document, so that nobody prolongs a proposal alone."""
    if wish.expires_at <= now:
        raise Refused("already_expired")
    if wish.expires_at > now + LONGEST:
        raise Refused("hold_too_long")
    if any(hold.document == wish.document and hold.proposer == person for hold in holds):
        raise Refused("already_asked")
    if len(holds) >= MOST_HOLDS:
        raise Refused("too_many")
    return HoldProposed(
        hold=len(holds) + 1,
        authority=wish.authority,
        document=wish.document,
        expires_at=wish.expires_at,
        lapses_at=min(now + PROPOSAL, wish.expires_at),
        person=person,
    )


def approve(holds: tuple[Hold, ...], wish: ApproveHold, person: str, now: datetime) -> HoldPlaced:
    """Agree to a proposal of somebody else, in time."""
    hold = _find(holds, wish.hold, Phase.PROPOSED, now)
    if hold.proposer == person:
        raise Refused("same_person")
    return HoldPlaced(hold.number)


def lift(holds: tuple[Hold, ...], wish: LiftHold, person: str, now: datetime) -> Event | None:
    """Say that a hold should end; the second person who says so ends it."""
    hold = _find(holds, wish.hold, Phase.PLACED, now)
    if not hold.lifter:
        return HoldLiftProposed(hold.number, person)
    return HoldLifted(hold.number) if hold.lifter != person else None


def ended(holds: Iterable[Hold], now: datetime) -> Iterator[Event]:
    """Tell which holds time has ended."""
    for hold in holds:
        if hold.freezes and hold.ends_at <= now:
            yield (HoldLapsed if hold.phase is Phase.PROPOSED else HoldExpired)(hold.number)


def apply(holds: tuple[Hold, ...], event: Event) -> tuple[Hold, ...]:
    """Apply one event about holds."""
    match event:
        case HoldProposed():
            new = Hold(event.hold, event.document, event.person, event.expires_at, event.lapses_at)
            return (*holds, new)
        case HoldLiftProposed():
            return _change(holds, event.hold, lifter=event.person)
        case HoldPlaced():
            return _change(holds, event.hold, phase=Phase.PLACED)
        case HoldLapsed():
            return _change(holds, event.hold, phase=Phase.LAPSED)
        case HoldLifted():
            return _change(holds, event.hold, phase=Phase.LIFTED)
        case HoldExpired():
            return _change(holds, event.hold, phase=Phase.EXPIRED)
    return holds


def _find(holds: tuple[Hold, ...], number: int, phase: Phase, now: datetime) -> Hold:
    hold = next((hold for hold in holds if hold.number == number), None)
    if hold is None or hold.phase is not phase or hold.ends_at <= now:
        raise Refused("no_such_hold")
    return hold


def _change(holds: tuple[Hold, ...], number: int, **changes: str) -> tuple[Hold, ...]:
    return tuple(msgspec.structs.replace(h, **changes) if h.number == number else h for h in holds)
