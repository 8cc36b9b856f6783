"""The planted bugs: what each breaks, which injuries bring it to light, and which count of the verdict it must move."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernel import ids
from kernel.engine import Engine
from kernel.writer import Writer

dice = random.Random()


@dataclass(frozen=True)
class Bug:
    """One bug: `shows` are the counts of which at least one must not be 0; `kinds` the injuries it is tried with."""

    breaks: str
    plant: Callable[[], None]
    shows: tuple[str, ...]
    kinds: tuple[str, ...]
    faults: int = 8


def _replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put something else in the place of what the house has; raises AttributeError where it has no such thing."""
    setattr(owner, name, make(getattr(owner, name)))


# --- what is written ----------------------------------------------------------------------------------------


def ack_before_commit() -> None:
    """Answer as soon as a command is decided; the writing follows."""

    def make(write: Any) -> Any:
        async def hasty(self: Writer, append: Any) -> bool:
            task = asyncio.ensure_future(write(self, append))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            return True

        return hasty

    _replace(Writer, "write", make)


def no_idempotency() -> None:
    """Every try of a command counts as a new one."""

    def make(submit: Any) -> Any:
        async def forgetful(self: Engine, to: Any, command: Any, by: Any, now: Any, client_id: str) -> int:
            seq: int = await submit(self, to, command, by, now, ids.token()[:30])
            return seq

        return forgetful

    _replace(Engine, "submit", make)


BUGS: dict[str, Bug] = {
    "ack_before_commit": Bug(
        "the answer leaves before the commit", ack_before_commit, ("lost",), ("kill_web", "freeze_postgres")
    ),
    "no_idempotency": Bug(
        "a repeated command is carried out twice", no_idempotency, ("doubled",), ("cut_clients", "kill_web")
    ),
}
