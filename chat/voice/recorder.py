"""Writes a recording: Opus as it came, Matroska, sealed in chunks; on a thread of its own, never on the media loop.

A recorder exists only with a `RecordingDecision` and a key; both are made elsewhere: decision, then key, then writer.
File: `magic | prefix(7) | chunk...`; a chunk is `length(4) | AES-256-GCM`, its nonce `prefix | counter(4) | last(1)`,
its associated data call, recording and consents. A chunk that was changed, moved or left out, and an end that was cut
off, are found. Whatever moment the process is killed at, what was sealed before it plays: the file is an unbroken row
of whole chunks and at most one torn one behind them.
"""

import logging
import struct
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chat.voice.contract import RecordingDecision
from chat.voice.matroska import Clusters, header
from kernel import ids
from kernel.seal import Tampered

log = logging.getLogger("xinqiao.voice")

MAGIC = b"xqrec1\0\0"
PREFIX_BYTES = 7
TRUNCATED = "truncated"
CHUNK_BYTES = 32 * 1024
FLUSH_AFTER_MS = 2_000
LOOK_EVERY_S = 0.5
"""The writer comes by so often instead of being woken for each packet, which would cost a change of threads each."""
IDLE_LOOKS = 2
"""Nothing came so many times in a row: what waits for a fuller chunk is sealed now."""
WAITING_PACKETS = 2_000  # 20 s of two people; a disk that is slower than that loses packets, not the call


def bound_to(decision: RecordingDecision) -> bytes:
    """What every chunk is tied to."""
    return "|".join((decision.call, decision.recording, str(decision.policy_version), *decision.consents)).encode()


class Sealer:
    """Cuts a stream into sealed chunks."""

    def __init__(self, file: BinaryIO, key: bytes, decision: RecordingDecision) -> None:
        """Write the beginning."""
        self._file = file
        self._key = AESGCM(key)
        self._tied = bound_to(decision)
        self._prefix = ids.random_bytes(PREFIX_BYTES)
        self._count = 0
        self._waiting = bytearray()
        file.write(MAGIC + self._prefix)
        file.flush()

    def write(self, data: bytes) -> None:
        """Take bytes; whole chunks leave at once."""
        self._waiting += data
        if len(self._waiting) >= CHUNK_BYTES:
            self.flush()

    def flush(self, *, last: bool = False) -> None:
        """Seal what is waiting; the last chunk says that it is the last, even when it is empty."""
        if not self._waiting and not last:
            return
        nonce = self._prefix + struct.pack("!IB", self._count, last)
        sealed = self._key.encrypt(nonce, bytes(self._waiting), self._tied)
        self._file.write(struct.pack("!I", len(sealed)) + sealed)
        self._file.flush()
        self._count += 1
        self._waiting.clear()


def unseal(file: BinaryIO, key: bytes, decision: RecordingDecision) -> Iterator[bytes]:
    """Read a recording chunk by chunk; raises Tampered for anything changed, moved, missing or cut off."""
    aead, tied = AESGCM(key), bound_to(decision)
    begin = file.read(len(MAGIC) + PREFIX_BYTES)
    if begin[: len(MAGIC)] != MAGIC[: len(begin)]:
        raise Tampered("magic")
    if len(begin) < len(MAGIC) + PREFIX_BYTES:
        raise Tampered(TRUNCATED)
    last = False
    for count, sealed in enumerate(_chunks(file)):
        if last:
            raise Tampered("trailing")
        plain, last = _open(aead, begin[len(MAGIC) :], count, sealed, tied)
        yield plain
    if not last:
        raise Tampered(TRUNCATED)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The sealed chunks; what a kill tore is the end."""
    while head := file.read(4):
        size = struct.unpack("!I", head)[0] if len(head) == 4 else 0
        sealed = file.read(size) if 0 < size <= 4 * CHUNK_BYTES else b""
        if not sealed or len(sealed) != size:
            raise Tampered(TRUNCATED)
        yield sealed


def _open(aead: AESGCM, prefix: bytes, count: int, sealed: bytes, tied: bytes) -> tuple[bytes, bool]:
    """One chunk's bytes, and whether it says that it is the last."""
    for final in (False, True):
        try:
            return aead.decrypt(prefix + struct.pack("!IB", count, final), sealed, tied), final
        except (InvalidTag, ValueError):
            continue
    raise Tampered(f"chunk {count}")


class TrackTap:
    """One party's tap: hands packets over and returns at once."""

    def __init__(self, recorder: "Recorder", track: int) -> None:
        """Feed one track."""
        self._recorder = recorder
        self._track = track

    def take(self, at: float, timestamp: int, payload: bytes) -> None:
        """See contract.Tap; the arrival time orders both tracks on one clock."""
        self._recorder.put(self._track, at, payload)


class Recorder:
    """One recording, two tracks or more."""

    def __init__(self, path: Path, key: bytes, decision: RecordingDecision, tracks: tuple[str, ...]) -> None:
        """Open the file, which must not exist, and start the writer thread; nothing is taken before `allow`."""
        self.dropped = 0
        self.failed = False
        self._until = 0.0
        self._begun: float | None = None
        self._paused = False
        self._waiting: deque[tuple[int, float, bytes]] = deque()
        self._ends = threading.Event()
        self._file = path.open("xb")
        self._sealer = Sealer(self._file, key, decision)
        self._sealer.write(header(tracks))
        self.taps = tuple(TrackTap(self, track) for track in range(1, len(tracks) + 1))
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    def put(self, track: int, at: float, packet: bytes) -> None:
        """Queue a packet, or drop it: while paused, past the lease, or when the disk is too slow or full."""
        if self._paused or at >= self._until:
            return
        if self.failed or len(self._waiting) >= WAITING_PACKETS:
            self.dropped += 1
        else:
            self._waiting.append((track, at, packet))

    def allow(self, until: float) -> None:
        """Take what arrives before `until` (s, on the packets' own clock); who holds the right renews it."""
        self._until = until

    def pause(self, *, on: bool) -> None:
        """Write a gap from now on, or go on; nothing said in between is kept anywhere."""
        self._paused = on

    def stop(self) -> None:
        """Write the end and close; call it off the media loop, it waits for the disk."""
        self._paused = True
        self._ends.set()
        self._thread.join()

    def _write(self) -> None:
        """Write until the end; a disk that is full ends the recording, not the call."""
        try:
            with self._file:
                self._write_all()
        except OSError:
            log.exception("recording cannot be written")
            self.failed = True
            self.dropped += len(self._waiting)
            self._waiting.clear()

    def _write_all(self) -> None:
        """Come by, write what waits, and seal it where it has waited long enough or nobody speaks any more."""
        clusters, flushed_ms, idle = Clusters(), 0, 0
        self._sealer.flush()
        over = False
        while not over:
            over = self._ends.wait(LOOK_EVERY_S)
            idle = 0 if self._waiting else idle + 1
            while self._waiting:
                track, at, packet = self._waiting.popleft()
                self._begun = at if self._begun is None else self._begun
                at_ms = max(0, round(1000 * (at - self._begun)))
                self._sealer.write(clusters.block(track, at_ms, packet))
                if at_ms - flushed_ms >= FLUSH_AFTER_MS:
                    self._sealer.flush()
                    flushed_ms = at_ms
            if idle == IDLE_LOOKS:
                self._sealer.flush()
        self._sealer.flush(last=True)
