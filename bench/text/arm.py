"""An arm of the bench: one server with its database, and how conversations are held on it."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any, Protocol

import psycopg
from websockets.asyncio.client import ClientConnection, connect

from bench.text.pairs import End, Line, Pair, Said
from launcher.errors import LaunchError


class Rig(Protocol):
    """A running arm."""

    database: str
    rows_per_message: int

    def pids(self) -> list[int]:
        """The leaders of every server-side process tree, PostgreSQL and broker included."""

    def stored(self) -> int:
        """How many rows of messages the database holds."""

    def talks(self, count: int) -> contextlib.AbstractAsyncContextManager[list[Pair]]:
        """So many conversations, each party on its socket, the two on different processes where there are several."""


class Arm(Protocol):
    """A kind of server."""

    name: str

    def absent(self) -> str:
        """Why it cannot be run here; empty where it can."""

    def running(self, pairs: int) -> contextlib.AbstractContextManager[Rig]:
        """Start it on engines of its own, ready for so many conversations."""


async def reach(url: str, path: str, headers: dict[str, str] | None = None, word: str = "") -> ClientConnection:
    """Open a WebSocket as a page of that origin would, without compression or pings of its own."""
    return await connect(
        f"{url.replace('http', 'ws', 1)}{path}",
        origin=url,  # type: ignore[arg-type]
        subprotocols=[word] if word else None,  # type: ignore[list-item]
        additional_headers=headers or {},
        compression=None,
        ping_interval=None,
        proxy=None,
        max_queue=None,
    )


class Parties:
    """Sockets of one run: pairs are made of them, and all of them are hung up at the end."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._tasks: list[asyncio.Task[None]] = []
        self._ends: list[End] = []

    def pair(self, name: str, a: tuple[ClientConnection, Line], b: tuple[ClientConnection, Line]) -> Pair:
        """Join two parties and listen to both."""
        open_: dict[str, Said] = {}
        ends = End("a", *a, open_), End("b", *b, open_)
        self._ends += ends
        self._tasks += [asyncio.create_task(end.listen()) for end in ends]
        return Pair(name, *ends, open_)

    async def leave(self) -> None:
        """Stop listening and hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(end.socket.close() for end in self._ends), return_exceptions=True)


@contextlib.asynccontextmanager
async def parties() -> AsyncIterator[Parties]:
    """Parties that leave at the end."""
    found = Parties()
    try:
        yield found
    finally:
        await found.leave()


def count(database: str, table: str) -> int:
    """Count rows."""
    with psycopg.connect(database) as link:
        row = link.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def shown(database: str, *names: str) -> dict[str, str]:
    """What a database says of its settings."""
    with psycopg.connect(database, autocommit=True) as link:
        rows: list[Any] = [link.execute(f"SHOW {name}").fetchone() for name in names]
    return {name: str(row[0]) for name, row in zip(names, rows, strict=True)}


def answering(ports: Iterable[int], seconds: float = 60.0) -> None:
    """Wait until somebody listens on each of these ports; raises LaunchError where nobody does in time."""
    deadline = time.monotonic() + seconds
    for port in ports:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > deadline:
                raise LaunchError(f"nothing listens on port {port} after {seconds:.0f} s")
            time.sleep(0.1)
