"""One command on its way through the engine: what is wished, what was loaded for it, what was decided."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec

from kernel.decider import Address, Decider
from kernel.store import Append, Head
from kernel.terms import Actor
from kernel.wire import Command, Row


class Loaded(msgspec.Struct, frozen=True):
    """An aggregate in memory, as of `seq`."""

    seq: int
    state: Any


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


HeadOf = Callable[[str, str], Awaitable[Head | None]]
Write = Callable[[Append], Awaitable[bool]]
