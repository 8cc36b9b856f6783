"""Writes a recording: Opus as it came, Matroska, sealed in chunks; on a thread of its own, never on the media loop.

A recorder exists only with a `RecordingDecision` and a key; both are made elsewhere: decision, then key, then writer.
File: `magic | prefix(7) | chunk...`; a chunk is `length(4) | AES-256-GCM`, its nonce `prefix | counter(4) | last(1)`,
its associated data call, recording and consents. A chunk that was changed, moved or left out, and an end that was cut
off, are found.
"""

import logging
import queue
import struct
import threading
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
CHUNK_BYTES = 32 * 1024
FLUSH_AFTER_MS = 2_000
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
    if not begin.startswith(MAGIC) or len(begin) < len(MAGIC) + PREFIX_BYTES:
        raise Tampered("magic")
    prefix, count, last = begin[len(MAGIC) :], 0, False
    while head := file.read(4):
        if last or len(head) < 4:
            raise Tampered("trailing")
        size = struct.unpack("!I", head)[0]
        sealed = file.read(size) if size <= 4 * CHUNK_BYTES else b""
        if len(sealed) != size:
            raise Tampered("truncated")
        for final in (False, True):
            try:
                plain = aead.decrypt(prefix + struct.pack("!IB", count, final), sealed, tied)
            except (InvalidTag, ValueError):
                continue
            last = final
            break
        else:
            raise Tampered(f"chunk {count}")
        count += 1
        yield plain
    if not last:
        raise Tampered("truncated")


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
        self._until = 0.0
        self._begun: float | None = None
        self._paused = False
        self._waiting: queue.Queue[tuple[int, float, bytes] | None] = queue.Queue(WAITING_PACKETS)
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
        try:
            self._waiting.put_nowait((track, at, packet))
        except queue.Full:
            self.dropped += 1

    def allow(self, until: float) -> None:
        """Take what arrives before `until` (s, on the packets' own clock); who holds the right renews it."""
        self._until = until

    def pause(self, *, on: bool) -> None:
        """Write a gap from now on, or go on; nothing said in between is kept anywhere."""
        self._paused = on

    def stop(self) -> None:
        """Write the end and close; call it off the media loop, it waits for the disk."""
        self._paused = True
        self._waiting.put(None)
        self._thread.join()

    def _write(self) -> None:
        """Take packets until the end; a disk that is full ends the recording, not the call."""
        try:
            self._write_all()
        except OSError:
            log.exception("recording cannot be written")
            self._until = 0.0
            while self._waiting.get() is not None:
                self.dropped += 1

    def _write_all(self) -> None:
        """Write what comes; what waited too long is sealed even when the chunk is not full."""
        clusters = Clusters()
        flushed_ms = 0
        with self._file:
            while (item := self._waiting.get()) is not None:
                track, at, packet = item
                self._begun = at if self._begun is None else self._begun
                at_ms = max(0, round(1000 * (at - self._begun)))
                self._sealer.write(clusters.block(track, at_ms, packet))
                if at_ms - flushed_ms >= FLUSH_AFTER_MS:
                    self._sealer.flush()
                    flushed_ms = at_ms
            self._sealer.flush(last=True)
