"""Engines on the test database: each stands for a process of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

import pytest

from kernel import ids
from kernel.codec import Keyring
from kernel.decider import Decider, Sealing
from kernel.engine import Engine
from kernel.seal import MasterKeys
from kernel.store import Store
from server.wiring import conninfo
from tests.kernel.toy import tally

MASTERS = MasterKeys({1: b"m" * 32})
DECIDERS: dict[str, Decider[Any]] = {
    "tally": tally(),
    "lasting": tally("lasting", Sealing.LASTING),
    "open": tally("open", Sealing.PLAIN),
    "lazy": tally("lazy", Sealing.LASTING, snapshot_every=4),
    "late": tally("late", snapshot_every=7),
}


class Start(Protocol):
    """Starts a process: `async with start() as engine`."""

    def __call__(self, **wiring: Any) -> Any:
        """Wire it with these listeners."""


@asynccontextmanager
async def process(**wiring: Any) -> AsyncIterator[Engine]:
    """One process's engine, stopped when its reactions have settled."""
    store = Store(conninfo(), size=3)
    await store.open()
    engine = Engine(store, wiring.pop("deciders", DECIDERS), Keyring(store, wiring.pop("masters", MASTERS)), **wiring)
    try:
        yield engine
    finally:
        await engine.settled()
        await store.close()


@pytest.fixture
def start(transactional_db: None) -> Start:
    """Engines on real PostgreSQL."""
    return process


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Run a story in a loop of its own."""
    return asyncio.run


def fresh(kind: str = "tally") -> tuple[str, str]:
    """An aggregate nobody has used."""
    return kind, "t" + ids.token()[:12].replace("-", "x").replace("_", "y")
