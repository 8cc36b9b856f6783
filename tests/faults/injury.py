"""What is done to a fleet: one fault at a time, drawn from a seed, each over within a few seconds."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable

from tests.faults.fleet import Fleet, backends
from tests.faults.network import Cable

Injury = Callable[[Fleet, random.Random], Awaitable[None]]

NEIGHBOUR_S = 120.0  # for a node to be back before the other one is taken down


async def _dispensable(fleet: Fleet, dice: random.Random) -> str:
    """A node whose neighbour answers, by name: what is promised is that any *one* process may die.

    A start takes seconds of processor time. Where there is little of it, the next kill came before the node was back,
    and then the next: for most of a drill nobody was there to acknowledge anything, which proves nothing.
    """
    number = dice.choice([1, 2])
    deadline = time.monotonic() + NEIGHBOUR_S
    while time.monotonic() < deadline and not await asyncio.to_thread(fleet.answers, 3 - number):
        await asyncio.sleep(0.1)
    return f"web{number}"


async def kill_web(fleet: Fleet, dice: random.Random) -> None:
    """kill -9 of a web node; the supervisor starts it again."""
    fleet.signal(await _dispensable(fleet, dice), signal.SIGKILL)


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
    await asyncio.to_thread(fleet.supervisor.restart, await _dispensable(fleet, dice))


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


def _cable(fleet: Fleet, dice: random.Random, way: str) -> Cable:
    """The cable of one of the nodes to its clients, to PostgreSQL or to Valkey."""
    return fleet.cables[f"{way}{dice.choice([1, 2])}"]


async def _slow(fleet: Fleet, dice: random.Random, way: str) -> None:
    """A bad line for a while: every piece waits, and perhaps it trickles."""
    cable = _cable(fleet, dice, way)
    cable.latency_s = dice.uniform(0.02, 0.3)
    cable.bytes_per_s = dice.choice([None, 2_000.0, 20_000.0])
    try:
        await asyncio.sleep(dice.uniform(0.5, 4))
    finally:
        cable.heal()


async def _cut(fleet: Fleet, dice: random.Random, way: str) -> None:
    """Every connection is reset at once; dialling again works."""
    _cable(fleet, dice, way).cut()


async def _silence(fleet: Fleet, dice: random.Random, way: str) -> None:
    """Half-open: for a while nothing arrives and nobody is told; then it does, or the old connections stay dead."""
    cable = _cable(fleet, dice, way)
    cable.silent = True
    try:
        await asyncio.sleep(dice.uniform(0.5, 4))
        if dice.random() < 0.5:
            cable.forget()
    finally:
        cable.heal()


async def _deafen(fleet: Fleet, dice: random.Random, way: str) -> None:
    """What is sent arrives, what is answered does not, until the connections are reset: was it done, or not?"""
    cable = _cable(fleet, dice, way)
    cable.deaf = True
    try:
        await asyncio.sleep(dice.uniform(0.5, 3))
        cable.cut()
    finally:
        cable.heal()


async def slow_clients(fleet: Fleet, dice: random.Random) -> None:
    """A bad line between the clients and a node."""
    await _slow(fleet, dice, "clients")


async def slow_postgres(fleet: Fleet, dice: random.Random) -> None:
    """A bad line between a node and the database."""
    await _slow(fleet, dice, "postgres")


async def slow_valkey(fleet: Fleet, dice: random.Random) -> None:
    """A bad line between a node and the broker."""
    await _slow(fleet, dice, "valkey")


async def cut_clients(fleet: Fleet, dice: random.Random) -> None:
    """Every client of a node loses its connection."""
    await _cut(fleet, dice, "clients")


async def cut_postgres(fleet: Fleet, dice: random.Random) -> None:
    """A node loses every connection to the database."""
    await _cut(fleet, dice, "postgres")


async def cut_valkey(fleet: Fleet, dice: random.Random) -> None:
    """A node loses every connection to the broker."""
    await _cut(fleet, dice, "valkey")


async def silence_clients(fleet: Fleet, dice: random.Random) -> None:
    """The clients of a node are in a tunnel."""
    await _silence(fleet, dice, "clients")


async def silence_postgres(fleet: Fleet, dice: random.Random) -> None:
    """A firewall between a node and the database forgets."""
    await _silence(fleet, dice, "postgres")


async def silence_valkey(fleet: Fleet, dice: random.Random) -> None:
    """A firewall between a node and the broker forgets."""
    await _silence(fleet, dice, "valkey")


async def deafen_clients(fleet: Fleet, dice: random.Random) -> None:
    """A node hears its clients, and they do not hear it."""
    await _deafen(fleet, dice, "clients")


async def deafen_postgres(fleet: Fleet, dice: random.Random) -> None:
    """The database does what a node asks, and the node does not hear of it."""
    await _deafen(fleet, dice, "postgres")


PROCESSES = (
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
LINES = (
    slow_clients,
    slow_postgres,
    slow_valkey,
    cut_clients,
    cut_postgres,
    cut_valkey,
    silence_clients,
    silence_postgres,
    silence_valkey,
    deafen_clients,
    deafen_postgres,
)
INJURIES: dict[str, Injury] = {injury.__name__: injury for injury in (*PROCESSES, *LINES)}
