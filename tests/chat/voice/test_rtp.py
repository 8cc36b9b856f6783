"""RTP and RTCP as RFC 3550 has them: aiortc is the oracle; one stream stays continuous whoever feeds it."""

import contextlib

import pytest
from aiortc import rtp as oracle
from hypothesis import given
from hypothesis import strategies as st

from chat.voice import rtcp, rtp
from kernel.errors import Malformed

u16, u32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
LEVEL_ID = 1
blocks = st.builds(rtcp.Block, u32, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), u32, u32, u32, u32)
some_blocks = st.lists(blocks, max_size=3).map(tuple)
cnames = st.text("abcdefghij0123456789", min_size=1, max_size=40)
reports = st.one_of(
    st.builds(rtcp.SenderReport, u32, st.integers(0, 2**64 - 1), u32, u32, u32, some_blocks),
    st.builds(rtcp.ReceiverReport, u32, some_blocks),
    st.builds(rtcp.Description, u32, cnames),
    st.builds(rtcp.Bye, st.lists(u32, min_size=1, max_size=4).map(tuple)),
)


@given(
    u16, u32, u32, st.booleans(), st.binary(min_size=1, max_size=200), st.lists(u32, max_size=3), st.integers(0, 127)
)
def test_a_packet_of_aiortc_is_read(
    seq: int, timestamp: int, ssrc: int, marker: bool, payload: bytes, csrc: list[int], level: int
) -> None:
    packet = oracle.RtpPacket(111, int(marker), seq, timestamp, ssrc, payload)
    packet.csrc = csrc
    packet.extensions.audio_level = (False, level)
    packet.padding_size = 4
    ids = oracle.HeaderExtensionsMap()
    ids._HeaderExtensionsMap__ids.audio_level = LEVEL_ID  # type: ignore[attr-defined]  # the oracle's own field
    data = packet.serialize(ids)
    found = rtp.read(data, len(data), LEVEL_ID)
    assert (found.payload_type, found.seq) == (111, seq)
    assert (found.timestamp, found.ssrc, found.level) == (timestamp, ssrc, level)
    assert data[found.start : found.end] == payload


@given(st.binary(max_size=120), st.integers(0, 15))
def test_noise_is_malformed_or_a_payload_within_the_packet(data: bytes, level_id: int) -> None:
    with contextlib.suppress(Malformed):
        found = rtp.read(data, len(data), level_id)
        assert rtp.HEADER_BYTES <= found.start <= found.end <= len(data)


@given(st.integers(0x80, 0xBF), st.binary(min_size=11, max_size=60))
def test_noise_behind_a_right_version_too(first: int, rest: bytes) -> None:
    data = bytes((first,)) + rest
    with contextlib.suppress(Malformed):
        found = rtp.read(data, len(data), LEVEL_ID)
        assert rtp.HEADER_BYTES <= found.start <= found.end <= len(data)


@given(st.integers(0, 127), st.booleans(), u16, u32, u32, st.integers(0, 8))
def test_aiortc_reads_our_header(kind: int, marker: bool, seq: int, timestamp: int, ssrc: int, at: int) -> None:
    into = bytearray(at + rtp.HEADER_BYTES) + b"voice"
    rtp.write_header(into, at, kind, seq, timestamp, ssrc, marker=marker)
    assert not any(into[:at])
    found = oracle.RtpPacket.parse(bytes(into[at:]))
    assert (found.payload_type, found.marker, found.sequence_number) == (kind, int(marker), seq)
    assert (found.timestamp, found.ssrc, found.payload) == (timestamp, ssrc, b"voice")


