"""All SQL of the log: one statement per batch of commands, one per read. psycopg, no ORM, no thread."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg_pool import PoolTimeout

from kernel.errors import Unavailable
from kernel.lone import LONE, lone
from kernel.pool import Connection, Pool

DEADLINE_S = 5.0
FAULTS = (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError)
Rows = list[tuple[Any, ...]]
_encoder = msgspec.json.Encoder()


class Line(msgspec.Struct, frozen=True):
    """One log row as stored: the payload still sealed."""

    feed: str
    seq: int
    kind: str
    author_role: str
    author_id: str
    payload: bytes
    at: datetime


class Append(msgspec.Struct, frozen=True):
    """What one command wants written: from `old_seq` to `new_seq`, all or nothing; `state` None: no snapshot now."""

    feed: str
    kind: str
    contact: str
    old_seq: int
    new_seq: int
    state: bytes | None
    due_at: datetime | None
    client_id: str
    at: datetime
    lines: tuple[Line, ...]
    unreacted: tuple[int, ...]


class Head(msgspec.Struct, frozen=True):
    """An aggregate as stored, and the seq answered earlier to the asked command id, if any.

    `state` is as of `state_seq`; None where the asker knows one that is as good.
    """

    seq: int
    state_seq: int
    state: bytes | None
    handled_seq: int | None


# One document in, whatever the number of commands: a list per column cost the client more than all the rest together.
# Rows are locked in feed order, so that two processes writing overlapping batches cannot deadlock. A feed whose
# seq moved, or whose command id is known, is left out as a whole; `done` names those that were written. So is one that
# somebody else has locked: its own command waits for it elsewhere (`hold`), the others of the batch do not.
APPEND = """
WITH wanted AS MATERIALIZED (
  SELECT w.feed, w.kind, w.contact, w.old_seq, w.new_seq, decode(w.state, 'base64') AS state, w.due_at,
    w.client_id, w.at, w.lines, w.unreacted
  FROM json_to_recordset(%s::json) AS w(feed text, kind text, contact text, old_seq bigint, new_seq bigint,
    state text, due_at timestamptz, client_id text, at timestamptz, lines json, unreacted json)
), locked AS MATERIALIZED (
  SELECT a.feed FROM kernel_aggregate a JOIN wanted w ON w.feed = a.feed
  WHERE a.seq = w.old_seq AND w.old_seq > 0
    AND NOT EXISTS (SELECT 1 FROM kernel_handled h WHERE h.feed = w.feed AND h.client_id = w.client_id)
  ORDER BY a.feed FOR NO KEY UPDATE OF a SKIP LOCKED
), created AS (
  INSERT INTO kernel_aggregate (feed, kind, contact, seq, state, state_seq, due_at)
  SELECT feed, kind, contact, new_seq, state, new_seq, due_at FROM wanted WHERE old_seq = 0 ORDER BY feed
  ON CONFLICT (feed) DO NOTHING RETURNING feed
), bumped AS (
  UPDATE kernel_aggregate a SET seq = w.new_seq, due_at = w.due_at, state = COALESCE(w.state, a.state),
    state_seq = CASE WHEN w.state IS NULL THEN a.state_seq ELSE w.new_seq END
  FROM wanted w JOIN locked l ON l.feed = w.feed WHERE a.feed = w.feed RETURNING a.feed
), done AS MATERIALIZED (
  SELECT w.* FROM wanted w JOIN (SELECT feed FROM created UNION ALL SELECT feed FROM bumped) AS moved
    ON moved.feed = w.feed
), logged AS (
  INSERT INTO kernel_logrow (feed, seq, kind, author_role, author_id, payload, client_id, at)
  SELECT d.feed, r.seq, r.kind, r.author_role, r.author_id, decode(r.payload, 'base64'), d.client_id, d.at
  FROM done d, json_to_recordset(d.lines) AS r(seq bigint, kind text, author_role text, author_id text, payload text)
), remembered AS (
  INSERT INTO kernel_handled (feed, client_id, seq, at) SELECT feed, client_id, new_seq, at FROM done
), owed AS (
  INSERT INTO kernel_unreacted (feed, seq, at)
  SELECT d.feed, seq::bigint, d.at FROM done d, json_array_elements_text(d.unreacted) AS seq
)
SELECT feed FROM done
"""

HEAD = """
SELECT a.seq, a.state_seq, CASE WHEN %s BETWEEN a.state_seq AND a.seq THEN NULL ELSE a.state END,
  (SELECT h.seq FROM kernel_handled h WHERE h.feed = a.feed AND h.client_id = %s)
