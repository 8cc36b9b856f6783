"""The access log as a chain: each row's digest covers the row and the digest before it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec

# Keyed hash of bytes under the key with this number, as hex; the shell brings it.
Hash = Callable[[int, bytes], str]
START = "0" * 64


class Entry(msgspec.Struct, frozen=True):
    """One look: who, in which role, at what, why, when, and for which paper. Never what was seen."""

    seq: int
    who: str
    role: str
    what: str
    contact: str
    why: str
    reference: str
    at: datetime
    key: int
    prev: str = START
    digest: str = ""


class Head(msgspec.Struct, frozen=True):
    """Where the chain ends; kept apart from it, and sealed, so that a cut tail shows."""

    count: int = 0
    digest: str = START
    key: int = 0
    seal: str = ""


class Fault(msgspec.Struct, frozen=True):
    """The first row at which the chain is not what was written, and how."""

    seq: int
    kind: Literal["missing", "changed", "unlinked", "head"]


def content(entry: Entry) -> bytes:
    """Spell a row for hashing: JSON of all fields but the digest, so no two rows spell alike."""
    return msgspec.json.encode(msgspec.structs.replace(entry, digest=""))


def link(entry: Entry, head: Head, of: Hash) -> Entry:
    """Give a row its place behind `head`."""
    placed = msgspec.structs.replace(entry, seq=head.count + 1, prev=head.digest, digest="")
    return msgspec.structs.replace(placed, digest=of(placed.key, content(placed)))


def head_after(entry: Entry, of: Hash) -> Head:
    """Seal the end of the chain after this row."""
    return _sealed(Head(entry.seq, entry.digest, entry.key), of)


def verify(entries: Iterable[Entry], head: Head, of: Hash, anchor: Head | None = None) -> Fault | None:
    """Find the first fault of a whole chain, or None.

    `anchor` is an end of the chain written down elsewhere earlier: a chain that does not pass through it was
    sealed anew by somebody who holds the keys, or replaced by an older copy.
    """
    last, expected = START, 1
    for entry in entries:
        if entry.seq != expected:
            return Fault(expected, "missing")
        if entry.prev != last:
            return Fault(expected, "unlinked")
        if entry.digest != of(entry.key, content(entry)):
            return Fault(expected, "changed")
        if anchor is not None and anchor.count == expected and anchor.digest != entry.digest:
            return Fault(expected, "head")
        last, expected = entry.digest, expected + 1
    count = expected - 1
    if count < max(head.count, anchor.count if anchor else 0):
        return Fault(expected, "missing")
    if head.count != count or head.digest != last or (count and _sealed(head, of) != head):
        return Fault(min(expected, head.count + 1), "head")
    return None


def _sealed(head: Head, of: Hash) -> Head:
    plain = f"head|{head.count}|{head.digest}|{head.key}".encode()
    return msgspec.structs.replace(head, seal=of(head.key, plain))
