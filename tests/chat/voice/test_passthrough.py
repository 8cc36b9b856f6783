"""What only the forwarding engine can: one port, ICE restart, ICE over TCP, silence noticed, strangers not answered."""

import asyncio
import contextlib
import gc
import re
import socket
import time
import weakref
from collections.abc import Iterator

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from chat.voice import sdp, stun
from chat.voice.contract import Fact, LegConnected, LegLost, LegQuality, Limits, RecordingDecision
from chat.voice.leg import Leg
from chat.voice.passthrough import CHECKS_BURST, CHECKS_PER_S, PassthroughEngine
from kernel.errors import Refused
from kernel.terms import Role
from tests.chat.voice.conftest import Stage
from tests.chat.voice.offers import CHROMIUM
from tests.chat.voice.peers import PATIENT_S, Peer, eventually, stay_on_loopback

TRANSACTION = bytes(range(12))


def udp_port(answer: str) -> int:
    """The port an answer names."""
    found = re.search(r" udp \d+ \S+ (\d+) typ host", answer)
    assert found is not None
    return int(found[1])


def check_for(answer: str, peer: str, *, password: str | None = None, transaction: bytes = TRANSACTION) -> bytes:
    """A nominating check as the peer would send it."""
    own = sdp.read_offer(answer)
    return stun.write_binding(transaction, f"{own.ufrag}:{peer}", password or own.password, nominate=True)


@pytest.fixture
def wire() -> Iterator[socket.socket]:
    """A socket of somebody on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.setblocking(False)
        yield opened


async def hear_from(wire: socket.socket) -> bytes:
    """The next datagram."""
    async with asyncio.timeout(PATIENT_S):
        return await asyncio.get_running_loop().sock_recv(wire, 2000)


async def ask(wire: socket.socket, port: int, data: bytes) -> bytes:
    """Send a datagram and wait for what comes next; a port is served in order, so nothing sent before is open then."""
    wire.sendto(data, ("127.0.0.1", port))
    return await hear_from(wire)


def waiting(wire: socket.socket) -> list[bytes]:
    """What has come already."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(wire.recv(2000))
    return found


async def test_only_a_proved_check_is_answered_and_no_answer_is_longer(fast_stage: Stage, wire: socket.socket) -> None:
    answer = await fast_stage.engine.open_leg("call", "visitor", Role.VISITOR, CHROMIUM)
    port = udp_port(answer)
    good = check_for(answer, "pRiV")
    theirs = bytes(12)
    strangers = [
        check_for(answer, "pRiV", password="x" * 32, transaction=theirs),
        check_for(answer, "somebody", transaction=theirs),
        stun.write_binding(theirs, "nobody:pRiV", "x" * 32),
        (broken := check_for(answer, "pRiV", transaction=theirs))[:-1] + bytes((broken[-1] ^ 1,)),
        b"\x16\xfe\xfd" + bytes(60),
        bytes((0x80, 111)) + bytes(60),
        b"",
    ]
    for data in strangers:
        wire.sendto(data, ("127.0.0.1", port))
    reply = await ask(wire, port, good)
    assert waiting(wire) == []
    assert len(reply) <= len(good)
    assert (stun.read_success(reply).transaction, stun.read_success(reply).address) == (TRANSACTION, wire.getsockname())


