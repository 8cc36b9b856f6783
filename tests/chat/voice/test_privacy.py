"""No byte that tells who or where one person is reaches the other: not by SDP, RTP, RTCP, facts or logs."""

import asyncio
import logging

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.voice import rtcp, rtp, sdp
from chat.voice.leg import Leg
from chat.voice.ports import UdpPath
from kernel.terms import Attending, Role
from tests.chat.voice.conftest import Stage, build
from tests.chat.voice.offers import CHROMIUM, PRIVATE
from tests.chat.voice.peers import eventually, stay_on_loopback

hosts = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
words = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", min_size=8, max_size=20)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(host=hosts, ufrag=words, password=words, cname=words, stream=words)
def test_nothing_of_an_offer_is_in_what_the_others_are_answered(
    host: str, ufrag: str, password: str, cname: str, stream: str
) -> None:
    """Whatever the first person's offer says, the second person's answer is made without it."""
    first = CHROMIUM
    marks = {
        "203.0.113.77": host,
        "192.168.77.12": host,
        "pRiVaTePaSsWoRdOfAlEg0000": password + "x" * 22,
        "pRiVaTeCnAmE": cname,
        "5c2d3a7e-private-stream": stream,
        "pRiV": ufrag,
    }
    for old, new in marks.items():
        first = first.replace(old, new)

    async def both() -> tuple[str, str]:
        stage = await build("passthrough")
        one = await stage.engine.open_leg("call", "visitor", Role.VISITOR, first)
        two = await stage.engine.open_leg("call", "chen", Role.COUNSELOR, CHROMIUM)
        await stage.place("chen")
        assert not stage.facts
        await stage.engine.stop()
        return one, two

    one, two = asyncio.run(both())
    for mark in {ufrag, password, cname, stream}:
        assert mark not in two
    if host not in ("127.0.0.1", "0.0.0.0"):
        assert f" {host} " not in two
    for own in (sdp.read_offer(one).ufrag, sdp.read_offer(one).password):
        assert own not in two
    assert not [mark for mark in PRIVATE if mark in two]


@pytest.mark.parametrize("chatter", ["chat", "aioice", "aiortc", "xinqiao.voice"])
def test_media_libraries_say_nothing_below_a_warning(chatter: str) -> None:
    import chat.voice.reference  # noqa: F401 - importing it is what makes them quiet

    if chatter in ("aioice", "aiortc"):
        assert logging.getLogger(chatter).getEffectiveLevel() >= logging.WARNING


def marks_of(leg: Leg) -> list[bytes]:
    """What an offer says of a person's connection."""
    offer = sdp.read_offer(leg.offer_text)
    cnames = {line.partition("cname:")[2].strip() for line in leg.offer_text.splitlines() if "cname:" in line}
    return [word.encode() for word in (offer.ufrag, offer.password, offer.fingerprints[0][1], *cnames)]


def is_written_by_us(packet: bytes, leg: Leg) -> None:
    """Only our own sources, names and headers, and reports on what this leg sends itself."""
    own = {lane.ssrc for lane in leg.lanes.values()}
    if not rtp.is_rtcp(packet[1]):
        assert packet[0] == 0x80, "no extension, no contributing source, no padding"
        assert rtp.read(packet, len(packet)).ssrc in own
        return
    for report in rtcp.read(packet):
        assert isinstance(report, rtcp.SenderReport | rtcp.ReceiverReport | rtcp.Description)
        assert report.ssrc in own
        if isinstance(report, rtcp.Description):
            assert report.cname == leg.cname
        else:
            assert {block.ssrc for block in report.blocks} <= {leg.in_ssrc}


async def test_what_is_sent_to_each_leg_carries_nothing_of_the_others(
    fast_stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Record every packet before it is encrypted, by receiver, and every fact; look for every mark of everybody."""
    from chat.voice.srtp import Cipher, Scratch

    caplog.set_level(logging.DEBUG, "xinqiao")
    sent: dict[int, list[bytes]] = {}
    protect = Cipher.protect

    def record(self: Cipher, buffer: Scratch, size: int, at: int = 0, *, rtcp: bool = False) -> int:
        sent.setdefault(id(self), []).append(bytes(buffer.view[at : at + size]))
        return protect(self, buffer, size, at, rtcp=rtcp)

    monkeypatch.setattr(Cipher, "protect", record)
    paths: list[UdpPath] = []
    opened = UdpPath.__init__

    def note(self: UdpPath, *args: object) -> None:
        opened(self, *args)  # type: ignore[arg-type]  # passed through as they came
        paths.append(self)

    monkeypatch.setattr(UdpPath, "__init__", note)
    await fast_stage.join("visitor", "chen", "zhao")
    await fast_stage.place("chen", zhao=Attending.MONITOR)
    await fast_stage.hear(visitor={"chen"}, chen={"visitor"}, zhao={"visitor", "chen"})

    def reports(packets: list[bytes]) -> int:
        return sum(rtp.is_rtcp(packet[1]) for packet in packets)

    assert await eventually(lambda: len(sent) == 3 and all(reports(packets) for packets in sent.values()))
    legs: dict[str, Leg] = fast_stage.engine._calls["call"].legs  # type: ignore[attr-defined]  # looks inside on purpose
    for name, leg in legs.items():
        others = [other for other in legs.values() if other.name != name]
        assert not [mark for other in others for mark in marks_of(other) if mark.decode() in leg.answer_text]
        for packet in sent[id(leg.outbound)]:
            assert not [mark for other in legs.values() for mark in marks_of(other) if mark in packet]
            assert not [other for other in others if other.cname.encode() in packet]
            is_written_by_us(packet, leg)
    ports = {str(path.address[1]) for path in paths}
    told = msgspec.json.encode(fast_stage.facts).decode() + caplog.text
    assert not [port for port in ports if f"{port}" in told]
    assert "127.0.0.1" not in told


def test_loopback_is_all_these_tests_use(monkeypatch: pytest.MonkeyPatch) -> None:
    stay_on_loopback(monkeypatch)
    import aioice.ice

    assert aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True) == ["127.0.0.1"]
