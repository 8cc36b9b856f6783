"""The smallest aggregate there is: a tally that can be added to, asked to do nothing, refuse, and be woken."""

from datetime import UTC, datetime

import msgspec

from kernel.decider import Decider, Elapse, Sealing
from kernel.errors import Refused
from kernel.terms import Actor
from kernel.wire import Command, Event


class Add(Command, frozen=True, tag="tally.add"):
    """Add some words; none at all is no event."""

    words: tuple[str, ...] = ()


class Refuse(Command, frozen=True, tag="tally.refuse"):
    """Always refused."""


class Added(Event, frozen=True, tag="tally.added"):
    """One word."""

    word: str


class Woken(Event, frozen=True, tag="tally.woken"):
    """Time has passed."""


class Tally(msgspec.Struct, frozen=True):
    """Words in order, and how often it was woken."""

    words: tuple[str, ...] = ()
    due_at: datetime | None = None
    woken: int = 0


def decide(state: Tally, command: Command, _by: Actor, now: datetime) -> tuple[Event, ...]:
    """Add, wake or refuse."""
    match command:
        case Add(words=words):
            return tuple(Added(word) for word in words)
        case Elapse() if state.words and len(state.words) > state.woken:
            return (Woken(),)
        case Elapse():
            return ()
    raise Refused("tally_says_no")


def evolve(state: Tally, event: object) -> Tally:
    """Keep the word, or count the waking."""
    if isinstance(event, Woken):
        return msgspec.structs.replace(state, woken=state.woken + 1)
    return msgspec.structs.replace(state, words=(*state.words, getattr(event, "word", "?")))


def due(state: Tally) -> datetime | None:
    """One minute into the epoch for as long as a word is not answered by a waking."""
    return datetime(1970, 1, 1, 0, 1, tzinfo=UTC) if len(state.words) > state.woken else None


def tally(kind: str = "tally", sealing: Sealing = Sealing.CONTACT, *, snapshot_every: int = 1) -> Decider[Tally]:
    """A tally of some kind."""
    return Decider(
        kind=kind,
        initial=Tally(),
        decide=decide,
        evolve=evolve,
        due=due,
        state_type=Tally,
        commands=(Add, Refuse, Elapse),
        events=(Added, Woken),
        opening=(Add,),
        sealing=sealing,
        snapshot_every=snapshot_every,
    )


DECIDER = tally()
