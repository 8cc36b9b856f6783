"""Connections to PostgreSQL that are lent until a deadline, and are back as soon as PostgreSQL is."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

Connection = psycopg.AsyncConnection[Any]

# A pool left to itself tries again after 1, 2 and 4 s; PostgreSQL is back from a crash within one.
RECONNECT_S = 0.2

# What PostgreSQL itself ends. A node that is cut off without a word leaves its transactions open, and with them the
# locks that everybody else waits for; left alone, PostgreSQL finds out after two hours. Keepalives in seconds.
ABANDONED = "-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
ABANDONED += " -c client_connection_check_interval=2s"  # nor does anybody wait on for a lock who is gone
GUARDS = f"-c idle_in_transaction_session_timeout=3s -c statement_timeout=10s {ABANDONED}"
TRANSACTION_TIMEOUT = (
    "SET transaction_timeout = '10s'"  # also where half of a statement has come; PostgreSQL 17 and later
)


class Pool:
    """psycopg's pool for an event loop; instants are those of the loop's clock."""

    def __init__(self, conninfo: str, size: int) -> None:
        """Name the database; nothing is opened before `open`."""
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=size,
            open=False,
            reconnect_timeout=RECONNECT_S,
            kwargs={
                "autocommit": True,
                "connect_timeout": 3,
                "application_name": "xinqiao",
                # Few, short, always the same statements: prepared at second use, planned once.
                "prepare_threshold": 1,
                "options": f"-c plan_cache_mode=force_generic_plan -c jit=off {GUARDS}",
            },
            configure=_guard,
        )
        self._replacing: asyncio.Future[None] | None = None
        self.generation = 0  # grows whenever the connections that are open are not to be trusted any more

    async def open(self) -> None:
        """Start connecting; a database that is down now is tried again later."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close(timeout=2)

    async def take(self, until: float) -> Connection:
        """Lend a connection; raises PoolTimeout. A pool that gave up connecting tries again only when asked again."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self._pool.getconn(timeout=min(RECONNECT_S, until - loop.time()))
            except PoolTimeout:
                if loop.time() >= until:
                    raise

    async def give(self, connection: Connection) -> None:
        """Take a connection back; one that is not clean is closed and replaced.

        To the end, also where the borrower is given up meanwhile: the pool waits for its lock on the way, and a
        connection that is lost there is lost for good.
        """
        await asyncio.shield(self._pool.putconn(connection))

    @contextlib.contextmanager
    def within(self, connection: Connection, until: float) -> Iterator[None]:
        """Use a connection for at most so long; beyond it the statement fails and the connection is closed."""
        end = asyncio.get_running_loop().call_at(until, self._cut, connection)
        try:
            yield
        finally:
            end.cancel()

    def _cut(self, connection: Connection) -> None:
        """End a connection whose time is over: asking a frozen PostgreSQL to cancel would take as long again, twice.

        The others may lead to the same dead end, and are replaced before somebody waits for them too.
        """
        sever(connection)
        self.generation += 1
        self._replacing = asyncio.ensure_future(self._pool.drain())


def sever(connection: psycopg.BaseConnection[Any]) -> None:
    """End a connection under whoever waits for its answer, in whatever thread: they are told at once."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as twin:
        twin.shutdown(socket.SHUT_RDWR)


async def _guard(connection: Connection) -> None:
    """Give a new connection the one limit that older servers do not know, and would not start with."""
    if connection.info.server_version >= 170_000:
        await connection.execute(TRANSACTION_TIMEOUT)
