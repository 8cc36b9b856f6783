"""RTP (RFC 3550): find the payload of a packet, write a fresh header, keep one stream continuous over many sources."""

import struct

import msgspec

from kernel.errors import Malformed

HEADER_BYTES = 12
LIMIT_BYTES = 1500
OPUS_CLOCK_HZ = 48_000

PLAIN = 0x80
"""The first byte of a header with nothing behind it: version 2, no padding, no extension, no contributing source."""

_header = struct.Struct("!BBHII")
_pack_header, _unpack_header = _header.pack_into, _header.unpack_from
_extension = struct.Struct("!HH")


class Packet(msgspec.Struct, frozen=True):
    """One packet's header and where its payload lies, `[start, end)`; `level` is -dBov by RFC 6464, 127 = silence."""

    payload_type: int
    seq: int
    timestamp: int
    ssrc: int
    start: int
    end: int
    level: int | None = None


Found = tuple[int, int, int, int, int, int, int | None]
"""A Packet's fields without the Packet: there is one for every packet that is forwarded."""


def looks_like_rtp(first_byte: int) -> bool:
    """Tell RTP and RTCP from STUN and DTLS by the first byte (RFC 7983)."""
    return 128 <= first_byte < 192


def is_rtcp(second_byte: int) -> bool:
    """Tell RTCP from RTP on one port by the second byte (RFC 5761)."""
    return 192 <= second_byte < 224


def read(data: bytes | bytearray | memoryview, size: int, level_id: int = 0) -> Packet:
    """Read the first `size` bytes as a packet; `level_id` is the negotiated id of the audio level, 0 = none."""
    return Packet(*locate(data, size, level_id))


def locate(data: bytes | bytearray | memoryview, size: int, level_id: int) -> Found:
    """As `read`, for whoever is in a hurry."""
    if not HEADER_BYTES <= size <= LIMIT_BYTES or size > len(data):
        raise Malformed("length")
    first, second, seq, timestamp, ssrc = _unpack_header(data)
    start, end, level = HEADER_BYTES, size, None
    if first != PLAIN:
        if first >> 6 != 2:
            raise Malformed("version")
        start += 4 * (first & 0x0F)
        if first & 0x10:
            start, level = _extensions(data, start, size, level_id)
        if first & 0x20:
            end -= data[size - 1] or size
        if start > end:
            raise Malformed("padding")
    return second & 0x7F, seq, timestamp, ssrc, start, end, level


def _extensions(data: bytes | bytearray | memoryview, at: int, size: int, level_id: int) -> tuple[int, int | None]:
    """Step over the header extensions; answers where the payload begins, and the audio level."""
    if at + 4 > size:
        raise Malformed("extension")
    profile, words = _extension.unpack_from(data, at)
    start = at + 4 + 4 * words
    if start > size:
        raise Malformed("extension")
    wanted = level_id and profile == 0xBEDE
    return start, _level(data, at + 4, start, level_id) if wanted else None


def _level(data: bytes | bytearray | memoryview, at: int, end: int, wanted: int) -> int | None:
    """Find the audio level among one-byte header extensions (RFC 8285)."""
    while at < end:
        kind, length = data[at] >> 4, (data[at] & 0x0F) + 1
        if kind == 0:
            at += 1
        elif kind == 15 or at + 1 + length > end:
            return None
        elif kind == wanted:
            return data[at + 1] & 0x7F
        else:
            at += 1 + length
    return None


def write_header(
    into: bytearray | memoryview, at: int, payload_type: int, seq: int, timestamp: int, ssrc: int, marker: bool
) -> None:
    """Write a plain header of 12 bytes at `at`; nothing of the sender's header survives."""
    _pack_header(into, at, PLAIN, payload_type | 0x80 if marker else payload_type, seq, timestamp, ssrc)


class Continuity:
    """Numbers one outgoing stream so that sources may change without a jump: a receiver's replay window and jitter
    buffer never see that there is somebody else now."""

    __slots__ = ("_last_seq", "_last_timestamp", "_seq_offset", "_timestamp_offset", "octets", "packets", "source")

    def __init__(self, first_seq: int, first_timestamp: int) -> None:
        """Begin at a random place, as RFC 3550 asks."""
        self.source: int | None = None
        self._seq_offset = 0
        self._timestamp_offset = 0
        self._last_seq = first_seq & 0xFFFF
        self._last_timestamp = first_timestamp & 0xFFFFFFFF
        self.packets = 0
        self.octets = 0

    def turn(self, source: int, seq: int, timestamp: int, gap: int = OPUS_CLOCK_HZ // 50) -> None:
        """Go on with `source`, whose next packet this is; `gap` is the media time that passed since the last packet of
        the source before, in clock ticks."""
        self.source = source
        self._seq_offset = self._last_seq + 1 - seq
        self._timestamp_offset = self._last_timestamp + max(1, gap) - timestamp

    def follow(self, seq: int, timestamp: int) -> tuple[int, int]:
        """Number a packet of the source: its seq and its timestamp here."""
        new_seq = (seq + self._seq_offset) & 0xFFFF
        new_timestamp = (timestamp + self._timestamp_offset) & 0xFFFFFFFF
        if (new_seq - self._last_seq) & 0xFFFF < 0x8000:
            self._last_seq = new_seq
            self._last_timestamp = new_timestamp
        self.packets += 1
        return new_seq, new_timestamp

    def timestamp_of(self, source: int, timestamp: int) -> int | None:
        """Map a source's RTP time for a sender report; None while another source is followed."""
        return (timestamp + self._timestamp_offset) & 0xFFFFFFFF if source == self.source else None

    def seq_behind(self, source: int, extended: int) -> int | None:
        """Map our extended highest seq in a listener's report back to the source's own."""
        return (extended - self._seq_offset) & 0xFFFFFFFF if source == self.source else None

    def release(self) -> None:
        """Forget the source; the next packet of anybody begins a new talk spurt."""
        self.source = None
