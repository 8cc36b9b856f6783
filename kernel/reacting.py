"""Reactions owed: what one aggregate's news asks of others is given after the commit, and again by the sweep.

A reaction is a command whose id is the address of its cause, so giving it twice is harmless and what a crash left
undone the sweep does.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol

from kernel import clock
from kernel.codec import Codec
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.redact import loggable
from kernel.seal import Erased
from kernel.store import Line, Store, line_of
from kernel.terms import SYSTEM, Actor
from kernel.wire import Command, Row

log = logging.getLogger("xinqiao.engine")

Reaction = tuple[Address, Command]
React = Callable[[Row], tuple[Reaction, ...]]
Slow = Callable[[Row], bool]

OWED_FOR = timedelta(days=1)
OWED_PAGE = 200
OWED = f"""
SELECT l.feed, l.seq, l.kind, l.author_role, l.author_id, l.payload, l.at FROM kernel_unreacted u
JOIN kernel_logrow l ON l.feed = u.feed AND l.seq = u.seq WHERE u.feed = %s AND u.seq > %s
ORDER BY u.seq LIMIT {OWED_PAGE}
"""  # noqa: S608 -- a number of this file


def always_slow(_row: Row) -> bool:
    """Nothing is known to be quick."""
    return True


class Submit(Protocol):
    """Carries out one command, as Engine.submit."""

    async def __call__(self, to: Address, command: Command, by: Actor, now: datetime, client_id: str) -> int:
        """Answer the seq."""


class Reactions:
    """Gives what is owed, feed by feed, in order. All methods belong to one event loop."""

    def __init__(self, store: Store, codec: Codec, react: React, submit: Submit, slow: Slow = always_slow) -> None:
        """`react` is pure, and slow where `slow` says so; `submit` carries out what it asks for."""
        self._store, self._codec, self._react, self._submit, self._slow = store, codec, react, submit, slow
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun: dict[str, bool] = {}  # feeds whose reactions are being given, and whether more came meanwhile

    def begin(self, feed: str) -> None:
        """Give a feed's reactions beside the caller: once for all that is committed meanwhile.

        A crowd that arrives at once is then not read anew for each head of it.
        """
        running = feed in self._begun
        self._begun[feed] = True
        if not running:
            task = asyncio.create_task(guarded(self._until_given(feed), feed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until no reaction begun here is still running (they may begin others)."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def heal(self, now: datetime, older_than_s: float = 1.0) -> int:
        """Give the reactions that a crash left owed; answers how many feeds had some."""
        feeds = await self._store.fetch(
            "SELECT feed, min(at) FROM kernel_unreacted WHERE at < %s - make_interval(secs => %s)"
            " GROUP BY feed ORDER BY min(at) LIMIT 200",
            (now, older_than_s),
        )
        for feed, _ in feeds:
            await guarded(self._all_of(feed), feed)
        return len(feeds)

    async def _until_given(self, feed: str) -> None:
        """Give until nothing was added while giving."""
        try:
            while self._begun[feed]:
                self._begun[feed] = False
                await self._all_of(feed)
        finally:
            del self._begun[feed]

    async def _all_of(self, feed: str) -> None:
        """Give every reaction still owed by a feed, in order; what cannot be given now is left for the sweep."""
        after = 0
        while True:
            rows = await self._store.fetch(OWED, (feed, after))
            for line in map(line_of, rows):
                await self._one(line)
                after = line.seq
            if len(rows) < OWED_PAGE:
                return

    async def _one(self, line: Line) -> None:
        """Give the reactions owed by one event, and settle it where all could be given."""
        try:
            row = await self._codec.read_line(line)
        except Erased:
            await self._store.settle(line.feed, line.seq)
            return
        # On a thread, where it may be slow: hearing what is long must not hold up everybody's sockets.
        reactions = await asyncio.to_thread(self._react, row) if self._slow(row) else self._react(row)
        given = [
            await self._give(to, command, f"{row.feed}#{row.seq}.{number}", row.at)
            for number, (to, command) in enumerate(reactions)
        ]
        if all(given):
            await self._store.settle(row.feed, row.seq)

    async def _give(self, to: Address, command: Command, cause: str, caused_at: datetime) -> bool:
        """Give one reaction; False where it is addressed to what does not exist yet, so that it stays owed a day."""
        now = clock.now()
        try:
            await self._submit(to, command, SYSTEM, now, cause)
        except Refused as no:
            log.warning("reaction refused %s", loggable({"cid": cause, "feed": to.feed, "code": no.code}))
            return no.code != "unknown_feed" or now - caused_at > OWED_FOR
        except Erased:
            log.info("reaction to what was erased %s", loggable({"cid": cause}))
        return True


async def guarded(work: Coroutine[Any, Any, Any], feed: str) -> None:
    """Do a piece of background work; a failure is logged without words and tried again by the sweep."""
    try:
        await work
    except (Refused, Unavailable, Conflict) as fault:
        log.warning("deferred %s", loggable({"feed": feed, "error": type(fault).__name__}))
    except Exception:
        log.exception("background work failed %s", loggable({"feed": feed}))
