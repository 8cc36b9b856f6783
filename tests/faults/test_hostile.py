"""Hostile peers and a frozen database: a clear answer, bounded memory, and nobody else notices."""

import asyncio
import json
import signal
import statistics
import time
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kernel.wire import FRAME_LIMIT_BYTES, Close
from tests.client import Peer
from tests.faults.fleet import Fleet
from tests.faults.peers import MIB, close_code, opened, pongs, raw, rss

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.promise("R10")]


@pytest.mark.promise("R11")
async def test_a_frozen_database_freezes_nobody_and_what_was_said_meanwhile_is_kept_once(fleet: Fleet) -> None:
    contact, headers = await opened(fleet.webs[0])
    async with raw(fleet.webs[0], headers) as other, Peer(fleet.webs[0], "contact", headers) as talker:
        await other.send('{"op":"hello"}')
        await talker.until(lambda frame: frame["op"] == "event")
        await asyncio.sleep(1)
        calm = await pongs(other, 1.5)
        fleet.signal("postgres", signal.SIGSTOP)
        try:
            words = {"type": "message.post", "text": "库停了我也在说"}
            await talker.send({"op": "do", "id": "frozen-1", "to": f"session.{contact}", "command": words})
            frozen = await pongs(other, 3)
        finally:
            fleet.signal("postgres", signal.SIGCONT)
        first = await talker.until(lambda frame: frame.get("id") == "frozen-1", 30)
        for _ in range(20):
            if first["op"] == "ack":
                break
            talker.frames.remove(first)
            await asyncio.sleep(0.3)
            await talker.send({"op": "do", "id": "frozen-1", "to": f"session.{contact}", "command": words})
            first = await talker.until(lambda frame: frame.get("id") == "frozen-1", 30)
        assert first["op"] == "ack"
        again = await talker.do(f"session.{contact}", "message.post", cid="frozen-1", text="库停了我也在说")
        assert again["seq"] == first["seq"]
        await talker.until(lambda frame: frame["op"] == "event" and frame["event"]["type"] == "message.posted", 10)
        assert talker.said(f"session.{contact}") == ["库停了我也在说"]
    calm_p99, frozen_p99 = (statistics.quantiles(waits, n=100)[98] for waits in (calm, frozen))
    print(f"echo p99: calm {calm_p99 * 1000:.1f} ms, frozen {frozen_p99 * 1000:.1f} ms")
    assert statistics.median(frozen) <= 0.1
    assert frozen_p99 <= max(0.1, 3 * calm_p99)


async def test_a_flood_is_slowed_then_closed_and_an_honest_peer_does_not_notice(fleet: Fleet) -> None:
    contact, headers = await opened(fleet.webs[0])
    _, honest_headers = await opened(fleet.webs[0])
    before = rss(fleet)
    async with raw(fleet.webs[0], headers) as flooder, raw(fleet.webs[0], honest_headers) as honest:
        await flooder.send('{"op":"hello"}')
        await honest.send('{"op":"hello"}')
        watching = asyncio.create_task(pongs(honest, 4))
        command = {"type": "message.post", "text": "洪水" * 200}
        with suppress(ConnectionClosed):
            for number in range(20_000):
                await flooder.send(
                    json.dumps({"op": "do", "id": f"f{number}", "to": f"session.{contact}", "command": command})
                )
        # The close frame may be lost under what the flooder itself still had on the way.
        assert await close_code(flooder) in (Close.TOO_FAST, Close.TOO_SLOW, 1006)
        waits = await watching
    grown = rss(fleet) - before
    print(f"honest p50 {statistics.median(waits) * 1000:.1f} ms, web grew {grown / MIB:.1f} MiB")
    assert statistics.median(waits) < 0.25
    assert grown <= 16 * MIB


async def test_malformed_frames_get_a_place_and_no_content_then_a_close(fleet: Fleet) -> None:
    _, headers = await opened(fleet.webs[0])
    secret = "我想说的秘密"
    async with raw(fleet.webs[0], headers) as socket:
        await socket.send('{"op":"hello"}')
        heard: list[str] = []
        with suppress(ConnectionClosed):
            for bad in (
                "{",
                '{"op":"nothing"}',
                json.dumps({"op": "do", "text": secret}),
                "[]",
                '"x"',
                "1",
                "",
                "[" * 4000,
            ):
                await socket.send(bad)
            async with asyncio.timeout(20):
                while True:
                    heard.append(str(await socket.recv()))
        assert socket.close_code == Close.MALFORMED
    refusals = [json.loads(frame) for frame in heard if '"refused"' in frame]
    assert refusals
    assert all(frame["code"] == "malformed" for frame in refusals)
    assert secret not in "".join(heard)
    assert secret not in fleet.engines.log.path.read_text(errors="replace")


