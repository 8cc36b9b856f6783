"""Connections to PostgreSQL that are lent until a deadline, and are back as soon as PostgreSQL is."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

Connection = psycopg.AsyncConnection[Any]
LONG_AGO, NEVER = float("-inf"), float("inf")

# A pool left to itself tries again after 1, 2 and 4 s; PostgreSQL is back from a crash within one.
RECONNECT_S = 0.2

CONNECT_S, CONNECT_AT_MOST_S = 3, 12
LEAST_S = 0.2  # left of a call's time when it gets its connection; with less an answer could not come

# What PostgreSQL itself ends. A node that is cut off without a word leaves its transactions open, and with them the
# locks that everybody else waits for; left alone, PostgreSQL finds out after two hours. Keepalives in seconds.
ABANDONED = "-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
ABANDONED += " -c client_connection_check_interval=2s"  # nor does anybody wait on for a lock who is gone
GUARDS = f"-c idle_in_transaction_session_timeout=3s -c statement_timeout=10s {ABANDONED}"
TRANSACTION_TIMEOUT = (
    "SET transaction_timeout = '10s'"  # also where half of a statement has come; PostgreSQL 17 and later
)


class Pool:
    """psycopg's pool for an event loop; instants are those of the loop's clock.

    A connection that did not answer in time is severed. Others that have not answered either since it was asked may
    lead to the same dead end, and are replaced before somebody waits for them too; one that has is a proof that
    PostgreSQL is there, and only slow: connecting anew is the last thing that a crowded machine needs.
    """

    def __init__(self, conninfo: str, size: int) -> None:
        """Name the database; nothing is opened before `open`."""
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=size,
            open=False,
            reconnect_timeout=RECONNECT_S,
            kwargs=self._manner,
            configure=self._met,
        )
        self._dialled, self._in_vain_since = 0, NEVER  # since the last time that a connection came of it
        self._answered: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()
        self._doubtful = LONG_AGO  # a connection that has not answered since then is not lent again

    async def _manner(self) -> dict[str, Any]:
        """How the next connection is made; the longer it has been in vain, the later."""
        loop = asyncio.get_running_loop()
        self._in_vain_since = min(self._in_vain_since, loop.time())
        await asyncio.sleep(pause_s(loop.time() - self._in_vain_since))
        self._dialled += 1
        return {
            "autocommit": True,
            "connect_timeout": patience_s(self._dialled, loop.time() - self._in_vain_since),
            "application_name": "xinqiao",
            # Few, short, always the same statements: prepared at second use, planned once.
            "prepare_threshold": 1,
            "options": f"-c plan_cache_mode=force_generic_plan -c jit=off {GUARDS}",
        }

    async def _met(self, connection: Connection) -> None:
        """Give a new connection the one limit that older servers do not know, and would not start with."""
        if connection.info.server_version >= 170_000:
            await connection.execute(TRANSACTION_TIMEOUT)
        self._dialled, self._in_vain_since = 0, NEVER
        self._answered[connection] = asyncio.get_running_loop().time()

    async def open(self) -> None:
        """Start connecting; a database that is down now is tried again later."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close(timeout=2)

    async def take(self, until: float) -> Connection:
        """Lend a connection; raises PoolTimeout. A pool that gave up connecting tries again only when asked again."""
        loop = asyncio.get_running_loop()
        until -= LEAST_S
        while True:
            try:
                connection = await self._pool.getconn(timeout=max(0.0, min(RECONNECT_S, until - loop.time())))
            except PoolTimeout:
                if loop.time() >= until:
                    raise
                continue
            if self.trusts(connection):
                return connection
            await connection.close()
            await self.give(connection)

    def trusts(self, connection: Connection) -> bool:
        """Whether a connection has answered since another one, asked then, did not."""
        return self._answered.get(connection, LONG_AGO) >= self._doubtful

    async def give(self, connection: Connection) -> None:
        """Take a connection back; one that is not clean is closed and replaced.

        To the end, also where the borrower is given up meanwhile: the pool waits for its lock on the way, and a
        connection that is lost there is lost for good.
        """
        await asyncio.shield(self._pool.putconn(connection))

    @contextlib.contextmanager
    def within(self, connection: Connection, until: float) -> Iterator[None]:
        """Use a connection for at most so long; beyond it the statement fails and the connection is closed."""
        loop = asyncio.get_running_loop()
        end = loop.call_at(until, self._cut, connection, loop.time())
        try:
            yield
            self._answered[connection] = loop.time()
        finally:
            end.cancel()

    def _cut(self, connection: Connection, asked_at: float) -> None:
        """End a connection whose time is over: asking a frozen PostgreSQL to cancel would take as long again, twice."""
        sever(connection)
        self._doubtful = max(self._doubtful, asked_at)


def pause_s(in_vain_s: float) -> float:
    """How long to wait before the next dial when all were in vain for so long: an eighth of that, at most a second.

    Each dial costs PostgreSQL a process, also while it recovers from a crash and needs its time for that.
    """
    return min(1.0, in_vain_s / 8)


def patience_s(dial: int, in_vain_s: float) -> int:
    """How long the next dial may take, counted from 1, when all before were in vain for so long.

    Every other one is short, for a way that has forgotten the dial before. The others are waited for longer and longer:
    a limit that a crowded machine can never meet would keep everybody away for as long as it is crowded.
    """
    return CONNECT_S if dial % 2 else int(min(CONNECT_AT_MOST_S, max(CONNECT_S, in_vain_s)))


def sever(connection: psycopg.BaseConnection[Any]) -> None:
    """End a connection under whoever waits for its answer, in whatever thread: they are told at once."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as twin:
        twin.shutdown(socket.SHUT_RDWR)