async def test_a_flood_of_checks_from_one_place_is_slowed(fast_stage: Stage, wire: socket.socket) -> None:
    answer = await fast_stage.engine.open_leg("call", "visitor", Role.VISITOR, CHROMIUM)
    check, begun = check_for(answer, "pRiV"), time.monotonic()
    for _ in range(300):
        wire.sendto(check, ("127.0.0.1", udp_port(answer)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.setblocking(False)
        assert stun.read_success(await ask(other, udp_port(answer), check)).address == other.getsockname()
    assert 1 <= len(waiting(wire)) <= CHECKS_BURST + CHECKS_PER_S * (time.monotonic() - begun)


async def test_a_framed_check_over_tcp_is_answered_and_a_wrong_frame_ends_the_connection(fast_stage: Stage) -> None:
    answer = await fast_stage.engine.open_leg("call", "visitor", Role.VISITOR, CHROMIUM)
    found = re.search(r" tcp \d+ \S+ (\d+) typ host tcptype passive", answer)
    assert found is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", int(found[1]))
    check = check_for(answer, "pRiV")
    framed = len(check).to_bytes(2, "big") + check
    writer.write(framed[:7])
    paths = fast_stage.engine._tcp._paths  # type: ignore[attr-defined]  # looks inside on purpose
    assert await eventually(lambda: any(path._pending == framed[:7] for path in paths))
    writer.write(framed[7:])
    async with asyncio.timeout(PATIENT_S):
        size = int.from_bytes(await reader.readexactly(2), "big")
        assert stun.read_success(await reader.readexactly(size)).address == writer.get_extra_info("sockname")
        writer.write(b"\xff\xff")
        assert await reader.read() == b""
    writer.close()


async def test_all_calls_share_one_port(fast_stage: Stage) -> None:
    answers = [await fast_stage.engine.open_leg(f"call{n}", "visitor", Role.VISITOR, CHROMIUM) for n in range(3)]
    assert len({udp_port(answer) for answer in answers}) == 1
    assert len({sdp.read_offer(answer).ufrag for answer in answers}) == 3


async def test_ice_restarts_under_a_running_call_without_a_gap(fast_stage: Stage) -> None:
    await fast_stage.join("visitor", "chen")
    await fast_stage.place("chen")
    await fast_stage.hear(visitor={"chen"}, chen={"visitor"})
    offer = await fast_stage.people["visitor"].offer()
    restarted = re.sub(r"a=ice-ufrag:\S+", "a=ice-ufrag:NeWn", offer)
    before = sdp.read_offer(fast_stage.people["visitor"].answer)
    answer = await fast_stage.engine.open_leg("call", "visitor", Role.VISITOR, restarted)
    after = sdp.read_offer(answer)
    assert after.ufrag != before.ufrag
    assert after.fingerprints == before.fingerprints
    assert [line.ssrc for line in after.media] == [line.ssrc for line in before.media]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        wire.setblocking(False)
        assert stun.looks_like_stun((await ask(wire, udp_port(answer), check_for(answer, "NeWn")))[0])
        # The new path is nominated: from now on the visitor's media goes there, and the old name is forgotten.
        assert (await hear_from(wire))[0] >> 6 == 2
        old = stun.write_binding(bytes(12), f"{before.ufrag}:{sdp.read_offer(offer).ufrag}", before.password)
        wire.sendto(old, ("127.0.0.1", udp_port(answer)))
        packet = await ask(wire, udp_port(answer), check_for(answer, "NeWn"))
        while not stun.looks_like_stun(packet[0]):
            packet = await hear_from(wire)
        assert stun.read_success(packet).transaction == TRANSACTION
    await fast_stage.hear(chen={"visitor"})
    assert not fast_stage.told(LegLost, "visitor")


async def test_a_silent_leg_is_told_lost_and_told_connected_when_it_speaks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stay_on_loopback(monkeypatch)
    facts: list[Fact] = []
    engine = PassthroughEngine(facts.append, limits=Limits(lost_after_s=0.6))
    await engine.start()
    peer = Peer("visitor", 400)
    await peer.take(await engine.open_leg("call", "visitor", Role.VISITOR, await peer.offer()))
    assert await eventually(lambda: LegConnected("call", "visitor") in facts)
    transport = peer.connection.getSenders()[0].transport.transport
    monkeypatch.setattr(transport, "_send", _lose)
    assert await eventually(lambda: LegLost("call", "visitor", "silent") in facts)
    facts.clear()
    monkeypatch.undo()
    assert await eventually(lambda: LegConnected("call", "visitor") in facts)
    await peer.stop()
    await engine.stop()


async def _lose(data: bytes) -> None:
    """A network that swallows everything."""


async def test_another_certificate_than_promised_never_connects(fast_stage: Stage) -> None:
    peer = Peer("visitor", 400)
    other = RTCCertificate.generateCertificate().getFingerprints()[0].value
    offer = re.sub(r"a=fingerprint:sha-256 \S+", f"a=fingerprint:sha-256 {other}", await peer.offer())
    offer = re.sub(r"a=fingerprint:sha-(384|512) \S+\r\n", "", offer)
    await peer.take(await fast_stage.engine.open_leg("call", "visitor", Role.VISITOR, offer))
    assert await eventually(lambda: LegLost("call", "visitor", "refused") in fast_stage.facts)
    assert not fast_stage.told(LegConnected, "visitor")
    await peer.stop()


async def test_listeners_reports_reach_the_talker_and_quality_is_told(fast_stage: Stage) -> None:
    await fast_stage.join("visitor", "chen")
    await fast_stage.place("chen")

    async def remote_report(name: str) -> bool:
        stats = await fast_stage.people[name].connection.getStats()
        return any(each.type == "remote-inbound-rtp" and each.fractionLost == 0 for each in stats.values())

    async with asyncio.timeout(PATIENT_S):
        while not (await remote_report("visitor") and await remote_report("chen")):
            await asyncio.sleep(0.05)
    assert await eventually(lambda: fast_stage.told(LegQuality, "chen"))


class Ears:
    """A tap that keeps what it is given."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.taken: list[tuple[float, int, bytes]] = []

    def take(self, at: float, timestamp: int, payload: bytes) -> None:
        """Keep a packet."""
        self.taken.append((at, timestamp, payload))


@pytest.mark.promise("R5")
async def test_a_tap_needs_a_decision_for_this_very_call_and_stops_at_once(fast_stage: Stage) -> None:
    await fast_stage.join("visitor", "chen")
    tap = Ears()
    right = RecordingDecision("call", "rec", 1, ("consent",))
    wrong = RecordingDecision("another", "rec", 1, ("consent",))
    with pytest.raises(Refused, match="not_permitted"):
        await fast_stage.engine.tap("call", "visitor", tap, wrong)
    await fast_stage.engine.tap("call", "visitor", tap, right)
    assert await eventually(lambda: len(tap.taken) > 5)
    await fast_stage.engine.tap("call", "visitor", None, right)
    count = len(tap.taken)
    legs: dict[str, Leg] = fast_stage.engine._calls["call"].legs  # type: ignore[attr-defined]  # looks inside on purpose
    off_at = legs["visitor"].heard_at
    assert await eventually(lambda: legs["visitor"].heard_at > off_at + 0.1), "the visitor goes on talking"
    assert len(tap.taken) == count
    steps = {(b[1] - a[1]) % 2**32 for a, b in zip(tap.taken, tap.taken[1:], strict=False)}
    assert steps == {960}


async def test_a_full_worker_refuses_new_calls_and_serves_those_it_has() -> None:
    engine = PassthroughEngine(lambda fact: None, limits=Limits(calls=2, legs_per_call=2))
    await engine.start()
    for call in ("a", "b"):
        answer = await engine.open_leg(call, "visitor", Role.VISITOR, CHROMIUM)
    assert "a=ptime:60" in answer
    with pytest.raises(Refused, match="overloaded"):
        await engine.open_leg("c", "visitor", Role.VISITOR, CHROMIUM)
    await engine.open_leg("b", "chen", Role.COUNSELOR, CHROMIUM)
    with pytest.raises(Refused, match="too_many_legs"):
        await engine.open_leg("b", "lin", Role.COUNSELOR, CHROMIUM)
    assert engine.load().score >= 1
    await engine.stop()


async def test_nothing_is_left_of_calls_that_ended(fast_stage: Stage) -> None:
    await fast_stage.join("visitor", "chen")
    await fast_stage.place("chen", held=True)
    await fast_stage.hear(visitor={"clip"})
    engine = fast_stage.engine
    assert isinstance(engine, PassthroughEngine)
    gone = [weakref.ref(leg) for leg in engine._calls["call"].legs.values()]
    for n in range(50):
        await engine.open_leg(f"other{n}", "visitor", Role.VISITOR, CHROMIUM)
        await engine.close_call(f"other{n}")
    await engine.close_call("call")

    def nothing_left() -> bool:
        gc.collect()
        return [ref() for ref in gone] == [None, None]

    assert await eventually(nothing_left), [gc.get_referrers(leg) for ref in gone if (leg := ref())]
    assert not engine._calls
    assert not engine._paths
    assert not engine._credentials
    assert not engine._clip_lanes
    with pytest.raises(Refused, match="unknown_call"):
        await engine.arrange("call", 99, frozenset())
