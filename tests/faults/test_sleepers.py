"""Readers that stop reading: each is let go, what they cost is bounded, and whoever speaks does not wait for them."""

import asyncio
import contextlib
import socket
import time

import pytest

from tests.client import Frame, Peer
from tests.faults.conftest import GONE_S
from tests.faults.fleet import Fleet
from tests.faults.peers import MIB, Wire, bare, opened, rss

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.promise("R10")]

SLEEPERS, TALKERS = 8, 4
OFFERED_EACH = 3 * MIB  # to each sleeper: ten times what one may have waiting
LONG = "很长的话" * 1000  # 12 kB
ESTABLISHED = 1  # the first byte of Linux's tcp_info


def held(wire: Wire) -> bool:
    """Whether the server still has this connection, as the peer's kernel knows it: nothing is read."""
    raw = wire[1].get_extra_info("socket")
    return bool(raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED)


async def say(talker: Peer, contact: str, times: int) -> float:
    """Say something long again and again; the longest wait for an answer."""
    longest = 0.0
    for _ in range(times):
        asked = time.monotonic()
        answer: Frame = {"op": "refused", "retry_ms": 0}
        while answer["op"] == "refused":
            await asyncio.sleep(answer["retry_ms"] / 1000)
            answer = await talker.do(f"session.{contact}", "message.post", text=LONG)
        longest = max(longest, time.monotonic() - asked)
        talker.frames.clear()
    return longest


async def test_readers_that_stop_reading_are_let_go_and_cost_little(fleet: Fleet) -> None:
    contact, headers = await opened(fleet.webs[0])
    times = OFFERED_EACH // (len(LONG.encode()) * TALKERS) + 1
    async with contextlib.AsyncExitStack() as room:
        talkers = [await room.enter_async_context(Peer(fleet.webs[0], "contact", headers)) for _ in range(TALKERS)]
        await asyncio.gather(*(say(talker, contact, 5) for talker in talkers))  # what the first words take anyway
        before = rss(fleet)
        sleepers = [await room.enter_async_context(bare(fleet, headers)) for _ in range(SLEEPERS)]
        for _, writer in sleepers:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
        waits = await asyncio.gather(*(say(talker, contact, times) for talker in talkers))
        grown, spoken = rss(fleet) - before, time.monotonic()
        async with asyncio.timeout(GONE_S + 15):
            while any(held(sleeper) for sleeper in sleepers):
                await asyncio.sleep(0.05)
        kept = rss(fleet) - before
    gone = f"let go {time.monotonic() - spoken:.1f} s later, {kept / MIB:.1f} MiB kept"
    print(f"{SLEEPERS} sleepers before {OFFERED_EACH / MIB:.0f} MiB each: web grew {grown / MIB:.1f} MiB, {gone}")
    print(f"longest answer to a talker {max(waits):.2f} s")
    assert grown <= 12 * MIB
    assert max(waits) < 5
