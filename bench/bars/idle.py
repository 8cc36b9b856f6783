"""T7 and T13: conversations in which nobody speaks, and what is left when all of them are cut at once."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import redis
from websockets.asyncio.client import ClientConnection

from bench.text.arm import count, reach
from bench.text.ours import SUBPROTOCOL, OurRig, open_contacts
from bench.text.pairs import Pair
from bench.text.phases import phase

AT_ONCE, RATE, LEFT_S, GIVEN_UP_S = 16, 100.0, 5.0, 60.0


@contextlib.asynccontextmanager
async def idling(rig: OurRig, number: int) -> AsyncIterator[list[ClientConnection]]:
    """So many visitors who have come in and say nothing."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def come(headers: dict[str, str]) -> ClientConnection:
        async with gate:
            socket = await reach(rig.ships.webs[0], "/ws/contact/", headers, SUBPROTOCOL)
            await socket.send('{"op":"hello"}')
            while '"op":"welcome"' not in str(await socket.recv()):
                pass
            return socket

    contacts = await open_contacts(rig.ships.webs[0], number)
    sockets = await asyncio.gather(*(come(headers) for _, headers in contacts))
    try:
        yield sockets
    finally:
        for socket in sockets:
            socket.transport.abort()


Told = dict[str, Any]


async def growth(rig: OurRig, pairs: Sequence[Pair], idle: int, seconds: float) -> tuple[Told, Told]:
    """CPU per message before, beside and after idle conversations; then cut them all at once and count what stays."""

    async def cost() -> float:
        found = [await phase(pairs, rig.pids(), seconds, RATE, seed) for seed in range(3)]
        return statistics.median(each.cpu_us for each in found)

    quiet = await cost()
    before = _held(rig)
    async with idling(rig, idle) as sockets:
        await asyncio.sleep(1)
        busy = await cost()
        held = _held(rig)
        for socket in sockets:
            socket.transport.abort()
        cut = await _left(rig, before)
    after = await cost()  # told, not counted: whoever fell silent too long is in the queue by now
    ratio = busy / quiet
    told = {"idle": idle, "cpu_us": [round(each) for each in (quiet, busy, after)], "ratio": ratio}
    return told, cut | {"sockets": idle, "held": sum(held.values()) - sum(before.values())}


def _held(rig: OurRig) -> dict[str, int]:
    """Leases of sockets in the database (that of an opening lapses by itself); keys and subscriptions in the broker."""
    broker = redis.Redis.from_url(rig.ships.env["REDIS_URL"])
    subscribed = [*broker.pubsub_channels()]
    leases = count(rig.database, "kernel_lease WHERE subject LIKE 'visitor:%' AND process <> 'http'")
    return {"leases": leases, "keys": int(broker.dbsize()), "channels": len(subscribed)}


async def _left(rig: OurRig, before: dict[str, int]) -> dict[str, Any]:
    """What is left 5 s after the cut, and how long until nothing is."""
    began, left = time.monotonic(), 1
    after_5 = -1
    while time.monotonic() - began < GIVEN_UP_S and (left > 0 or after_5 < 0):
        now = await asyncio.to_thread(_held, rig)
        left = sum(max(0, now[name] - before[name]) for name in before)
        if after_5 < 0 and (left == 0 or time.monotonic() - began >= LEFT_S):
            after_5 = left
        await asyncio.sleep(0.2)
    return {"left_after_5s": after_5, "left": left, "gone_after_s": round(time.monotonic() - began, 1)}
