"""What is done to a fleet: one fault at a time, drawn from a seed, each over within a few seconds."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable

from tests.faults.fleet import Fleet, backends

Injury = Callable[[Fleet, random.Random], Awaitable[None]]


async def kill_web(fleet: Fleet, dice: random.Random) -> None:
    """kill -9 of a web node; the supervisor starts it again."""
    fleet.signal(dice.choice(["web1", "web2"]), signal.SIGKILL)


async def kill_clock(fleet: Fleet, dice: random.Random) -> None:
    """kill -9 of a clock, the leading one or not."""
    fleet.signal(dice.choice(["clock1", "clock2"]), signal.SIGKILL)


async def kill_valkey(fleet: Fleet, _dice: random.Random) -> None:
    """kill -9 of Valkey: every subscription is gone."""
    fleet.signal("valkey", signal.SIGKILL)


async def kill_backend(fleet: Fleet, dice: random.Random) -> None:
    """kill -9 of one of PostgreSQL's processes: the postmaster ends all sessions and recovers."""
    found = backends(fleet)
    if found:
        try:
            os.kill(dice.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return


async def restart_postgres(fleet: Fleet, _dice: random.Random) -> None:
    """An immediate shutdown and start of PostgreSQL."""
    await asyncio.to_thread(fleet.of("postgres").hold, "postgres", signal.SIGQUIT)
    await asyncio.to_thread(fleet.of("postgres").release, "postgres")


async def restart_web(fleet: Fleet, dice: random.Random) -> None:
    """An orderly restart of a node, as in a deployment: it drains first."""
    await asyncio.to_thread(fleet.supervisor.restart, dice.choice(["web1", "web2"]))


async def _freeze(fleet: Fleet, name: str, seconds: float) -> None:
    """SIGSTOP, wait, SIGCONT."""
    fleet.signal(name, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        fleet.signal(name, signal.SIGCONT)


async def freeze_web(fleet: Fleet, dice: random.Random) -> None:
    """A node that hangs for a while with its sockets open."""
    await _freeze(fleet, dice.choice(["web1", "web2"]), dice.uniform(0.3, 4))


async def freeze_clock(fleet: Fleet, dice: random.Random) -> None:
    """A clock that hangs, perhaps with the leader's lock in its hands."""
    await _freeze(fleet, dice.choice(["clock1", "clock2"]), dice.uniform(0.3, 5))


async def freeze_valkey(fleet: Fleet, dice: random.Random) -> None:
    """A broker that takes connections and answers nothing."""
    await _freeze(fleet, "valkey", dice.uniform(0.3, 3))


async def freeze_postgres(fleet: Fleet, dice: random.Random) -> None:
    """A database that holds every query."""
    await _freeze(fleet, "postgres", dice.uniform(0.3, 3))


INJURIES: dict[str, Injury] = {
    injury.__name__: injury
    for injury in (
        kill_web,
        kill_clock,
        kill_valkey,
        kill_backend,
        restart_postgres,
        restart_web,
        freeze_web,
        freeze_clock,
        freeze_valkey,
        freeze_postgres,
    )
}
