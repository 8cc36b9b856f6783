"""Reads a sealed recording back: whole, in order, one party's track at a time, since browsers play one track only.

A recording that a crash cut off has no last chunk; what was sealed before it is played, and said to be incomplete.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from chat.voice.contract import RecordingDecision
from chat.voice.matroska import element
from chat.voice.recorder import TRUNCATED, unseal
from kernel.seal import Tampered

LIMIT_BYTES = 256 * 1024 * 1024
"""About eight hours of two people; a longer one is no talk."""

_SEGMENT, _CLUSTER, _TRACKS, _BLOCK, _NUMBER = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xA3, 0xD7
_OPEN = frozenset({_SEGMENT, _CLUSTER})  # written without a size: what follows is inside


class Sound(msgspec.Struct, frozen=True):
    """A recording as it can be played; `whole` unless its end is missing."""

    data: bytes
    whole: bool


def open_recording(path: Path, key: bytes, decision: RecordingDecision, *, ended: bool = False) -> Sound:
    """Open a recording; raises Tampered for anything changed or moved, FileNotFoundError where it is gone.

    Where it is known that its end was written (`ended`), a missing end was cut off by somebody: Tampered too.
    """
    data, whole = bytearray(), True
    with path.open("rb") as file:
        if path.stat().st_size > LIMIT_BYTES:
            raise Tampered("too long")
        try:
            for chunk in unseal(file, key, decision):
                data += chunk
        except Tampered as fault:
            if ended or str(fault) != TRUNCATED:
                raise
            whole = False
    return Sound(bytes(data), whole)


def one_track(data: bytes, track: int) -> bytes:
    """Keep one party's track of a recording; the same file as if the others had never spoken."""
    return b"".join(_kept(data, track))


def _kept(data: bytes, track: int) -> Iterator[bytes]:
    for identity, start, body, end in _elements(data):
        if identity in _OPEN:
            yield data[start:body]
        elif identity == _TRACKS:
            inside = data[body:end]
            entries = (inside[s:e] for _, s, b, e in _elements(inside) if _is_track(inside[b:e], track))
            yield element(_TRACKS, b"".join(entries))
        elif identity != _BLOCK or data[body] & 0x7F == track:
            yield data[start:end]


def _is_track(entry: bytes, track: int) -> bool:
    """Tell whether a track entry is this track's."""
    numbers = (entry[body:end] for identity, _, body, end in _elements(entry) if identity == _NUMBER)
    return any(int.from_bytes(number) == track for number in numbers)


def _elements(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Walk elements as (id, start, body, end); an unfinished one is left out."""
    at = 0
    while at < len(data):
        width = 9 - data[at].bit_length()
        identity, sized = int.from_bytes(data[at : at + width]), at + width
        if sized >= len(data):
            return
        size_width = 9 - data[sized].bit_length()
        body = sized + size_width
        raw = int.from_bytes(data[sized:body]) & ((1 << 7 * size_width) - 1)
        end = body if identity in _OPEN else body + raw
        if end > len(data):
            return
        yield identity, at, body, end
        at = end


def span_of(header: str, size: int) -> tuple[int, int] | None:
    """Read a Range header of one span, half-open; None for all of it; raises ValueError for what is not there."""
    unit, _, spans = header.partition("=")
    if unit.strip() != "bytes" or "," in spans:
        return None
    first, _, last = spans.strip().partition("-")
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(int(last) + 1, size) if last else size
    if not 0 <= begin < end:
        raise ValueError("range")
    return begin, end
