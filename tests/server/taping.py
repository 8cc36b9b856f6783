"""What a keeper of recordings stands on, given by a test: a record in memory, microphones, a folder for a shelf."""

from pathlib import Path
from typing import Any

from chat.voice.contract import RecordingDecision, Tap
from kernel import clock
from kernel.decider import Address
from kernel.errors import Refused, Unavailable
from kernel.registry import Registry
from kernel.terms import SYSTEM, Actor
from kernel.wire import Command, Row
from kernel.wish import Loaded
from recordings_policy.domain.record import DECIDER
from recordings_policy.domain.state import RecordState
from recordings_policy.recordings import Kept

CONTACT = "c-li"


class Store:
    """A record in memory behind everything a keeper asks of a hub; nudges may be lost and the store may be away."""

    def __init__(self) -> None:
        """A record without rules."""
        self.engine = self.store = self
        self.registry = Registry()
        self.state, self.seq = RecordState(), 0
        self.log: list[Row] = []
        self.away = False
        self.deaf = False

    def _reach(self) -> None:
        if self.away:
            raise Unavailable("away")

    async def heads(self, feeds: tuple[str, ...]) -> dict[str, int]:
        """How far the record is."""
        self._reach()
        return dict.fromkeys(feeds, self.seq)

    async def read(self, _feed: str, after: int, limit: int = 500) -> list[Row]:
        """Its log."""
        self._reach()
        return self.log[after : after + limit]

    async def load(self) -> Loaded:
        """Its snapshot."""
        self._reach()
        return Loaded(self.seq, self.state)

    async def submit(self, _to: Address, command: Command, by: Actor, *_: Any) -> int:
        """Decide, fold, tell."""
        self._reach()
        self.say(command, by)
        return self.seq

    def say(self, command: Command, by: Actor = SYSTEM) -> None:
        """Somebody whom the store is not away for says something."""
        events = DECIDER.decide(self.state, command, by, clock.now())
        self.state = DECIDER.fold(self.state, events)
        rows = tuple(
            Row(f"record.{CONTACT}", self.seq + n, clock.now(), by, event) for n, event in enumerate(events, start=1)
        )
        self.seq += len(rows)
        self.log += rows
        if rows and not self.deaf:
            self.registry.deliver(f"record.{CONTACT}", rows)


class Hubbed:
    """The store as a hub: `engine.state` is a method there and a field here."""

    def __init__(self, store: Store) -> None:
        """Stand on it."""
        self.store, self.registry, self.engine = store, store.registry, self
        self.read, self.submit = store.read, store.submit

    async def state(self, _at: Address) -> Loaded:
        """The snapshot."""
        return await self.store.load()


class Microphones:
    """An engine with two legs and nothing but taps."""

    def __init__(self) -> None:
        """Nobody is tapped."""
        self.taps: dict[str, Tap] = {}

    def legs(self, _call: str) -> frozenset[str]:
        """Both are here."""
        return frozenset({"visitor", "staff.chen"})

    async def tap(self, call: str, leg: str, tap: Tap | None, decision: RecordingDecision) -> None:
        """Attach or detach."""
        assert decision.call == call
        self.taps.pop(leg, None)
        if tap is not None:
            self.taps[leg] = tap


class Shelf:
    """A folder and a key per recording."""

    def __init__(self, folder: Path, store: Store) -> None:
        """Begin empty."""
        self.folder, self.store = folder, store
        self.kept: dict[int, Kept] = {}

    async def begin(self, contact: str, number: int, call: str, version: int, consents: tuple[str, ...]) -> Kept:
        """As the real one: only what the record has allowed, the same place when asked again."""
        if not any(each.recording == number for each in self.store.state.running):
            raise Refused("not_open")  # no key before the decision
        name = f"{contact}.{number}"
        fresh = Kept(self.folder / f"{name}.xqr", bytes([number]) * 32, ("a", "b", "c"), call, name, version, consents)
        return self.kept.setdefault(number, fresh)

    async def ended(self, _contact: str, _number: int) -> None:
        """Noted."""
