"""Peers that speak bytes and not frames: tiny frames, pings whose answers nobody reads, requests without end."""

import asyncio
import contextlib
import time

import pytest

from server.limits import FRAGMENT_LIMIT
from tests.faults.conftest import GONE_S, HASTY
from tests.faults.fleet import Fleet
from tests.faults.peers import CONT, MIB, PING, TEXT, bare, frame, opened, pongs, raw, rss

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.promise("R10")]

REQUEST_S, GIVEN_UP_S = HASTY["REQUEST_S"], 40.0


async def push(writer: asyncio.StreamWriter, data: bytes, times: int, seconds: float) -> int:
    """Write again and again until it is done, the time is over or the other side ends it; answers the bytes."""
    written = 0
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(seconds):
            for _ in range(times):
                writer.write(data)
                await writer.drain()
                written += len(data)
    return written


async def ended(reader: asyncio.StreamReader, seconds: float) -> float:
    """Read until the server ends the connection; answers how long that took."""
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(seconds):
            while await reader.read(4096):
                pass
    return time.monotonic() - began


async def test_a_flood_of_tiny_frames_costs_no_memory_and_nobody_else_their_time(fleet: Fleet) -> None:
    _, headers = await opened(fleet.webs[0])
    tiny = frame(TEXT, b"1") * 10_000
    async with bare(fleet) as (_, writer):  # what any first flood makes the allocator take is not counted
        await push(writer, tiny, 100, 2)
    async with raw(fleet.webs[0], headers) as honest, bare(fleet) as (_, writer):
        await honest.send('{"op":"hello"}')
        before = rss(fleet)
        watching = asyncio.create_task(pongs(honest, 4))
        written = await push(writer, tiny, 100, 4)
        waits = await watching
    grown = rss(fleet) - before
    print(f"{written / MIB:.1f} MiB of tiny frames, web grew {grown / MIB:.1f} MiB, worst echo {max(waits):.3f} s")
    assert grown <= 12 * MIB  # unbounded, half a million frames would be 150 MiB and more
    assert sorted(waits)[len(waits) // 2] < 0.25


async def test_pings_whose_answers_nobody_reads_are_not_kept(fleet: Fleet) -> None:
    async with bare(fleet) as (_, writer):
        before = rss(fleet)
        written = await push(writer, frame(PING, b"x" * 125) * 500, 500, 5)
        grown = rss(fleet) - before
    print(f"{written / MIB:.1f} MiB of pings, web grew {grown / MIB:.1f} MiB")
    assert written < 8 * MIB  # the server stops reading
    assert grown <= 4 * MIB


async def test_a_message_of_endless_empty_pieces_is_ended(fleet: Fleet) -> None:
    async with bare(fleet) as (reader, writer):
        writer.write(frame(TEXT, final=False))
        await push(writer, frame(CONT, final=False) * 100, FRAGMENT_LIMIT // 100 + 2, 10)
        assert await ended(reader, 15) < 15


async def test_a_head_or_body_that_is_too_large_is_refused_before_it_is_kept(fleet: Fleet) -> None:
    for begin, more in (
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X-Long: " + b"x" * 8000 + b"\r\n"),
        (b"POST /api/v1/contacts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000000\r\n\r\n", b"x" * 65536),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", fleet.ports[0])
        before = rss(fleet)
        writer.write(begin)
        written = await push(writer, more, 400, 10)
        assert await ended(reader, 10) < 10
        assert written < 8 * MIB
        assert rss(fleet) - before <= 4 * MIB
        writer.close()


async def test_who_trickles_or_says_nothing_is_let_go_while_honest_peers_do_not_notice(fleet: Fleet) -> None:
    """Slowloris on head and body, and half-open: a peer that is gone without a word answers no ping."""

    async def trickle(begin: bytes, drop: bytes) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", fleet.ports[0])
        writer.write(begin)
        began, ending = time.monotonic(), asyncio.ensure_future(ended(reader, GIVEN_UP_S))
        while not ending.done():
            with contextlib.suppress(OSError):
                writer.write(drop)
                await writer.drain()
            await asyncio.wait([ending], timeout=1)
        writer.close()
        return time.monotonic() - began

    async def gone() -> float:
        async with bare(fleet) as (reader, _):
            return await ended(reader, GIVEN_UP_S)

    _, headers = await opened(fleet.webs[0])
    async with raw(fleet.webs[0], headers) as honest:
        await honest.send('{"op":"hello"}')
        watching = asyncio.create_task(pongs(honest, REQUEST_S + 2))
        waits = await asyncio.gather(
            trickle(b"GET /ws/contact/ HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X-A: b\r\n"),
            trickle(b"POST /api/v1/contacts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n", b"x"),
            gone(),
        )
        echoes = await watching
    print(f"let go after {waits[0]:.0f} s (head), {waits[1]:.0f} s (body), {waits[2]:.0f} s (gone)")
    assert max(waits[:2]) < REQUEST_S + 6
    assert waits[2] < GONE_S + 6
    assert sorted(echoes)[len(echoes) // 2] < 0.1
