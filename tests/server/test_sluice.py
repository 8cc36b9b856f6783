"""Bytes reach the parser whole and in order, whatever their cutting; never while the application is behind."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sluice import SLICE_BYTES, WAITING_BYTES, WAITING_FRAMES, Sluice, crowded

pytestmark = pytest.mark.promise("R10")


class Bench:
    """A parser whose application may be behind, and the transport before it."""

    def __init__(self) -> None:
        """An application that keeps up, a socket that is read."""
        self.parsed: list[bytes] = []
        self.room = 10**9  # slices the application will still take
        self.reading = True
        self.sluice = Sluice(self._feed, lambda: self.room <= 0, self._pause, self._resume)

    def _feed(self, data: bytes) -> None:
        assert self.room > 0
        self.room -= 1
        self.parsed.append(data)

    def _pause(self) -> None:
        assert self.reading
        self.reading = False

    def _resume(self) -> None:
        assert not self.reading
        self.reading = True


async def until_read(bench: Bench) -> None:
    """Let the sluice poll until the socket is read again."""
    async with asyncio.timeout(5):
        while not bench.reading:
            await asyncio.sleep(0)


@given(st.lists(st.binary(max_size=3 * SLICE_BYTES), max_size=8), st.lists(st.integers(1, 3), max_size=30))
def test_every_byte_arrives_once_and_in_order_and_the_socket_rests_meanwhile(
    reads: Sequence[bytes], rooms: Sequence[int]
) -> None:
    async def story() -> None:
        bench = Bench()
        bench.room = 1
        pending, turns = list(reads), iter(rooms)
        while pending or not bench.reading:
            if bench.reading:
                bench.sluice.take(pending.pop(0))
            bench.room = max(bench.room, next(turns, 100))
            if not bench.reading:
                bench.sluice._again()
        assert b"".join(bench.parsed) == b"".join(reads)
        assert all(len(part) <= SLICE_BYTES for part in bench.parsed)

    asyncio.run(story())


async def test_a_socket_whose_application_is_behind_is_not_read_until_it_has_caught_up() -> None:
    bench = Bench()
    bench.room = 0
    bench.sluice.take(b"held")
    assert not bench.reading
    assert bench.parsed == []
    bench.room = 5
    await until_read(bench)
    assert bench.parsed == [b"held"]


async def test_what_is_held_for_a_socket_that_went_is_forgotten() -> None:
    bench = Bench()
    bench.room = 0
    bench.sluice.take(b"held")
    bench.sluice.close()
    bench.room = 5
    bench.sluice._again()
    assert bench.parsed == []


def test_a_queue_is_crowded_by_many_frames_or_by_large_ones_and_one_frame_is_always_taken() -> None:
    queue: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    assert not crowded(queue)
    queue.put_nowait({"type": "websocket.receive", "text": "x" * (WAITING_BYTES + 1)})
    assert not crowded(queue)
    queue.put_nowait({"type": "websocket.receive", "text": ""})
    assert crowded(queue)
    small: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    for _ in range(WAITING_FRAMES + 1):
        assert not crowded(small)
        small.put_nowait({"type": "websocket.receive", "bytes": b""})
    assert crowded(small)
