"""How each bug is planted: by putting something else in the place of what the house has, which must be there."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from chat.messages import MessagePosted
from kernel import ids, store
from kernel.engine import Engine
from kernel.errors import Refused, Unavailable
from kernel.feeds import Feeds
from kernel.hub import Hub
from kernel.outbound import Outbound
from kernel.pool import Pool
from kernel.reacting import Reactions
from kernel.wire import Happened
from kernel.writer import Writer
from queueing.domain import duty
from server.doors import ContactDoor, _Way

dice = random.Random()
BETWEEN_S = 1.0  # a dozen conversations on two nodes say several things in this time
_kept: set[asyncio.Future[Any]] = set()


def _replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Change one thing; raises AttributeError where the house has no such thing any more."""
    setattr(owner, name, make(getattr(owner, name)))


def _later(work: Any) -> None:
    """Do something beside, whatever becomes of it."""
    task = asyncio.ensure_future(work)
    _kept.add(task)
    task.add_done_callback(_kept.discard)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())


def _speaks(append: Any) -> bool:
    """Whether this writes a message: where everything is broken nobody meets, and there is nothing to catch."""
    return any(line.kind == "message.posted" for line in append.lines)


# --- what is written ----------------------------------------------------------------------------------------


def ack_before_commit() -> None:
    """A message is answered as soon as it is decided; the writing follows, late enough for a kill to fall between."""

    async def hasty(self: Any, append: Any) -> bool:
        if not _speaks(append):
            return await write(self, append)

        async def soon() -> None:
            await asyncio.sleep(BETWEEN_S)
            await write(self, append)

        _later(soon())
        return True

    write = Writer.write
    _replace(Writer, "write", lambda _: hasty)


def error_is_success() -> None:
    """A message that could not be written is answered as if it had been."""

    async def blithe(self: Any, append: Any) -> bool:
        if not _speaks(append):
            return await write(self, append)
        try:
            return await asyncio.wait_for(write(self, append), 1.0)
        except (Unavailable, TimeoutError):
            return True

    write = Writer.write
    _replace(Writer, "write", lambda _: blithe)


def seq_from_memory() -> None:
    """Write a talk at the seq this process believes in; what another process wrote there is overwritten."""
    unfenced = store.APPEND.replace("a.seq = w.old_seq AND", "(w.kind = 'session' OR a.seq = w.old_seq) AND").replace(
        "AS r(seq bigint, kind text, author_role text, author_id text, payload text)",
        "AS r(seq bigint, kind text, author_role text, author_id text, payload text) ON CONFLICT (feed, seq)"
        " DO UPDATE SET payload = excluded.payload, author_id = excluded.author_id",
    )
    if unfenced.count("ON CONFLICT (feed, seq)") != 1 or "w.kind = 'session'" not in unfenced:
        raise AttributeError("the statement has changed: plant this bug anew")
    store.APPEND = unfenced
    _replace(store, "lone", lambda _: lambda _batch: None)  # the statement for one alone has a fence of its own


def no_idempotency() -> None:
    """Every try of a command counts as a new one."""

    async def forgetful(self: Any, to: Any, command: Any, by: Any, now: Any, client_id: str) -> int:
        return await submit(self, to, command, by, now, f"{client_id[:8]}-{ids.token()[:20]}")

    submit = Engine.submit
    _replace(Engine, "submit", lambda _: forgetful)


def written_later() -> None:
    """One message in five is acknowledged at once and written when there is time for it."""

    async def lazy(self: Any, to: Any, command: Any, by: Any, now: Any, client_id: str) -> int:
        if command.__struct_config__.tag != "message.post" or dice.random() > 0.2:
            return await submit(self, to, command, by, now, client_id)

        async def some_time() -> None:
            await asyncio.sleep(2)
            await submit(self, to, command, by, now, client_id)

        _later(some_time())
        return 1

    submit = Engine.submit
    _replace(Engine, "submit", lambda _: lazy)


# --- what is told -------------------------------------------------------------------------------------------


def shown_before_commit() -> None:
    """Followers see what was decided before it is written, and also when it never is."""

    async def rash(self: Any, wish: Any, loaded: Any, events: Any) -> Any:
        drafted = await draft(self, wish, loaded, events)
        if drafted.rows:
            self._announce(drafted.rows, drafted.append.lines)
        return drafted

    draft = Engine._draft
    _replace(Engine, "_draft", lambda _: rash)


