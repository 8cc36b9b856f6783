"""RTCP (RFC 3550): compound packets read and written; whatever is not named here is dropped, not forwarded."""

import struct

import msgspec

from kernel.errors import Malformed

LIMIT_BYTES = 1500
SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, BYE = 200, 201, 202, 203
CNAME = 1

_head = struct.Struct("!BBH")
_block = struct.Struct("!IIIIII")
_sender = struct.Struct("!IQIII")


class Block(msgspec.Struct, frozen=True):
    """How one stream is received: `fraction` of 256 lost lately, `lost` in all, `highest` extended seq, `jitter` in
    clock ticks; `lsr` and `dlsr` (1/65536 s) echo the sender's report so that it can tell the round trip."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    lsr: int
    dlsr: int


class SenderReport(msgspec.Struct, frozen=True):
    """A sender's clock against its media time, what it sent, and how it receives others."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[Block, ...] = ()


class ReceiverReport(msgspec.Struct, frozen=True):
    """How somebody who sends nothing receives others."""

    ssrc: int
    blocks: tuple[Block, ...] = ()


class Description(msgspec.Struct, frozen=True):
    """A source's canonical name."""

    ssrc: int
    cname: str


class Bye(msgspec.Struct, frozen=True):
    """Sources that leave."""

    ssrcs: tuple[int, ...]


class Other(msgspec.Struct, frozen=True):
    """A packet of a kind that is not used here; its content is not kept."""

    kind: int


Report = SenderReport | ReceiverReport | Description | Bye | Other


def read(data: bytes) -> tuple[Report, ...]:
    """Read a compound packet; raises Malformed."""
    if not 4 <= len(data) <= LIMIT_BYTES:
        raise Malformed("length")
    found: list[Report] = []
    at = 0
    while at < len(data):
        if at + 4 > len(data):
            raise Malformed("header")
        first, kind, words = _head.unpack_from(data, at)
        end = at + 4 * (words + 1)
        if first >> 6 != 2 or end > len(data):
            raise Malformed("header")
        body_end = end
        if first & 0x20:
            pad = data[end - 1]
            if pad == 0 or pad > end - at - 4:
                raise Malformed("padding")
            body_end -= pad
        found.append(_read_one(kind, first & 0x1F, data[at + 4 : body_end]))
        at = end
    return tuple(found)


def _read_one(kind: int, count: int, body: bytes) -> Report:
    """Read one packet's body."""
    if kind == SENDER_REPORT:
        if len(body) < _sender.size + count * _block.size:
            raise Malformed("sender")
        ssrc, ntp, timestamp, packets, octets = _sender.unpack_from(body)
        return SenderReport(ssrc, ntp, timestamp, packets, octets, _blocks(body, _sender.size, count))
    if kind == RECEIVER_REPORT:
        if len(body) < 4 + count * _block.size:
            raise Malformed("receiver")
        return ReceiverReport(int.from_bytes(body[:4], "big"), _blocks(body, 4, count))
    if kind == DESCRIPTION:
        return _description(body) if count else Other(kind)
    if kind == BYE:
        if len(body) < 4 * count:
            raise Malformed("bye")
        return Bye(tuple(struct.unpack_from(f"!{count}I", body)))
    return Other(kind)


def _blocks(body: bytes, at: int, count: int) -> tuple[Block, ...]:
    """Read report blocks."""
    blocks = []
    for index in range(count):
        ssrc, loss, highest, jitter, lsr, dlsr = _block.unpack_from(body, at + index * _block.size)
        lost = loss & 0xFFFFFF
        blocks.append(Block(ssrc, loss >> 24, lost - (1 << 24) if lost >> 23 else lost, highest, jitter, lsr, dlsr))
    return tuple(blocks)


def _description(body: bytes) -> Description:
    """Read the first chunk's canonical name."""
    if len(body) < 4:
        raise Malformed("description")
    at = 4
    while at + 1 < len(body) and body[at] != 0:
        length = body[at + 1]
        value = body[at + 2 : at + 2 + length]
        if len(value) < length:
            break
        if body[at] == CNAME:
            return Description(int.from_bytes(body[:4], "big"), value.decode("utf-8", "replace"))
        at += 2 + length
    raise Malformed("description")


def write(reports: tuple[Report, ...]) -> bytes:
    """Write a compound packet; `Other` is left out."""
    return b"".join(_write_one(report) for report in reports)


def _write_one(report: Report) -> bytes:
    """Write one packet."""
    match report:
        case SenderReport():
            head = _sender.pack(report.ssrc, report.ntp, report.timestamp, report.packets, report.octets)
            return _pack(SENDER_REPORT, len(report.blocks), head + b"".join(map(_write_block, report.blocks)))
        case ReceiverReport():
            head = report.ssrc.to_bytes(4, "big")
            return _pack(RECEIVER_REPORT, len(report.blocks), head + b"".join(map(_write_block, report.blocks)))
        case Description():
            name = report.cname.encode()
            chunk = report.ssrc.to_bytes(4, "big") + bytes((CNAME, len(name))) + name
            return _pack(DESCRIPTION, 1, chunk + bytes(4 - len(chunk) % 4))
        case Bye():
            return _pack(BYE, len(report.ssrcs), struct.pack(f"!{len(report.ssrcs)}I", *report.ssrcs))
        case Other():
            return b""


def _write_block(block: Block) -> bytes:
    """Write a report block."""
    loss = (block.fraction << 24) | (block.lost & 0xFFFFFF)
    return _block.pack(block.ssrc, loss, block.highest, block.jitter, block.lsr, block.dlsr)


def _pack(kind: int, count: int, body: bytes) -> bytes:
    """Put the common header before a body."""
    return _head.pack(0x80 | count, kind, len(body) // 4) + body