@given(u16, u32, st.lists(st.tuples(u16, u32, st.integers(1, 20)), min_size=1, max_size=6))
def test_a_stream_steps_by_one_whoever_feeds_it(first: int, begin: int, talks: list[tuple[int, int, int]]) -> None:
    stream = rtp.Continuity(first, begin)
    last_seq, last_timestamp = first, begin
    for source, (seq, timestamp, count) in enumerate(talks):
        for step in range(count):
            place = (seq + step) & 0xFFFF, (timestamp + 960 * step) & 0xFFFFFFFF
            assert (stream.source != source) == (step == 0)
            if step == 0:
                stream.turn(source, *place)
            out_seq, out_timestamp = stream.follow(*place)
            assert out_seq == (last_seq + 1) & 0xFFFF
            assert out_timestamp == (last_timestamp + 960) & 0xFFFFFFFF
            last_seq, last_timestamp = out_seq, out_timestamp


@given(u16, u32, st.permutations(range(8)))
def test_reordered_packets_keep_their_distance(seq: int, timestamp: int, order: list[int]) -> None:
    stream = rtp.Continuity(7, 7)
    places = {n: ((seq + n) & 0xFFFF, (timestamp + 960 * n) & 0xFFFFFFFF) for n in order}
    stream.turn(1, *places[order[0]])
    out = {n: stream.follow(*places[n]) for n in order}
    base = out[order[0]][0] - order[0]
    assert all((out[n][0] - base - n) & 0xFFFF == 0 for n in order)
    assert len({number for number, _ in out.values()}) == len(order)


def test_a_listeners_report_is_mapped_back_to_its_own_talker_only() -> None:
    stream = rtp.Continuity(1000, 0)
    stream.turn(5, 42, 0)
    out, _ = stream.follow(42, 0)
    assert stream.seq_behind(5, out) == 42
    assert stream.seq_behind(6, out) is None
    assert stream.timestamp_of(6, 0) is None
    stream.release()
    assert stream.seq_behind(5, out) is None


@given(st.lists(reports, min_size=1, max_size=4).map(tuple))
def test_what_is_written_is_read_again(packets: tuple[rtcp.Report, ...]) -> None:
    assert rtcp.read(rtcp.write(packets)) == packets


@given(u32, st.integers(0, 2**64 - 1), u32, u32, u32, some_blocks, cnames)
def test_aiortc_reads_our_compound(
    ssrc: int, ntp: int, timestamp: int, packets: int, octets: int, found: tuple[rtcp.Block, ...], cname: str
) -> None:
    data = rtcp.write((rtcp.SenderReport(ssrc, ntp, timestamp, packets, octets, found), rtcp.Description(ssrc, cname)))
    report, description = oracle.RtcpPacket.parse(data)
    assert isinstance(report, oracle.RtcpSrPacket)
    assert isinstance(description, oracle.RtcpSdesPacket)
    info = report.sender_info
    assert (report.ssrc, info.ntp_timestamp, info.rtp_timestamp) == (ssrc, ntp, timestamp)
    assert [(b.ssrc, b.packets_lost, b.highest_sequence, b.lsr, b.dlsr) for b in report.reports] == [
        (b.ssrc, b.lost, b.highest, b.lsr, b.dlsr) for b in found
    ]
    assert description.chunks[0].items == [(1, cname.encode())]


@given(st.binary(max_size=200))
def test_rtcp_noise_is_malformed_and_nothing_else(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        rtcp.read(data)


@given(st.integers(0x80, 0xBF), st.integers(192, 223), st.binary(max_size=80))
def test_rtcp_noise_behind_a_right_header_too(first: int, kind: int, body: bytes) -> None:
    body += bytes(-len(body) % 4)
    with contextlib.suppress(Malformed):
        rtcp.read(bytes((first, kind)) + (len(body) // 4).to_bytes(2, "big") + body)


def test_packets_of_other_kinds_are_named_and_not_written() -> None:
    feedback = bytes((0x81, 205, 0, 2)) + bytes(8)
    found = rtcp.read(feedback)
    assert found == (rtcp.Other(205),)
    assert rtcp.write(found) == b""


def test_a_packet_that_is_too_short_or_too_long_is_malformed() -> None:
    for size in (0, 11, rtp.LIMIT_BYTES + 1):
        with pytest.raises(Malformed):
            rtp.read(bytes((0x80,)) * max(size, 1), size)