def no_tailer() -> None:
    """Nobody asks the database what the doorbell did not say."""

    async def asleep(_self: Any) -> None:
        return

    _replace(Hub, "tail", lambda _: asleep)


def reaction_dropped() -> None:
    """One reaction in four is lost, and the sweep finds nothing."""

    async def careless(self: Any, to: Any, command: Any, cause: str, caused_at: Any) -> bool:
        return True if dice.random() < 0.25 else await give(self, to, command, cause, caused_at)

    give = Reactions._give
    _replace(Reactions, "_give", lambda _: careless)


def view_leaks() -> None:
    """Visitors see every event of their contact."""

    def open_hearted(self: Any, guest: Any, row: Any) -> Any:
        return None if row.feed.startswith("desk.") else row.event

    _replace(ContactDoor, "show", lambda _: open_hearted)


def cursor_skips() -> None:
    """One message in fifty is stepped over as if this reader might not see it."""

    def absent_minded(self: Any, guest: Any, row: Any) -> Any:
        skips = isinstance(row.event, MessagePosted) and dice.random() < 0.02
        return None if skips else show(self, guest, row)

    show = _Way.show
    _replace(_Way, "show", lambda _: absent_minded)


def resume_one_late() -> None:
    """Whoever comes back is shown what follows from one event too far on."""
    skipping: set[tuple[int, str]] = set()

    async def begins(self: Any, feed: str, after: int, head: int, lines: Any) -> None:
        if after:
            skipping.add((id(self), feed))
        await begun(self, feed, after, head, lines)

    def shows(self: Any, feed: str, rows: Any) -> None:
        cursor = self._cursors.get(feed)
        if (id(self), feed) in skipping and cursor and rows and rows[0].seq == cursor.read + 1:
            skipping.discard((id(self), feed))
            self._cursors[feed] = cursor.advance(rows[0].seq, visible=False)
        show(self, feed, rows)

    begun, show = Feeds._begun, Feeds._show
    _replace(Feeds, "_begun", lambda _: begins)
    _replace(Feeds, "_show", lambda _: shows)


def delivered_twice() -> None:
    """One event in twenty is sent twice."""

    def stammers(self: Any, frame: Any) -> None:
        put(self, frame)
        if isinstance(frame, Happened) and dice.random() < 0.05:
            put(self, frame)

    put = Outbound.put
    _replace(Outbound, "put", lambda _: stammers)


def screen_reorders() -> None:
    """Two messages that arrive together change places."""

    def shuffles(self: Any, feed: str, rows: Any) -> None:
        said = [n for n, row in enumerate(rows) if isinstance(row.event, MessagePosted)]
        if len(said) > 1:
            first, second = rows[said[0]], rows[said[1]]
            rows = list(rows)
            rows[said[0]] = type(first)(first.feed, first.seq, first.at, second.by, second.event)
            rows[said[1]] = type(first)(second.feed, second.seq, second.at, first.by, first.event)
        show(self, feed, rows)

    show = Feeds._show
    _replace(Feeds, "_show", lambda _: shuffles)


# --- what is leant on ---------------------------------------------------------------------------------------


def broken_connection_kept() -> None:
    """The pool lends the connection it has, whether or not it still leads anywhere."""

    async def stubborn(self: Any, until: float) -> Any:
        if not hasattr(self, "only"):
            self.only = await take(self, until)
        await asyncio.sleep(0.02)
        return self.only

    async def keeps(_self: Any, _connection: Any) -> None:
        return

    take = Pool.take
    _replace(Pool, "take", lambda _: stubborn)
    _replace(Pool, "give", lambda _: keeps)


def offer_taken_twice() -> None:
    """An offer that was accepted may be accepted again, by anybody."""

    def lenient(desk: Any, seat: Any, offer: str) -> Any:
        try:
            return rings(desk, seat, offer)
        except Refused:
            for ticket in desk.state.tickets.values():
                if offer.startswith(f"{ticket.contact}."):
                    return ticket
            raise

    rings = duty._rings
    _replace(duty, "_rings", lambda _: lenient)
