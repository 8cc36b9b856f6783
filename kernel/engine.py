"""The one engine that runs every decider: load, decide, fold, append, announce, react.

One command, one aggregate, one transaction. A command id is carried out once: asked again, it is answered with
the seq it had. What one aggregate's news asks of another is given as a command whose id is the address of its
cause, so giving it twice is harmless and what a crash left undone the sweep does.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from kernel.codec import Codec, Keyring
from kernel.decider import Address, Decider, Elapse, Sealing
from kernel.errors import Conflict, Refused
from kernel.news import News, news
from kernel.reacting import React, Reaction, Reactions, Slow, always_slow, guarded
from kernel.store import Append, Head, Line, Store
from kernel.terms import SYSTEM, Actor
from kernel.wire import Command, Event, Row
from kernel.wish import Drafted, Loaded, Log, Wish, Write
from kernel.writer import Writer

Owes = Callable[[Row], bool]
Announce = Callable[[tuple[Row, ...], tuple[Line, ...]], None]
Recalled = Callable[[str, int], None]

ATTEMPTS = 12
OPTIMISTIC = 3
SNAPSHOTS_KEPT = 4096


def quiet(_row: Row) -> tuple[Reaction, ...]:
    """React to nothing."""
    return ()


def nothing_owed(_row: Row) -> bool:
    """Owe nothing to anybody."""
    return False


def unheard(_rows: tuple[Row, ...], _lines: tuple[Line, ...]) -> None:
    """Tell nobody."""


def unremarked(_feed: str, _seq: int) -> None:
    """Make nothing of it."""


class Engine:
    """Runs the deciders over one store. All methods belong to one event loop."""

    def __init__(
        self,
        store: Store,
        deciders: Mapping[str, Decider[Any]],
        keyring: Keyring,
        *,
        react: React = quiet,
        slow: Slow = always_slow,
        owes: Owes = nothing_owed,
        announce: Announce = unheard,
        recalled: Recalled = unremarked,
    ) -> None:
        """Wire the engine.

        `react` is pure; `owes` tells cheaply whether it may have an answer, and is asked before the commit, so that
        a slow reaction never delays what caused it. `announce` is called after each commit and must not block;
        `recalled` where a command turns out to have been carried out before, with the seq its feed stands at.
        """
        self.store = store
        self.codec = Codec(deciders, keyring)
        self._deciders = deciders
        self._writer = Writer(store)
        self._owes = owes
        self._announce = announce
        self._recalled = recalled
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._reactions = Reactions(store, self.codec, react, self.submit, slow)
        self.heal = self._reactions.heal
        self.settled = self._reactions.settled

    async def submit(self, to: Address, command: Command, by: Actor, now: datetime, client_id: str) -> int:
        """Carry out one command; answers the seq its feed stood at. Raises Refused, Unavailable or Conflict."""
        decider = self._deciders.get(to.kind)
        if decider is None:
            raise Refused("unknown_feed")
        lock = self._locks.get(to.feed)
        if lock is None:
            lock = self._locks.setdefault(to.feed, asyncio.Lock())
        async with lock:
            return await self._carry_out(Wish(decider, to, command, by, now, client_id))

    async def _carry_out(self, wish: Wish) -> int:
        """Try on the snapshot in memory, then on the stored one, then with everybody else waiting."""
        feed = wish.to.feed
        for attempt in range(ATTEMPTS):
            known = self._loaded.get(feed) if attempt == 0 else None
            try:
                if attempt < OPTIMISTIC:
                    answer = await self._try(wish, known, self.store, self._writer.write)
                else:  # a busier process wins every race for this feed: take turns
                    async with self.store.hold(feed) as held:
                        answer = await self._try(wish, None, held, held.write)
            except Refused:
                if known is None:
                    raise
                continue  # the snapshot in memory may be behind, or this id may be known: ask the store
            if isinstance(answer, Drafted):
                self._committed(feed, answer)
                return answer.loaded.seq
            if answer is not None:
                return answer
            if wish.decider.sealing is Sealing.CONTACT:
                self._loaded.pop(feed, None)
        raise Conflict(feed)

    async def _try(self, wish: Wish, loaded: Loaded | None, log: Log, write: Write) -> Drafted | int | None:
        """Decide and write once: what was written, the seq of what needs no writing, or None where the race is lost."""
        if loaded is None:
            known = self._known(wish.decider, wish.to.feed)
            head = await log.head(wish.to.feed, wish.client_id, known.seq if known else 0)
            if head is not None and head.handled_seq is not None:
                self._recalled(wish.to.feed, head.seq)
                return head.handled_seq
            loaded = Loaded(0, wish.decider.initial)
            if head is not None:
                loaded = await self._load(wish.decider, wish.to, head, known, log)
        events = self._decide(wish, loaded)
        if loaded.seq == 0 and not events:
            return 0  # nothing began: there is nothing to remember it by
        drafted = await self._draft(wish, loaded, events)
        return drafted if await write(drafted.append) else None

    @staticmethod
    def _decide(wish: Wish, loaded: Loaded) -> tuple[Event, ...]:
        """Ask the rules; a feed that does not exist answers opening commands only."""
        if loaded.seq == 0 and not isinstance(wish.command, wish.decider.opening):
            raise Refused("unknown_feed")
        return wish.decider.decide(loaded.state, wish.command, wish.by, wish.now)

    def _known(self, decider: Decider[Any], feed: str) -> Loaded | None:
        """What is in memory and may be caught up with; what is a contact's is always opened anew, it may be erased."""
        return None if decider.sealing is Sealing.CONTACT else self._loaded.get(feed)

    async def _load(self, decider: Decider[Any], to: Address, head: Head, known: Loaded | None, log: Log) -> Loaded:
        """Take the stored snapshot, or what is known where that is as good, and fold what the log has after it."""
        if head.state is not None:
            known = Loaded(head.state_seq, await self.codec.read_state(decider, to, head.state_seq, head.state))
        if known is None:
            raise LookupError(to.feed)  # never: a snapshot is left out only where one is known
        state, behind = known.state, head.seq - known.seq
        if behind:
            for line in await log.read(to.feed, known.seq, behind):
                state = decider.evolve(state, (await self.codec.read_line(line)).event)
        return Loaded(head.seq, state, head.state_seq)

    async def _draft(self, wish: Wish, loaded: Loaded, events: tuple[Event, ...]) -> Drafted:
        """Seal what was decided, ready to be appended."""
        decider, to = wish.decider, wish.to
        state = decider.fold(loaded.state, events)
        seq = loaded.seq + len(events)
        rows = tuple(Row(to.feed, loaded.seq + i, wish.now, wish.by, event) for i, event in enumerate(events, start=1))
        written = loaded.seq == 0 or seq - loaded.stored_seq >= decider.snapshot_every
        append = Append(
            feed=to.feed,
            kind=to.kind,
            contact=to.id if decider.sealing is Sealing.CONTACT else "",
            old_seq=loaded.seq,
            new_seq=seq,
            state=await self.codec.write_state(decider, to, seq, state) if written else None,
            due_at=decider.due(state),
            client_id=wish.client_id,
            at=wish.now,
            lines=tuple([await self.codec.write_row(decider, to, row) for row in rows]),
            unreacted=tuple(row.seq for row in rows if self._owes(row)),
        )
        return Drafted(Loaded(seq, state, seq if written else loaded.stored_seq), rows, append)

    def _committed(self, feed: str, drafted: Drafted) -> None:
        """After the commit: remember, tell who listens, begin the reactions."""
        self._remember(feed, drafted.loaded)
        if drafted.rows:
            self._announce(drafted.rows, drafted.append.lines)
        if drafted.append.unreacted:
            self._reactions.begin(feed)

    def _remember(self, feed: str, loaded: Loaded) -> None:
        """Keep a snapshot in memory; compare-and-set makes a stale one harmless."""
        self._loaded[feed] = loaded
        self._loaded.move_to_end(feed)
        while len(self._loaded) > SNAPSHOTS_KEPT:
            self._loaded.popitem(last=False)

    def heard(self, feed: str, rows: tuple[Row, ...]) -> None:
        """Fold what another process wrote into the snapshot in memory, where it comes next.

        Two people who speak in turn on two processes would else lose a race, and read the store, for each message.
        """
        loaded = self._loaded.get(feed)
        if loaded is None:
            return
        evolve = self._deciders[Address.of(feed).kind].evolve
        for row in rows:
            if row.seq == loaded.seq + 1:
                loaded = Loaded(row.seq, evolve(loaded.state, row.event), loaded.stored_seq)
        self._loaded[feed] = loaded

    def forget(self, contact: str) -> None:
        """Drop what this process holds in memory of a contact, after erasure."""
        for kind in self._deciders:
            self._loaded.pop(Address(kind, contact).feed, None)
        self.codec.keyring.forget(contact)

    def glimpse(self, at: Address) -> Any | None:
        """What memory holds of an aggregate, perhaps behind; None where it holds nothing. For what may be lost."""
        loaded = self._loaded.get(at.feed)
        return loaded.state if loaded is not None else None

    async def state(self, at: Address) -> Loaded | None:
        """Read an aggregate's state as of now; None where it does not exist.

        Of what is never erased only news is read and folded, where this process knows an earlier state.
        """
        decider = self._deciders[at.kind]
        known = self._known(decider, at.feed)
        head = await self.store.head(at.feed, "", known.seq if known else 0)
        if head is None:
            return None
        loaded = await self._load(decider, at, head, known, self.store)
        if decider.sealing is not Sealing.CONTACT:
            newest = self._loaded.get(at.feed)
            self._remember(at.feed, loaded if newest is None or newest.seq < loaded.seq else newest)
        return loaded

    async def news(self, asked: Mapping[str, int], limit: int) -> dict[str, News]:
        """Read several feeds after a seq each, as of one instant, still sealed; unknown feeds are left out."""
        return await news(self.store, asked, limit)

    async def unseal(self, lines: Sequence[Line]) -> list[Row]:
        """Decrypt rows of one feed; raises Erased or Tampered."""
        return [await self.codec.read_line(line) for line in lines]

    async def read(self, feed: str, after: int, limit: int = 500) -> list[Row]:
        """Read a feed's events after a seq, decrypted, in order."""
        return await self.unseal(await self.store.read(feed, after, limit))

    async def elapse(self, now: datetime) -> int:
        """Wake every aggregate that is due; answers how many were."""
        due = await self.store.fetch(
            "SELECT feed, seq FROM kernel_aggregate WHERE due_at <= %s ORDER BY due_at LIMIT 500", (now,)
        )
        wakes = [
            guarded(self.submit(Address.of(feed), Elapse(), SYSTEM, now, f"elapse.{seq}.{_ms(now)}"), feed)
            for feed, seq in due
        ]
        await asyncio.gather(*wakes)
        return len(due)


def _ms(now: datetime) -> int:
    """Milliseconds since the epoch, to make each wake's id its own."""
    return int(now.timestamp() * 1000)