FROM kernel_aggregate a WHERE a.feed = %s
"""

READ = """
SELECT feed, seq, kind, author_role, author_id, payload, at FROM kernel_logrow
WHERE feed = %s AND seq > %s ORDER BY seq LIMIT %s
"""


class _Stale(Exception):
    """A pooled connection had died; another one may live."""


class Store:
    """The log in PostgreSQL; every call has a deadline and answers Unavailable instead of hanging."""

    def __init__(self, conninfo: str, *, size: int = 6, deadline_s: float = DEADLINE_S) -> None:
        """Name the database; nothing is opened before `open`."""
        self._pool = Pool(conninfo, size)
        self._deadline_s = deadline_s
        self._kept: Connection | None = None  # the writer's own; lending it anew costs as much as a read

    async def open(self) -> None:
        """Start connecting; a database that is down now is tried again later."""
        await self._pool.open()

    async def close(self) -> None:
        """Give all connections back."""
        await self._let_go()
        await self._pool.close()

    def _until(self) -> float:
        """When a call that begins now has to be over."""
        return asyncio.get_running_loop().time() + self._deadline_s

    @asynccontextmanager
    async def connection(self, until: float | None = None) -> AsyncIterator[Connection]:
        """Lend a connection until an instant of the loop's clock; whatever goes wrong comes out as Unavailable."""
        until = until or self._until()
        try:
            connection = await self._pool.take(until)
            try:
                with self._pool.within(connection, until):
                    yield connection
            finally:
                await self._pool.give(connection)
        except FAULTS as fault:
            raise Unavailable(type(fault).__name__) from fault

    async def fetch(self, statement: str, arguments: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement that answers rows; to its end, even where nobody waits for it any more.

        To cut it short, psycopg would have PostgreSQL fork a process for the asking, which costs more than the rows.
        """
        return await asyncio.shield(self._patiently(lambda until: self._fetch(statement, arguments, until)))

    async def _patiently(self, work: Callable[[float], Awaitable[Rows]]) -> Rows:
        """Do it until the deadline, again on another connection where one had died.

        Everything this house writes may be written twice: appends by compare-and-set, the rest by key.
        """
        until = self._until()
        while asyncio.get_running_loop().time() < until:
            with contextlib.suppress(_Stale):
                return await work(until)
        raise Unavailable("stale")

    async def _fetch(self, statement: str, arguments: Sequence[Any] | dict[str, Any], until: float) -> Rows:
        """Run it on one connection; raises _Stale where that had died unnoticed, before or while it was used."""
        async with self.connection(until) as connection:
            try:
                cursor = await connection.execute(statement, arguments)
                return await cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError as fault:
                if not connection.closed:
                    raise
                raise _Stale from fault

    async def run(self, statement: str, arguments: Sequence[Any] | dict[str, Any]) -> None:
        """Run one statement for its effect."""
        await self.fetch(statement, arguments)

    async def head(self, feed: str, client_id: str, known_seq: int = 0) -> Head | None:
        """Read an aggregate and whether the command id is known; None where it does not exist.

        Whoever knows its state as of `known_seq` is spared a snapshot that is no newer.
        """
        rows = await self.fetch(HEAD, (known_seq, client_id, feed))
        return head_of(rows[0]) if rows else None

    async def read(self, feed: str, after: int, limit: int = 500) -> list[Line]:
        """Read log rows after a seq, in order."""
        rows = await self.fetch(READ, (feed, after, limit))
        return [line_of(row) for row in rows]

    async def heads(self, feeds: Sequence[str]) -> dict[str, int]:
        """Tell where each of these feeds stands; unknown feeds are left out."""
        statement = "SELECT feed, seq FROM kernel_aggregate WHERE feed = ANY(%s)"
        return {feed: seq for feed, seq in await self.fetch(statement, (list(feeds),))}

    async def append(self, batch: Sequence[Append]) -> set[str]:
        """Write a batch in one statement, one feed at most once; answers the feeds that were written."""
        alone = lone(batch)
        statement, arguments = (APPEND, _document(batch)) if alone is None else (LONE, alone)
        return {feed for (feed,) in await self._patiently(lambda until: self._write(statement, arguments, until))}

    async def _write(self, statement: str, arguments: tuple[Any, ...], until: float) -> Rows:
        """Append on the kept connection; one that failed, however, is given back and replaced."""
        if self._kept is not None and not self._pool.trusts(self._kept):
            await self._kept.close()
            await self._let_go()
        connection = self._kept
        try:
            if connection is None:
                connection = self._kept = await self._pool.take(until)
            with self._pool.within(connection, until):
                if statement is APPEND:
                    return await (await connection.execute(APPEND, arguments)).fetchall()
                return await (await psycopg.AsyncRawCursor(connection).execute(LONE, arguments)).fetchall()
        except BaseException as fault:
            await self._let_go()
            if isinstance(fault, psycopg.OperationalError) and connection is not None and connection.closed:
                raise _Stale from fault
            if isinstance(fault, FAULTS):
                raise Unavailable(type(fault).__name__) from fault
            raise

    async def _let_go(self) -> None:
        """Give the kept connection back to the pool, which closes it where it is not clean."""
        connection, self._kept = self._kept, None
        if connection is not None:
            await self._pool.give(connection)

    @asynccontextmanager
    async def hold(self, feed: str) -> AsyncIterator["Held"]:
        """Lock one feed for a moment, so that whoever lost the race to write too often gets a turn."""
        async with self.connection() as connection, connection.transaction():
            await connection.execute("SELECT 1 FROM kernel_aggregate WHERE feed = %s FOR NO KEY UPDATE", (feed,))
            yield Held(connection)

    async def settle(self, feed: str, seq: int) -> None:
        """An event's reactions have all been given."""
        await self.run("DELETE FROM kernel_unreacted WHERE feed = %s AND seq = %s", (feed, seq))


class Held:
    """One feed, locked until the transaction it belongs to is over: nobody else can move it meanwhile."""

    def __init__(self, connection: Connection) -> None:
        """Read and write on the connection that holds the lock."""
        self._connection = connection

    async def head(self, feed: str, client_id: str, known_seq: int = 0) -> Head | None:
        """As Store.head."""
        row = await (await self._connection.execute(HEAD, (known_seq, client_id, feed))).fetchone()
        return head_of(row) if row else None

    async def read(self, feed: str, after: int, limit: int) -> list[Line]:
        """As Store.read."""
        return [line_of(row) for row in await (await self._connection.execute(READ, (feed, after, limit))).fetchall()]

    async def write(self, append: Append) -> bool:
        """Write one append; it is committed when the hold ends."""
        return bool(await (await self._connection.execute(APPEND, _document([append]))).fetchall())


def head_of(row: tuple[Any, ...]) -> Head:
    """Read a row of seq, the snapshot's seq, the snapshot or NULL, and the seq answered earlier."""
    seq, state_seq, state, handled_seq = row
    return Head(seq, state_seq, None if state is None else bytes(state), handled_seq)


def line_of(row: tuple[Any, ...]) -> Line:
    """Read a row of feed, seq, kind, author role, author id, payload and instant."""
    feed, seq, kind, role, author, payload, at = row
    return Line(feed, seq, kind, role, author, bytes(payload), at)


def _document(batch: Sequence[Append]) -> tuple[str]:
    """A batch as the statement reads it: bytes in base64, instants in RFC 3339."""
    return (_encoder.encode(batch).decode(),)
