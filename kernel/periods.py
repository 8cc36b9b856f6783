"""Wrapping keys that live for a while: one file per period, outside the database, destroyed at a stated horizon.

A data key is wrapped under a master key *and* the key of the period. Data keys that live are wrapped anew when a period
begins; those that were erased are not, so once a period's file is destroyed no backup and no old log opens them again,
whoever holds the master keys. A destroyed key leaves a tombstone: a file that is merely missing is a fault, not an
erasure. Decision record 11 says what this costs.
"""

import hashlib
import itertools
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from kernel import clock, ids

KEY_BYTES = 32
LOOK_AGAIN_S = 30.0


class LostKey(Exception):
    """A period's file is neither here nor marked as destroyed: the folder is not the one this database belongs to."""


class DestroyedKey(Exception):
    """The period is over for good; what was wrapped under it cannot be opened any more."""


class PeriodKey(msgspec.Struct, frozen=True):
    """One period's key and when it began."""

    number: int
    minted_at: datetime
    key: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the key, which proves later which one was destroyed."""
        return hashlib.sha256(self.key).hexdigest()


class Tombstone(msgspec.Struct, frozen=True):
    """What is left of a period."""

    number: int
    minted_at: datetime
    destroyed_at: datetime
    digest: str


class Periods:
    """The folder of period keys; every process reads it, one task turns it."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first key is."""
        self._folder = folder
        self._known: dict[int, PeriodKey] = {}
        self._newest: PeriodKey | None = None
        self._looked_at = 0.0

    def newest(self) -> PeriodKey:
        """Find the key that wraps new data keys, minting the very first; raises OSError where the folder is shut."""
        if self._newest is None or clock.monotonic() - self._looked_at > LOOK_AGAIN_S:
            self._newest = max(self.living(), key=lambda each: each.number, default=None) or self.mint(clock.now())
            self._looked_at = clock.monotonic()
        return self._newest

    def key(self, number: int) -> bytes:
        """Find one period's key; raises DestroyedKey or LostKey."""
        if number not in self._known:
            self._known[number] = self._read(number)
        return self._known[number].key

    def living(self) -> Iterator[PeriodKey]:
        """Read every key that is not destroyed."""
        for path in sorted(self._folder.glob("*.key")):
            yield msgspec.json.decode(path.read_bytes(), type=PeriodKey)

    def mint(self, now: datetime) -> PeriodKey:
        """Begin the next period; of two processes that begin it at once one wins, and both use its key."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1 + max((int(path.stem) for path in self._folder.glob("[0-9]*.*") if path.stem.isdigit()), default=0)
        fresh = PeriodKey(number, now, ids.random_bytes(KEY_BYTES))
        draft = self._folder / f"{number}.{ids.process_id()}.draft"
        self._write(draft, msgspec.json.encode(fresh))
        try:
            os.link(draft, self._path(number))  # a name that exists is left as it is
        except FileExistsError:
            fresh = self._read(number)
        finally:
            draft.unlink()
            self._sync()
        self._newest, self._looked_at = fresh, clock.monotonic()
        return fresh

    def turn(self, now: datetime, period: timedelta) -> bool:
        """Begin a new period where the newest is older than that."""
        self._looked_at = float("-inf")
        due = self.newest().minted_at + period <= now
        if due:
            self.mint(now)
        return due

    def overdue(self, now: datetime, horizon: timedelta) -> tuple[PeriodKey, ...]:
        """List the keys that were succeeded at least `horizon` ago."""
        keys = sorted(self.living(), key=lambda each: each.number)
        return tuple(key for key, after in itertools.pairwise(keys) if after.minted_at + horizon <= now)

    def destroy(self, number: int, now: datetime) -> Tombstone:
        """Destroy one key: the tombstone first, then random bytes over the file, then the file."""
        key = self._read(number)
        stone = Tombstone(number, key.minted_at, now, key.digest)
        path = self._path(number)
        self._write(path.with_suffix(".gone"), msgspec.json.encode(stone))
        with path.open("r+b") as file:
            file.write(ids.random_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        self._sync()
        self._known.pop(number, None)
        return stone

    def _read(self, number: int) -> PeriodKey:
        if self._path(number).with_suffix(".gone").exists():
            raise DestroyedKey(number)
        try:
            return msgspec.json.decode(self._path(number).read_bytes(), type=PeriodKey)
        except FileNotFoundError:
            raise LostKey(f"period {number}") from None

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.key"

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file that only we may read, and see it on the disk."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _sync(self) -> None:
        """See the folder's names on the disk."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
