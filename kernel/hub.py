"""One per process: the engine with its listeners, the doorbell, the leases, and the tailer that asks once a second."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kernel import clock, ids
from kernel.codec import Keyring
from kernel.decider import Decider
from kernel.doorbell import Doorbell, Nudge, Whisper
from kernel.engine import Engine, Owes
from kernel.errors import Conflict, Unavailable
from kernel.lease import RENEW_EVERY, Leases
from kernel.reacting import React, Slow, always_slow, guarded
from kernel.redact import loggable
from kernel.registry import Registry
from kernel.seal import Erased, MasterKeys
from kernel.store import Line, Store
from kernel.terms import Actor
from kernel.wire import Row, Told

log = logging.getLogger("xinqiao.hub")

TAIL_EVERY_S = 1.0


class Present(Protocol):
    """Tells the rooms whether a subject is on a socket; looks it up where it is not given."""

    async def __call__(self, hub: "Hub", subject: str, *, present: bool | None = None) -> None:
        """Raises Unavailable or Conflict."""


class Hub:
    """What every door of this process stands on."""

    def __init__(
        self,
        conninfo: str,
        masters: MasterKeys,
        deciders: Mapping[str, Decider[Any]],
        react: React,
        owes: Owes,
        present: "Present",
        slow: Slow = always_slow,
    ) -> None:
        """Wire the parts; nothing runs before `start`. `present` tells the rooms whether a subject is on a socket."""
        self.process = ids.process_id()
        self.store = Store(conninfo)
        self.keyring = Keyring(self.store, masters)
        self.engine = Engine(
            self.store,
            deciders,
            self.keyring,
            react=react,
            slow=slow,
            owes=owes,
            announce=self._announce,
            recalled=self._recalled,
        )
        self.registry = Registry()
        self.leases = Leases(self.store, self.process)
        self.doorbell = Doorbell(self.process, self._heard)
        self.draining = False
        self.present = present
        self._farewells: set[Callable[[], None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._untold: set[str] = set()
        self._catching_up: dict[str, asyncio.Task[None]] = {}

    async def start(self, *, listening: bool = True) -> None:
        """Open the store and begin to ring, tail and renew; where no sockets are served, nobody need listen."""
        await self.store.open()
        self.doorbell.start(listening=listening)
        self._tasks = [
            asyncio.create_task(self._every(TAIL_EVERY_S, self.tail)),
            asyncio.create_task(self._every(TAIL_EVERY_S, self.tell_untold)),
            asyncio.create_task(self._every(RENEW_EVERY.total_seconds(), self._renew)),
        ]

    async def stop(self) -> None:
        """Stop everything this process runs; the truth is in the database anyway."""
        tasks = *self._tasks, *self._catching_up.values()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.engine.settled()
        await self.doorbell.stop()
        await self.store.close()

    def on_drain(self, farewell: Callable[[], None]) -> Callable[[], None]:
        """Register what a socket does when the process is about to stop; answers how to unregister."""
        self._farewells.add(farewell)
        return lambda: self._farewells.discard(farewell)

    def drain(self) -> None:
        """Tell every socket to come back elsewhere."""
        self.draining = True
        for farewell in tuple(self._farewells):
            farewell()

    def whisper(self, feed: str, by: Actor, hint: Told) -> None:
        """Pass a hint to whoever follows the feed, here and elsewhere."""
        self.registry.whisper(feed, by, hint)
        self.doorbell.whisper(feed, by, hint)

    def _announce(self, rows: tuple[Row, ...], lines: tuple[Line, ...]) -> None:
        """After a commit: wake the followers here, ring the others."""
        self.registry.deliver(rows[0].feed, rows)
        self.doorbell.nudge(rows[0].feed, lines)

    def _recalled(self, feed: str, seq: int) -> None:
        """A try whose end nobody saw had been carried out: its news follows the answer, not the tailer's next turn."""
        if feed in self.registry.live and seq > self.registry.delivered(feed) and feed not in self._catching_up:
            task = self._catching_up[feed] = asyncio.create_task(guarded(self._catch_up(feed), feed))
            task.add_done_callback(lambda _: self._catching_up.pop(feed, None))

    async def _heard(self, ring: Nudge | Whisper) -> None:
        """Another process rang."""
        if isinstance(ring, Whisper):
            self.registry.whisper(ring.feed, ring.by, ring.hint)
        elif ring.feed in self.registry.live and ring.seq > self.registry.delivered(ring.feed):
            try:
                rows = tuple([await self.engine.codec.read_line(line) for line in ring.lines])
            except (Erased, Unavailable):
                return  # the tailer will ask again
            self.engine.heard(ring.feed, rows)
            if rows and rows[0].seq <= self.registry.delivered(ring.feed) + 1:
                self.registry.deliver(ring.feed, rows)
            else:
                await self._catch_up(ring.feed)

    async def tail(self) -> None:
        """Ask the store which live feeds have grown without a nudge, and deliver what is missing."""
        live = self.registry.live
        if live:
            for feed, seq in (await self.store.heads(live)).items():
                if seq > self.registry.delivered(feed):
                    await self._catch_up(feed)

    async def _catch_up(self, feed: str) -> None:
        """Read and deliver what this process has not delivered of a feed."""
        with contextlib.suppress(Erased):
            rows = tuple(await self.engine.read(feed, self.registry.delivered(feed)))
            self.engine.heard(feed, rows)
            self.registry.deliver(feed, rows)

    async def _renew(self) -> None:
        """Renew this process's leases; who was taken for gone is announced as present again."""
        self._untold.update(await self.leases.renew(clock.now()))
        await self.tell_untold()

    async def tell(self, subject: str, *, present: bool | None = None) -> None:
        """Tell the rooms whether a subject is present; what cannot be told now is told as soon as it can be.

        A lease is given back, swept or found missing only once: who asks next is told nothing of it. `present` is for
        whoever has just written a lease and knows.
        """
        try:
            await self.present(self, subject, present=present)
        except BaseException:
            self._untold.add(subject)
            raise

    async def tell_untold(self, *subjects: str) -> None:
        """Tell of these and of whomever could not be told of before; one who cannot be told of stops no other."""
        self._untold.update(subjects)
        for subject in tuple(self._untold):
            self._untold.discard(subject)
            with contextlib.suppress(Unavailable, Conflict):
                await self.tell(subject)

    async def _every(self, seconds: float, work: Callable[[], Any]) -> None:
        """Do something again and again; a failure is logged and the next turn comes."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Unavailable as fault:
                log.warning("store unavailable %s", loggable({"error": str(fault)}))
            except Exception:
                log.exception("hub work failed")
