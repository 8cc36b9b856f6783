"""Break-glass 紧急查阅: one person asks, a second lets them, and the glass closes by itself."""

from datetime import datetime, timedelta

import msgspec

from kernel.errors import Refused
from kernel.wire import Event
from recordings_policy.messages.books import (
    AskGlass,
    Behind,
    BreakGlass,
    Cause,
    GlassAsked,
    GlassBroken,
    GlassRefused,
    RefuseGlass,
)

# A rescue is decided within minutes; whoever is still wanted after two hours is asked anew.
ASKED_FOR = timedelta(hours=2)
# Long enough to read and to act, too short to be a second key.
OPEN_FOR = timedelta(minutes=30)
MOST = 200


class Glass(msgspec.Struct, frozen=True):
    """One look that was asked for; `until` is set once a second person has agreed."""

    number: int
    behind: Behind
    cause: Cause
    reference: str
    person: str
    lapses_at: datetime
    until: datetime | None = None
    refused: bool = False

    def opens(self, person: str, behind: str, now: datetime) -> bool:
        """Say whether this person may look at this through it now."""
        mine = self.person == person and self.behind == behind
        return mine and self.until is not None and not self.refused and now < self.until


def ask(glasses: tuple[Glass, ...], wish: AskGlass, person: str, now: datetime) -> GlassAsked:
    """Begin; the same wish waits once."""
    same = (wish.behind, wish.reference, person)
    if any((each.behind, each.reference, each.person) == same and _waits(each, now) for each in glasses):
        raise Refused("already_asked")
    if len(glasses) >= MOST:
        raise Refused("too_many")
    number = len(glasses) + 1
    return GlassAsked(number, wish.behind, wish.cause, wish.reference, person, now + ASKED_FOR)


def answer(glasses: tuple[Glass, ...], wish: BreakGlass | RefuseGlass, person: str, now: datetime) -> Event:
    """Agree, which takes a second person, or say no, which anybody asked may; a broken one can be shut again."""
    glass = next((each for each in glasses if each.number == wish.glass), None)
    if glass is None or glass.refused:
        raise Refused("no_such_glass")
    if isinstance(wish, RefuseGlass):
        if not _waits(glass, now) and (glass.until is None or glass.until <= now):
            raise Refused("no_such_glass")
        return GlassRefused(glass.number)
    if not _waits(glass, now):
        raise Refused("no_such_glass")
    if glass.person == person:
        raise Refused("same_person")
    return GlassBroken(glass.number, glass.person, now + OPEN_FOR)


def apply(glasses: tuple[Glass, ...], event: Event) -> tuple[Glass, ...]:
    """Apply one event about a glass."""
    match event:
        case GlassAsked():
            new = Glass(event.glass, event.behind, event.cause, event.reference, event.person, event.lapses_at)
            return (*glasses, new)
        case GlassBroken():
            return _change(glasses, event.glass, until=event.until)
        case GlassRefused():
            return _change(glasses, event.glass, refused=True)
    return glasses


def _waits(glass: Glass, now: datetime) -> bool:
    return glass.until is None and not glass.refused and now < glass.lapses_at


def _change(glasses: tuple[Glass, ...], number: int, **changes: object) -> tuple[Glass, ...]:
    return tuple(msgspec.structs.replace(g, **changes) if g.number == number else g for g in glasses)
