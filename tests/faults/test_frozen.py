"""A doorbell or a clock that is frozen delays and nothing more: others echo, words are acknowledged and arrive once."""

import asyncio
import signal
import statistics

import pytest

from tests.client import Peer
from tests.faults.fleet import Fleet
from tests.faults.peers import opened, pongs, raw

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.promise("R11")]
WORDS = ["门铃停了", "我还在说", "三句都要到"]


@pytest.mark.parametrize("frozen", [("valkey",), ("clock1", "clock2")], ids=["doorbell", "clocks"])
async def test_what_is_frozen_delays_and_loses_nothing(fleet: Fleet, frozen: tuple[str, ...]) -> None:
    contact, headers = await opened(fleet.webs[0])
    feed = f"session.{contact}"
    async with (
        raw(fleet.webs[0], headers) as other,
        Peer(fleet.webs[0], "contact", headers) as talker,
        Peer(fleet.webs[1], "contact", headers) as elsewhere,
    ):
        await other.send('{"op":"hello"}')
        for peer in (talker, elsewhere):
            await peer.until(lambda frame: frame["op"] == "event")
        calm = await pongs(other, 1)
        for name in frozen:
            fleet.signal(name, signal.SIGSTOP)
        try:
            echoes = asyncio.create_task(pongs(other, 3))
            for words in WORDS:
                assert (await asyncio.wait_for(talker.do(feed, "message.post", text=words), 5))["op"] == "ack"
            # On another node, which no doorbell reaches: its own look at the store, once a second.
            await elsewhere.event("message.posted", 5, text=WORDS[-1])
            waits = await echoes
        finally:
            for name in frozen:
                fleet.signal(name, signal.SIGCONT)
        assert (await talker.do(feed, "message.post", text="好了"))["op"] == "ack"
        for peer in (talker, elsewhere):
            await peer.event("message.posted", 10, text="好了")
            assert peer.said(feed) == [*WORDS, "好了"]
    print(f"echo median: calm {statistics.median(calm) * 1000:.1f} ms, frozen {statistics.median(waits) * 1000:.1f} ms")
    assert statistics.median(waits) <= 0.1
