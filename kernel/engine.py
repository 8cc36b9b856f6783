"""The one engine that runs every decider: load, decide, fold, append, announce, react.

One command, one aggregate, one transaction. A command id is carried out once: asked again, it is answered with
the seq it had. What one aggregate's news asks of another is given as a command whose id is the address of its
cause, so giving it twice is harmless and what a crash left undone the sweep does.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from kernel import clock
from kernel.codec import Codec, Keyring
from kernel.decider import Address, Decider, Elapse
from kernel.errors import Conflict, Refused, Unavailable
from kernel.redact import loggable
from kernel.store import Append, Line, Store, line_of
from kernel.terms import SYSTEM, Actor
from kernel.wire import Command, Event, Row
from kernel.writer import Writer

log = logging.getLogger("xinqiao.engine")

Reaction = tuple[Address, Command]
React = Callable[[Row], tuple[Reaction, ...]]
Owes = Callable[[Row], bool]
Announce = Callable[[tuple[Row, ...], tuple[Line, ...]], None]

ATTEMPTS = 12
SNAPSHOTS_KEPT = 4096


class Loaded(msgspec.Struct, frozen=True):
    """An aggregate in memory, as of `seq`."""

    seq: int
    state: Any


def quiet(_row: Row) -> tuple[Reaction, ...]:
    """React to nothing."""
    return ()


def nothing_owed(_row: Row) -> bool:
    """Owe nothing to anybody."""
    return False


def unheard(_rows: tuple[Row, ...], _lines: tuple[Line, ...]) -> None:
    """Tell nobody."""


class Engine:
    """Runs the deciders over one store. All methods belong to one event loop."""

    def __init__(
        self,
        store: Store,
        deciders: Mapping[str, Decider[Any]],
        keyring: Keyring,
        *,
        react: React = quiet,
        owes: Owes = nothing_owed,
        announce: Announce = unheard,
    ) -> None:
        """Wire the engine.

        `react` is pure; `owes` tells cheaply whether it may have an answer, and is asked before the commit, so that
        a slow reaction never delays what caused it. `announce` is called after each commit and must not block.
        """
        self.store = store
        self.codec = Codec(deciders, keyring)
        self._deciders = deciders
        self._writer = Writer(store)
        self._react = react
        self._owes = owes
        self._announce = announce
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, to: Address, command: Command, by: Actor, now: datetime, client_id: str) -> int:
        """Carry out one command; answers the seq its feed stood at. Raises Refused, Unavailable or Conflict."""
        decider = self._deciders.get(to.kind)
        if decider is None:
            raise Refused("unknown_feed")
        lock = self._locks.get(to.feed)
        if lock is None:
            lock = self._locks.setdefault(to.feed, asyncio.Lock())
        async with lock:
            return await self._carry_out(decider, to, command, by, now, client_id)

    async def _carry_out(
        self, decider: Decider[Any], to: Address, command: Command, by: Actor, now: datetime, client_id: str
    ) -> int:
        """Try on the snapshot in memory, then on the stored one, until the compare-and-set holds."""
        for attempt in range(ATTEMPTS):
            loaded = self._loaded.get(to.feed) if attempt == 0 else None
            fresh = loaded is None
            if loaded is None:
                head = await self.store.head(to.feed, client_id)
                if head is not None and head.handled_seq is not None:
                    return head.handled_seq
                loaded = await self._load(decider, to, head.seq, head.state) if head else Loaded(0, decider.initial)
            try:
                events = self._decide(decider, loaded, command, by, now)
            except Refused:
                if fresh:
                    raise
                continue  # the snapshot in memory may be behind, or this id may be known: ask the store
            if await self._write(decider, to, loaded, events, by, now, client_id):
                return loaded.seq + len(events)
            self._loaded.pop(to.feed, None)
        raise Conflict(to.feed)

    @staticmethod
    def _decide(decider: Decider[Any], loaded: Loaded, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
        """Ask the rules; a feed that does not exist answers opening commands only."""
        if loaded.seq == 0 and not isinstance(command, decider.opening):
            raise Refused("unknown_feed")
        return decider.decide(loaded.state, command, by, now)

    async def _load(self, decider: Decider[Any], to: Address, seq: int, blob: bytes) -> Loaded:
        """Decode a stored snapshot."""
        return Loaded(seq, await self.codec.read_state(decider, to, seq, blob))

    async def _write(
        self,
        decider: Decider[Any],
        to: Address,
        loaded: Loaded,
        events: tuple[Event, ...],
        by: Actor,
        now: datetime,
        client_id: str,
    ) -> bool:
        """Append what was decided; after the commit tell who listens and begin the reactions."""
        if loaded.seq == 0 and not events:
            return True  # nothing began: there is nothing to remember it by
        state = decider.fold(loaded.state, events)
        seq = loaded.seq + len(events)
        rows = tuple(Row(to.feed, loaded.seq + i, now, by, event) for i, event in enumerate(events, start=1))
        lines = tuple([await self.codec.write_row(decider, to, row) for row in rows])
        append = Append(
            feed=to.feed,
            kind=to.kind,
            contact=to.id if decider.sealed else "",
            old_seq=loaded.seq,
            new_seq=seq,
            state=await self.codec.write_state(decider, to, seq, state),
            due_at=decider.due(state),
            client_id=client_id,
            at=now,
            lines=lines,
            unreacted=tuple(row.seq for row in rows if self._owes(row)),
        )
        if not await self._writer.write(append):
            return False
        self._remember(to.feed, Loaded(seq, state))
        if rows:
            self._announce(rows, lines)
        if append.unreacted:
            self._spawn(self.react_to(to.feed))
        return True

    def _remember(self, feed: str, loaded: Loaded) -> None:
        """Keep a snapshot in memory; compare-and-set makes a stale one harmless."""
        self._loaded[feed] = loaded
        self._loaded.move_to_end(feed)
        while len(self._loaded) > SNAPSHOTS_KEPT:
            self._loaded.popitem(last=False)

    def forget(self, contact: str) -> None:
        """Drop what this process holds in memory of a contact, after erasure."""
        for kind in self._deciders:
            self._loaded.pop(Address(kind, contact).feed, None)
        self.codec.keyring.forget(contact)

    async def state(self, at: Address) -> Loaded | None:
        """Read an aggregate's stored state; None where it does not exist."""
        head = await self.store.head(at.feed, "")
        return await self._load(self._deciders[at.kind], at, head.seq, head.state) if head else None

    async def read(self, feed: str, after: int, limit: int = 500) -> list[Row]:
        """Read a feed's events after a seq, decrypted, in order."""
        return [await self.codec.read_line(line) for line in await self.store.read(feed, after, limit)]

    # --- reactions and timers ----------------------------------------------------------------------------

    async def react_to(self, feed: str) -> None:
        """Give every reaction still owed by a feed, in order; what cannot be given now is left for the sweep."""
        rows = await self.store.fetch(
            "SELECT l.feed, l.seq, l.kind, l.author_role, l.author_id, l.payload, l.at FROM kernel_unreacted u"
            " JOIN kernel_logrow l ON l.feed = u.feed AND l.seq = u.seq WHERE u.feed = %s ORDER BY u.seq LIMIT 200",
            (feed,),
        )
        for fields in rows:
            row = await self.codec.read_line(line_of(fields))
            given = [
                await self._give(to, command, f"{feed}#{row.seq}.{number}")
                for number, (to, command) in enumerate(self._react(row))
            ]
            if all(given):
                await self.store.settle(feed, row.seq)

    async def _give(self, to: Address, command: Command, cause: str) -> bool:
        """Give one reaction; False where it is addressed to what does not exist yet, so that it stays owed."""
        try:
            await self.submit(to, command, SYSTEM, clock.now(), cause)
        except Refused as no:
            log.warning("reaction refused %s", loggable({"cid": cause, "feed": to.feed, "code": no.code}))
            return no.code != "unknown_feed"
        return True

    async def heal(self, now: datetime, older_than_s: float = 1.0) -> int:
        """Give the reactions that a crash left owed; answers how many feeds had some."""
        feeds = await self.store.fetch(
            "SELECT feed, min(at) FROM kernel_unreacted WHERE at < %s - make_interval(secs => %s)"
            " GROUP BY feed ORDER BY min(at) LIMIT 200",
            (now, older_than_s),
        )
        for feed, _ in feeds:
            await self._guarded(self.react_to(feed), feed)
        return len(feeds)

    async def elapse(self, now: datetime) -> int:
        """Wake every aggregate that is due; answers how many were."""
        due = await self.store.fetch(
            "SELECT feed, seq FROM kernel_aggregate WHERE due_at <= %s ORDER BY due_at LIMIT 500", (now,)
        )
        wakes = [
            self._guarded(self.submit(Address.of(feed), Elapse(), SYSTEM, now, f"elapse.{seq}.{_ms(now)}"), feed)
            for feed, seq in due
        ]
        await asyncio.gather(*wakes)
        return len(due)

    async def _guarded(self, work: Coroutine[Any, Any, Any], feed: str) -> None:
        """Do a piece of background work; a failure is logged without words and tried again by the sweep."""
        try:
            await work
        except (Refused, Unavailable, Conflict) as fault:
            log.warning("deferred %s", loggable({"feed": feed, "error": type(fault).__name__}))
        except Exception:
            log.exception("background work failed %s", loggable({"feed": feed}))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run reactions beside the caller, who is answered at once."""
        task = asyncio.create_task(self._guarded(work, "reaction"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until no reaction begun here is still running (they may begin others)."""
        while self._tasks:
            await asyncio.gather(*self._tasks)


def _ms(now: datetime) -> int:
    """Milliseconds since the epoch, to make each wake's id its own."""
    return int(now.timestamp() * 1000)
