"""One command on its way through the engine: what is wished, what was loaded for it, what was decided."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

import msgspec

from kernel.decider import Address, Decider
from kernel.store import Append, Head, Line
from kernel.terms import Actor
from kernel.wire import Command, Row


class Loaded(msgspec.Struct, frozen=True):
    """An aggregate in memory, as of `seq`; the store has its snapshot as of `stored_seq`, or a later one."""

    seq: int
    state: Any
    stored_seq: int = 0


class Wish(msgspec.Struct, frozen=True):
    """One command on its way: to whom, by whom, when, and under which id."""

    decider: Decider[Any]
    to: Address
    command: Command
    by: Actor
    now: datetime
    client_id: str


class Drafted(msgspec.Struct, frozen=True):
    """What one command has decided, sealed: the state after it, its rows, and what is to be written."""

    loaded: Loaded
    rows: tuple[Row, ...]
    append: Append


class Log(Protocol):
    """Where an aggregate is read from: the store, or the one feed that is held."""

    async def head(self, feed: str, client_id: str, known_seq: int = 0) -> Head | None:
        """As Store.head."""

    async def read(self, feed: str, after: int, limit: int) -> list[Line]:
        """As Store.read."""


Write = Callable[[Append], Awaitable[bool]]
