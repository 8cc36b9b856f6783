"""Every moving thing is a decider: decide, evolve and due, three pure functions over one state."""

import enum
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from kernel.terms import Actor
from kernel.wire import Command, Event

S = TypeVar("S")


class Elapse(Command, frozen=True, tag="elapse"):
    """Time has passed: whatever is due by `now` happens. Given only by the clock."""


class Address(msgspec.Struct, frozen=True, order=True):
    """Names one aggregate: its kind (`session`, `desk`, `case`, `record`) and its id."""

    kind: str
    id: str

    @property
    def feed(self) -> str:
        """Spell the name of this aggregate's feed, `kind.id`."""
        return f"{self.kind}.{self.id}"

    @classmethod
    def of(cls, feed: str) -> "Address":
        """Read a feed's name; raises ValueError where it has no kind."""
        kind, dot, identity = feed.partition(".")
        if not (kind and dot and identity):
            raise ValueError("feed")
        return cls(kind, identity)


class Sealing(enum.Enum):
    """Which data key payloads and snapshots of a kind are encrypted under."""

    CONTACT = "contact"
    """The contact's: destroying it is erasure."""
    LASTING = "lasting"
    """One of the aggregate's own, which lives as long as the house: a stolen dump shows nothing, nothing is erased."""
    PLAIN = "plain"
    """None: ids and times only, to be read when every key is gone."""


class Decider(msgspec.Struct, Generic[S], frozen=True):
    """One aggregate's rules.

    `decide` answers a command with the events it causes or raises Refused; `evolve` applies one event;
    `due` says when Elapse is wanted next, or None. `opening` are the commands that may begin an aggregate
    that does not exist yet. `sealing` says what payloads and snapshots are encrypted under.
    `snapshot_every` so many events the snapshot is written anew; what is asked between is folded from the log.
    """

    kind: str
    initial: S
    decide: Callable[[S, Any, Actor, datetime], tuple[Event, ...]]
    evolve: Callable[[S, Any], S]
    due: Callable[[S], datetime | None]
    state_type: type[S]
    commands: tuple[type[Command], ...]
    events: tuple[type[Event], ...]
    opening: tuple[type[Command], ...]
    sealing: Sealing = Sealing.CONTACT
    snapshot_every: int = 1

    def fold(self, state: S, events: tuple[Event, ...]) -> S:
        """Apply events in order."""
        for event in events:
            state = self.evolve(state, event)
        return state


class Draft(Generic[S]):
    """Collects events while folding them at once, so that a later rule of the same decision sees the earlier."""

    def __init__(self, state: S, evolve: Callable[[S, Any], S]) -> None:
        """Start from `state` with nothing decided."""
        self.state = state
        self._evolve = evolve
        self._events: list[Event] = []

    def emit(self, event: Event) -> None:
        """Decide one event and apply it."""
        self.state = self._evolve(self.state, event)
        self._events.append(event)

    @property
    def events(self) -> tuple[Event, ...]:
        """What was decided so far."""
        return tuple(self._events)
