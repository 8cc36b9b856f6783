"""What a slow reader costs is bounded, and order is kept."""

import asyncio
import json
from typing import Any

import pytest

from kernel.outbound import BYTE_LIMIT, FRAME_LIMIT, Outbound, Overflow


class Peer:
    """A reader that reads when told."""

    def __init__(self) -> None:
        """Reading."""
        self.got: list[Any] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def send(self, message: dict[str, Any]) -> None:
        """ASGI's send, which waits for the reader."""
        await self.reads.wait()
        self.got.append(json.loads(message["text"]))


def test_frames_leave_in_order() -> None:
    async def story() -> None:
        peer = Peer()
        out = Outbound(peer.send)
        for number in range(100):
            out.put(number)
        await out.drained()
        assert peer.got == list(range(100))

    asyncio.run(story())


@pytest.mark.promise("R10")
@pytest.mark.parametrize(("frame", "most"), [("x", FRAME_LIMIT), ("x" * 1022, BYTE_LIMIT // 1024)])
def test_a_reader_that_stops_costs_no_more_than_the_limit(frame: str, most: int) -> None:
    async def story() -> None:
        peer = Peer()
        peer.reads.clear()
        out = Outbound(peer.send)
        for _ in range(most):
            out.put(frame)
        with pytest.raises(Overflow):
            out.put(frame)
        peer.reads.set()
        await out.drained()
        out.put(frame)

    asyncio.run(story())


def test_nothing_follows_the_last_frame() -> None:
    async def story() -> None:
        peer = Peer()
        out = Outbound(peer.send)
        out.put("a word")
        out.put_last("goodbye")
        out.put("news that came a moment too late")
        await out.drained()
        assert peer.got == ["a word", "goodbye"]

    asyncio.run(story())


def test_one_large_frame_passes_where_nothing_else_waits() -> None:
    async def story() -> None:
        out = Outbound(Peer().send)
        out.put("x" * (BYTE_LIMIT + 1))
        with pytest.raises(Overflow):
            out.put("y")

    asyncio.run(story())


def test_a_long_history_waits_for_room() -> None:
    async def story() -> None:
        peer = Peer()
        peer.reads.clear()
        out = Outbound(peer.send)
        for number in range(FRAME_LIMIT // 2):
            out.put(number)
        room = asyncio.create_task(out.room())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not room.done()
        peer.reads.set()
        async with asyncio.timeout(5):
            await room

    asyncio.run(story())