async def test_a_frame_over_the_limit_closes_only_its_own_socket(fleet: Fleet) -> None:
    _, headers = await opened(fleet.webs[0])
    async with raw(fleet.webs[0], headers) as socket:
        await socket.send('{"op":"hello"}')
        await socket.send("x" * (FRAME_LIMIT_BYTES + 1))
        assert await close_code(socket) == 1009


async def test_a_text_over_the_limit_is_refused_and_the_socket_goes_on(fleet: Fleet) -> None:
    contact, headers = await opened(fleet.webs[0])
    async with Peer(fleet.webs[0], "contact", headers) as peer:
        refused = await peer.do(f"session.{contact}", "message.post", text="长" * 4001)
        assert refused == {"op": "refused", "id": refused["id"], "code": "malformed", "retry_ms": None}
        nul = await peer.do(f"session.{contact}", "message.post", text="a\x00b")
        assert nul["code"] == "malformed"
        kept = await peer.do(f"session.{contact}", "message.post", text="长" * 4000)
        assert kept["op"] == "ack"


async def test_what_is_replayed_forged_or_not_permitted_changes_nothing(fleet: Fleet) -> None:
    contact, headers = await opened(fleet.webs[0])
    stranger, _ = await opened(fleet.webs[0])
    async with Peer(fleet.webs[0], "contact", headers) as peer:
        first = await peer.do(f"session.{contact}", "message.post", cid="one", text="第一句")
        await peer.event("message.posted")
        assert await peer.do(f"session.{contact}", "message.post", cid="one", text="换了一句") == first
        assert peer.said(f"session.{contact}") == ["第一句"]
        for to, kind, fields in (
            (f"session.{stranger}", "message.post", {"text": "冒充"}),
            (f"case.{contact}", "risk.lower", {"level": "routine", "reason": "没事了"}),
            (f"session.{contact}", "session.assign", {"counselor": "x", "name": "x", "grade": "counselor", "epoch": 9}),
            ("desk.main", "ticket.take", {}),
            ("nonsense", "message.post", {"text": "x"}),
        ):
            answer = await peer.do(to, kind, **fields)
            assert answer["op"] == "refused", (to, kind)
            assert answer["code"] in ("not_permitted", "unknown_feed", "malformed")


async def test_the_handshake_is_refused_without_the_subprotocol_and_from_a_foreign_origin(fleet: Fleet) -> None:
    url = fleet.webs[0]
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}) as http:
        assert (await http.post("/api/v1/contacts", json={"line": "main"})).status_code == 201
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in http.cookies.items())}
    _, bearer = await opened(url)
    with pytest.raises(InvalidStatus):
        async with raw(url, bearer, subprotocols=None):
            pass
    for origin in ("https://evil.example", "null", None):
        with pytest.raises(InvalidStatus):
            async with raw(url, cookie, origin=origin):
                pass
    async with raw(url, cookie, origin=url) as socket:
        await socket.send('{"op":"hello"}')
        assert json.loads(await socket.recv())["op"] == "welcome"
    async with raw(url, bearer) as socket:  # an app sends no Origin
        await socket.send('{"op":"hello"}')
        assert json.loads(await socket.recv())["op"] == "welcome"


async def test_a_node_that_stops_says_goodbye_and_closes_at_once_with_1012(fleet: Fleet) -> None:
    _, headers = await opened(fleet.webs[1])
    async with raw(fleet.webs[1], headers) as socket:
        await socket.send('{"op":"hello"}')
        assert json.loads(await socket.recv())["op"] == "welcome"
        stopping = asyncio.create_task(asyncio.to_thread(fleet.supervisor.restart, "web2"))
        heard: list[str] = []
        with suppress(ConnectionClosed):
            async with asyncio.timeout(20):
                while True:
                    frame = json.loads(await socket.recv())
                    heard.append(frame["op"])
                    said_at = time.monotonic()
        assert heard[-1] == "bye"
        assert socket.close_code == Close.RESTART
        assert time.monotonic() - said_at < 1.5
        await stopping
