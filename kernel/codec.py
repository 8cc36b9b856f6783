"""Between structs and stored bytes: JSON, sealed under the key its kind asks for."""

import asyncio
from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.decider import Address, Decider, Sealing
from kernel.seal import LASTING, Erased, KeyCache, MasterKeys, Wrapped, seal, unseal
from kernel.store import Line, Store
from kernel.terms import Actor, Role
from kernel.wire import Event, Row, encode


class Keyring:
    """Finds a contact's data key, or mints it when the contact begins."""

    def __init__(self, store: Store, masters: MasterKeys) -> None:
        """Read wrapped keys from the store, open them with the master keys."""
        self._store = store
        self._masters = masters
        self._cache = KeyCache()
        self._minting = asyncio.Lock()

    async def find(self, contact: str) -> AESGCM | None:
        """Find a contact's key; None once it was destroyed."""
        key = self._cache.get(contact)
        if key is None:
            statement = "SELECT master, period, wrapped FROM kernel_datakey WHERE contact = %s"
            for master, period, blob in await self._store.fetch(statement, (contact,)):
                key = self._open(contact, Wrapped(master, period, bytes(blob)))
        return key

    def _open(self, contact: str, wrapped: Wrapped) -> AESGCM | None:
        """Unwrap a key and remember it; one whose period is over was destroyed, whatever a backup brought back."""
        try:
            key = AESGCM(self._masters.unwrap(contact, wrapped))
        except Erased:
            return None
        self._cache.put(contact, key)
        return key

    async def mint(self, contact: str) -> AESGCM:
        """Find a contact's key or create it; two processes creating at once agree on one."""
        async with self._minting:
            key = await self.find(contact)
            if key is None:
                wrapped, _ = self._masters.wrap(contact)
                await self._store.run(
                    "INSERT INTO kernel_datakey (contact, master, period, wrapped) VALUES (%s, %s, %s, %s)"
                    " ON CONFLICT (contact) DO NOTHING",
                    (contact, wrapped.master, wrapped.period, wrapped.blob),
                )
                key = await self.find(contact)
            if key is None:
                raise Erased(contact)
            return key

    def forget(self, contact: str) -> None:
        """Drop a key from memory, after erasure."""
        self._cache.forget(contact)


class Codec:
    """Encodes and decodes rows and snapshots of all deciders."""

    def __init__(self, deciders: Mapping[str, Decider[Any]], keyring: Keyring) -> None:
        """Prepare one decoder per kind."""
        self.keyring = keyring
        self._deciders = deciders
        self._events = {kind: msgspec.json.Decoder(reduce(or_, decider.events)) for kind, decider in deciders.items()}
        self._states = {kind: msgspec.json.Decoder(decider.state_type) for kind, decider in deciders.items()}

    async def _key(self, decider: Decider[Any], to: Address, *, mint: bool = False) -> AESGCM | None:
        """Find the key a feed is sealed under; None for plain ones, and for what was erased."""
        if decider.sealing is Sealing.PLAIN:
            return None
        name = to.id if decider.sealing is Sealing.CONTACT else LASTING + to.feed
        return await (self.keyring.mint(name) if mint else self.keyring.find(name))

    async def write_row(self, decider: Decider[Any], to: Address, row: Row) -> Line:
        """Encode an event for its place in the log."""
        kind = tag_of(row.event)
        key = await self._key(decider, to, mint=True)
        payload = seal(key, encode(row.event), f"{row.feed}|{row.seq}|{kind}")
        return Line(row.feed, row.seq, kind, row.by.role.value, row.by.id, payload, row.at)

    async def read_line(self, line: Line) -> Row:
        """Decode a log row; raises Erased or Tampered."""
        to = Address.of(line.feed)
        decider = self._deciders[to.kind]
        plain = unseal(await self._key(decider, to), line.payload, f"{line.feed}|{line.seq}|{line.kind}")
        event: Event = self._events[to.kind].decode(plain)
        return Row(line.feed, line.seq, line.at, Actor(Role(line.author_role), line.author_id), event)

    async def write_state(self, decider: Decider[Any], to: Address, seq: int, state: Any) -> bytes:
        """Encode a snapshot as of `seq`."""
        return seal(await self._key(decider, to, mint=True), encode(state), f"{to.feed}|{seq}|state")

    async def read_state(self, decider: Decider[Any], to: Address, seq: int, blob: bytes) -> Any:
        """Decode a snapshot; raises Erased or Tampered."""
        return self._states[to.kind].decode(unseal(await self._key(decider, to), blob, f"{to.feed}|{seq}|state"))


def tag_of(message: msgspec.Struct) -> str:
    """Tell a command's or event's name on the wire."""
    return str(type(message).__struct_config__.tag)
