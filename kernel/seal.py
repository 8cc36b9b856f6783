"""Encryption at rest: AES-256-GCM under one data key per contact, wrapped by the master keys.

A sealed blob is `1 | nonce(12) | ciphertext+tag`; a plain one is `0 | bytes`. The associated data names the
place (feed, seq, kind), so a ciphertext moved to another row does not open. Destroying the data key is erasure.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel import clock, ids
from kernel.periods import DestroyedKey, LostKey, Periods

NONCE_BYTES = 12
KEY_BYTES = 32
TAG_BYTES = 16
_PLAIN, _SEALED = b"\x00", b"\x01"


class Erased(Exception):
    """The data key is gone: what was sealed under it can never be read again."""


class Tampered(Exception):
    """The ciphertext does not belong where it stands, or was changed."""


def seal(key: AESGCM | None, plain: bytes, place: str) -> bytes:
    """Encrypt for one place; without a key the bytes stay plain (feeds that hold no words)."""
    if key is None:
        return _PLAIN + plain
    nonce = ids.random_bytes(NONCE_BYTES)
    return _SEALED + nonce + key.encrypt(nonce, plain, place.encode())


def unseal(key: AESGCM | None, blob: bytes, place: str) -> bytes:
    """Decrypt what `seal` made for the same place; raises Erased without the key, Tampered when it does not fit."""
    if blob[:1] == _PLAIN:
        return blob[1:]
    if key is None or len(blob) < 1 + NONCE_BYTES + TAG_BYTES:
        raise Erased(place)  # the key is destroyed, or the words themselves were
    try:
        return key.decrypt(blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :], place.encode())
    except InvalidTag:
        raise Tampered(place) from None


LASTING = "@"
"""Begins the name of a data key that belongs to a feed of the house itself and is never erased, as `@desk.main`."""


class Wrapped(msgspec.Struct, frozen=True):
    """A data key as stored: under which master key and which period (0: none), and the sealed bytes."""

    master: int
    period: int
    blob: bytes


class MasterKeys:
    """The keys that wrap data keys, by number; the highest number wraps new ones, all of them unwrap.

    With `periods` a data key is wrapped under the newest period as well, and dies with that period at the latest;
    lasting ones are not, so that any backup brings back a desk that can be read.
    """

    def __init__(self, keys: Mapping[int, bytes], periods: Periods | None = None) -> None:
        """Take at least one key of 32 bytes."""
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError("MASTER_KEYS needs at least one key of 32 bytes, written `1:base64`")
        self._keys = dict(keys)
        self.periods = periods
        self.newest = max(keys)

    @property
    def period(self) -> int:
        """The period that wraps new data keys; 0 without periods."""
        return self.periods.newest().number if self.periods is not None else 0

    def _wrapping(self, master: int, period: int) -> AESGCM:
        """Find the key made of a master's and a period's; raises Tampered for one unknown, Erased for one destroyed."""
        if master not in self._keys or (period and self.periods is None):
            raise Tampered(f"master {master} period {period}")
        if not period or self.periods is None:
            return AESGCM(self._keys[master])
        try:
            salt = self.periods.key(period)
        except DestroyedKey:
            raise Erased(f"period {period}") from None
        except LostKey as lost:
            raise Tampered(str(lost)) from None
        return AESGCM(hashlib.blake2b(salt, key=self._keys[master], person=b"xq-period", digest_size=32).digest())

    def wrap(self, name: str) -> tuple[Wrapped, bytes]:
        """Mint a data key for a contact, or whatever else has one: the key wrapped, and the key itself."""
        data_key = ids.random_bytes(KEY_BYTES)
        return self._sealed(name, data_key), data_key

    def _sealed(self, name: str, data_key: bytes) -> Wrapped:
        period = 0 if name.startswith(LASTING) else self.period
        return Wrapped(self.newest, period, seal(self._wrapping(self.newest, period), data_key, f"key|{name}"))

    def unwrap(self, name: str, wrapped: Wrapped) -> bytes:
        """Open a wrapped data key; raises Tampered for another's key or a lost one, Erased where its period is over."""
        return unseal(self._wrapping(wrapped.master, wrapped.period), wrapped.blob, f"key|{name}")

    def rewrap(self, name: str, wrapped: Wrapped) -> Wrapped:
        """Wrap an existing data key anew under the newest master key and period."""
        return self._sealed(name, self.unwrap(name, wrapped))


class KeyCache:
    """Data keys this process has opened, bounded in number and age, so that a destroyed key is soon gone everywhere."""

    def __init__(self, size: int = 4096, life_s: float = 60.0) -> None:
        """Hold at most `size` keys, each for at most `life_s` seconds."""
        self._size = size
        self._life_s = life_s
        self._keys: OrderedDict[str, tuple[AESGCM, float]] = OrderedDict()

    def get(self, contact: str) -> AESGCM | None:
        """Find a key that was opened lately."""
        key, opened_at = self._keys.get(contact, (None, 0.0))
        if key is None or clock.monotonic() - opened_at > self._life_s:
            self._keys.pop(contact, None)
            return None
        self._keys.move_to_end(contact)
        return key

    def put(self, contact: str, key: AESGCM) -> None:
        """Remember a key."""
        self._keys[contact] = key, clock.monotonic()
        while len(self._keys) > self._size:
            self._keys.popitem(last=False)

    def forget(self, contact: str) -> None:
        """Drop a key, after erasure."""
        self._keys.pop(contact, None)
