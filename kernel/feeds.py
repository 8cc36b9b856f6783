"""The feeds one socket follows: each visible event once, in order, whatever nudges are lost."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kernel.decider import Address
from kernel.doorman import Doorman
from kernel.errand import Errand
from kernel.errors import Unavailable
from kernel.feed import Cursor
from kernel.hub import Hub
from kernel.outbound import Outbound, Overflow
from kernel.seal import Erased
from kernel.store import Line
from kernel.terms import Actor
from kernel.wire import Happened, Hinted, Place, Row, Snapshot, Told, Unfollowed

PAGE = 200
WITHOUT_ROWS = 2**62  # after this seq there is nothing: only where a feed stands is asked
PENDING_ROWS = 400
RETRY_S = 1.0
ASKED_FOR_S, ASK_AGAIN_S = 5.0, 0.5  # the room that lets somebody in may hear of it a moment after the door


class Feeds:
    """Cursors and pending news of one socket, turned into frames as they come."""

    def __init__(
        self,
        hub: Hub,
        doorman: Doorman,
        guest: Any,
        out: Outbound,
        resume: dict[str, int],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Follow on behalf of `guest`; `resume` says what the client already has, `failed` hears where it ends."""
        self._hub = hub
        self._doorman = doorman
        self._guest = guest
        self._out = out
        self._resume = resume
        self._cursors: dict[str, Cursor | None] = {}  # None: followed, nothing read yet
        self._pending: dict[str, list[Row] | None] = {}  # None: read the store
        self._telling = Errand(self._tell_all, failed)
        self._place: Place | None = None
        self._opened: set[str] = set()  # feeds the door has let this socket read
        self._asked_at: dict[str, float] = {}

    def follow(self, feed: str) -> None:
        """Begin to follow a feed; what came before is read beside."""
        if feed not in self._cursors:
            self._cursors[feed] = None
            self._hub.registry.follow(feed, self)
            self._pending[feed] = None
            self._telling.call()

    def unfollow(self, feed: str) -> None:
        """Let a feed go and say so."""
        if feed in self._cursors:
            del self._cursors[feed]
            self._pending.pop(feed, None)
            self._opened.discard(feed)
            self._asked_at.pop(feed, None)
            self._hub.registry.unfollow(feed, self)
            if not self._watches(feed):
                self._out.put(Unfollowed(feed))

    async def close(self) -> None:
        """Let everything go."""
        await self._telling.stop()
        for feed in self._cursors:
            self._hub.registry.unfollow(feed, self)

    def follows(self, feed: str) -> bool:
        """Tell whether this socket follows a feed and is shown it."""
        return feed in self._cursors and not self._watches(feed)

    def heads(self) -> dict[str, int]:
        """The last visible seq sent per feed."""
        known = {feed: cursor.shown for feed, cursor in self._cursors.items() if cursor is not None}
        return {feed: shown for feed, shown in known.items() if not self._watches(feed)}

    def _snapshots(self, feed: str) -> bool:
        """Tell whether a feed begins with a snapshot."""
        return self._doorman.snapshots(Address.of(feed).kind)

    def _watches(self, feed: str) -> bool:
        """Tell whether a feed is followed only for what is derived from it."""
        return self._doorman.watches(Address.of(feed).kind)

    def resume(self, feed: str, after: int) -> None:
        """The client lost something: send a feed again after `after`."""
        if feed in self._cursors:
            self._resume[feed] = after
            self._cursors[feed] = None
            self._pending[feed] = None
            self._telling.call()

    # --- as a follower ---

    def wake(self, feed: str, rows: tuple[Row, ...]) -> None:
        """News: keep the rows if they are few, else remember to read."""
        pending = self._pending.get(feed, [])
        if pending is not None:
            pending = [*pending, *rows] if len(pending) + len(rows) <= PENDING_ROWS else None
        self._pending[feed] = pending
        self._telling.call()

    def hear(self, feed: str, by: Actor, hint: Told) -> None:
        """A hint of somebody else."""
        if by != self._guest.actor and not self._watches(feed):
            with contextlib.suppress(Overflow):  # a hint may be lost
                self._out.put(Hinted(feed, by, hint))

    def whisk(self, feed: str, hint: Told) -> None:
        """Pass on a hint of our own, where this socket is shown the feed and its person may say something there."""
        if self.follows(feed) and self._doorman.hints(self._hub, self._guest, Address.of(feed)):
            self._hub.whisper(feed, self._guest.actor, hint)

    # --- the errand ---

    async def _tell_all(self) -> None:
        """Turn the news there are into frames; feeds that are told by their events begin together."""
        fresh = [feed for feed in self._pending if self._cursors.get(feed, ...) is None and not self._snapshots(feed)]
        for feed in fresh:
            del self._pending[feed]
        await self._begin_told(fresh)
        for feed in tuple(self._pending):
            rows = self._pending.pop(feed, [])
            if feed in self._cursors:
                await self._tell(feed, rows)

    async def _tell(self, feed: str, rows: list[Row] | None) -> None:
        """Send what is new on one feed."""
        cursor = self._cursors[feed]
        if cursor is None and not self._snapshots(feed):
            await self._begin_told([feed])
            return
        try:
            if cursor is None:
                await self._begin(feed)
            elif rows is None or (rows and cursor.wants(rows[0].seq, rows[-1].seq) == "fetch"):
                await self._fetch(feed)
            else:
                self._show(feed, rows)
            if self._watches(feed):
                await self._tell_place(feed)
        except Erased:
            self.unfollow(feed)
        except Unavailable:
            await self._later([feed])

    async def _later(self, feeds: Iterable[str]) -> None:
        """The store does not answer: read these feeds in a moment."""
        for feed in feeds:
            self._pending.setdefault(feed, None)
        await asyncio.sleep(RETRY_S)
        self._telling.call()

    async def _tell_place(self, feed: str) -> None:
        """Tell a waiting visitor where they stand, when that has changed."""
        place = await self._doorman.place(self._hub, self._guest, feed)
        if place is not None and place != self._place:
            self._place = place
            self._out.put(Hinted(feed, self._guest.actor, place))

    async def _begin(self, feed: str) -> None:
        """Read a feed for the first time that begins with a snapshot."""
        at = Address.of(feed)
        loaded = await self._hub.engine.state(at)
        self._hub.registry.note(feed, loaded.seq if loaded else 0)
        if loaded is None or not await self._let_in(feed, at):
            return  # it will be begun by its first event
        self._cursors[feed] = Cursor(loaded.seq, loaded.seq)
        await self._out.drained()  # a desk on a bad evening is larger than the queue; alone it may pass
        self._out.put(Snapshot(feed, loaded.seq, self._doorman.view(self._guest, at.kind, loaded.state)))
        self._move(self._doorman.holds(self._guest, at.kind, loaded.state))

    async def _begin_told(self, feeds: Iterable[str]) -> None:
        """Read feeds for the first time, all in one statement: their events after what the client has."""
        asked: dict[str, int] = {}
        try:
            for feed in feeds:
                if self._watches(feed):
                    asked[feed] = WITHOUT_ROWS
                elif await self._let_in(feed, Address.of(feed)):
                    asked[feed] = self._resume.get(feed, 0)
            found = await self._hub.engine.news(asked, PAGE) if asked else {}
            for feed, after in asked.items():
                if self._cursors.get(feed, ...) is None:
                    await self._begun(feed, after, *found.get(feed, (0, ())))
        except Unavailable:
            await self._later(feeds)

    async def _begun(self, feed: str, after: int, head: int, lines: Sequence[Line]) -> None:
        """Show what was read of a feed that stands at `head`; one at 0 will be begun by its first event."""
        self._hub.registry.note(feed, head)
        try:
            if self._watches(feed):
                self._cursors[feed] = Cursor(head, head) if head else None
                await self._tell_place(feed)
            elif head and after > head:  # a client that knows more than the log: it is told all of it
                self._cursors[feed] = Cursor()
                await self._fetch(feed)
            elif head:
                self._cursors[feed] = Cursor(after, after)
                await self._out.room()
                self._show(feed, await self._hub.engine.unseal(lines))
                if len(lines) == PAGE:
                    await self._fetch(feed)
        except Erased:
            self.unfollow(feed)

    async def _let_in(self, feed: str, at: Address) -> bool:
        """Ask the door once per feed and socket; a no is asked again for a moment, then the feed is let go."""
        if feed in self._opened:
            return True
        opened = await self._doorman.opens(self._hub, self._guest, at)
        if feed not in self._cursors:
            return False
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        if opened:
            self._opened.add(feed)
        elif now_s - self._asked_at.setdefault(feed, now_s) < ASKED_FOR_S:
            loop.call_later(ASK_AGAIN_S, self._ask_again, feed)
        else:
            self.unfollow(feed)
        return opened

    def _ask_again(self, feed: str) -> None:
        """Try a feed once more that was not opened."""
        if self._cursors.get(feed, ...) is None:
            self._pending[feed] = None
            self._telling.call()

    async def _fetch(self, feed: str) -> None:
        """Read from the store until there is nothing more."""
        while feed in self._cursors:
            cursor = self._cursors[feed]
            rows = await self._hub.engine.read(feed, cursor.read if cursor else 0, PAGE)
            await self._out.room()
            self._show(feed, rows)
            if len(rows) < PAGE:
                return

    def _show(self, feed: str, rows: list[Row]) -> None:
        """Send each row that comes next and may be seen; a gap inside asks for a read."""
        for row in rows:
            cursor = self._cursors.get(feed)
            if cursor is None or row.seq <= cursor.read:
                continue
            if row.seq != cursor.read + 1:
                self._pending[feed] = None
                self._telling.call()
                return
            event = None if self._watches(feed) else self._doorman.show(self._guest, row)
            if event is not None:
                self._out.put(Happened(feed, row.seq, cursor.shown, row.at, row.by, event))
            self._cursors[feed] = cursor.advance(row.seq, visible=event is not None)
            self._move(self._doorman.moves(self._guest, row))

    def _move(self, moves: Mapping[str, bool]) -> None:
        """Follow some feeds, let go of others."""
        for feed, follow in moves.items():
            (self.follow if follow else self.unfollow)(feed)
