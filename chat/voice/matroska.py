"""A Matroska stream of Opus packets, one track per party, written as it comes: no seeking, no transcoding.

RFC 9559; blocks carry a time each, so a pause, a hold or a lost packet is simply a gap.
"""

import struct

CLUSTER_MS = 5_000
_UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"
_BLOCK, _KEYFRAME = 0xA3, 0x80
# A block with its size in one byte or in two, spelled at once: there are a hundred of them a second in every call.
_SHORT, _LONG = struct.Struct(">BBBhB"), struct.Struct(">BHBhB")


def element(identity: int, payload: bytes) -> bytes:
    """One EBML element; the size takes as few bytes as it can."""
    width = next(width for width in range(1, 9) if len(payload) < (1 << (7 * width)) - 1)
    size = (len(payload) | 1 << (7 * width)).to_bytes(width, "big")
    return identity.to_bytes((identity.bit_length() + 7) // 8, "big") + size + payload


def _number(identity: int, value: int) -> bytes:
    """An unsigned element."""
    return element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def header(tracks: tuple[str, ...]) -> bytes:
    """The file's beginning: an EBML header, an open segment, milliseconds, and one mono Opus track per name."""
    ebml = element(0x4282, b"matroska") + _number(0x4287, 4) + _number(0x4285, 2)
    info = _number(0x2AD7B1, 1_000_000) + element(0x4D80, b"xinqiao") + element(0x5741, b"xinqiao")
    entries = b"".join(_track(number, name) for number, name in enumerate(tracks, start=1))
    segment = 0x18538067.to_bytes(4, "big") + _UNKNOWN
    return element(0x1A45DFA3, ebml) + segment + element(0x1549A966, info) + element(0x1654AE6B, entries)


def _track(number: int, name: str) -> bytes:
    """One audio track."""
    opus_head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
    audio = element(0xB5, struct.pack(">d", 48_000.0)) + _number(0x9F, 1)
    body = _number(0xD7, number) + _number(0x73C5, number) + _number(0x83, 2) + element(0x536E, name.encode())
    body += element(0x86, b"A_OPUS") + element(0x63A2, opus_head)
    body += _number(0x56AA, 6_500_000) + _number(0x56BB, 80_000_000)
    return element(0xAE, body + element(0xE1, audio))


class Clusters:
    """Packs packets of all tracks into clusters; times are milliseconds since the recording began."""

    def __init__(self) -> None:
        """Begin with the first packet."""
        self._begun: int | None = None

    def block(self, track: int, at_ms: int, packet: bytes) -> bytes:
        """The bytes to append for one packet."""
        out = b""
        if self._begun is None or not 0 <= at_ms - self._begun < CLUSTER_MS:
            self._begun = at_ms
            out = 0x1F43B675.to_bytes(4, "big") + _UNKNOWN + _number(0xE7, at_ms)
        size, since_ms = 4 + len(packet), at_ms - self._begun
        if size < 0x7F:
            return out + _SHORT.pack(_BLOCK, 0x80 | size, 0x80 | track, since_ms, _KEYFRAME) + packet
        if size < 0x3FFF:
            return out + _LONG.pack(_BLOCK, 0x4000 | size, 0x80 | track, since_ms, _KEYFRAME) + packet
        raise ValueError("packet")  # never: no datagram is as long
