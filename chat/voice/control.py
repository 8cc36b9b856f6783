"""How the house speaks to a media worker: one TCP connection, small commands, each frame sealed.

Both ends hold the same secret. Each sends a random hello; the keys of a connection, one per direction, are HMACs of
both; frames are AES-256-GCM with a counter as nonce, so nothing can be read, forged, replayed or reordered. A frame is
`length(4) | ciphertext`.
"""

import asyncio
import hashlib
import hmac
import struct

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chat.domain.lanes import Route
from chat.voice.contract import Load
from kernel import ids
from kernel.errors import Malformed
from kernel.terms import Role

HELLO_BYTES = 32
FRAME_LIMIT_BYTES = 64 * 1024
HELLO_WITHIN_S = 1.0
CLOGGED_BYTES = 512 * 1024


class OpenLeg(msgspec.Struct, frozen=True, tag_field="op", tag="open"):
    """Answer an offer."""

    id: int
    call: str
    leg: str
    role: Role
    offer: str


class Arrange(msgspec.Struct, frozen=True, tag_field="op", tag="arrange"):
    """Make exactly these routes stand."""

    id: int
    call: str
    revision: int
    routes: frozenset[Route]


class CloseLeg(msgspec.Struct, frozen=True, tag_field="op", tag="close_leg"):
    """Hang up one leg."""

    id: int
    call: str
    leg: str


class CloseCall(msgspec.Struct, frozen=True, tag_field="op", tag="close_call"):
    """Hang up all of a call."""

    id: int
    call: str


class AskLoad(msgspec.Struct, frozen=True, tag_field="op", tag="load"):
    """How busy are you?"""

    id: int


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a command: an SDP answer or a load where asked for, or `error`, a code."""

    id: int
    answer: str = ""
    load: Load | None = None
    error: str = ""


Order = OpenLeg | Arrange | CloseLeg | CloseCall | AskLoad


def derive(master: bytes) -> bytes:
    """The control secret of an installation, from one of its master keys."""
    return hmac.new(master, b"xinqiao voice control", hashlib.sha256).digest()


class Channel:
    """One sealed connection, either end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, out: bytes, inn: bytes) -> None:
        """`out` and `inn` are the keys of the two directions."""
        self._reader = reader
        self._writer = writer
        self._out, self._in = AESGCM(out), AESGCM(inn)
        self._sent = self._received = 0

    @classmethod
    async def open(
        cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: bytes, *, asking: bool
    ) -> "Channel":
        """Exchange hellos; `asking` is the house's end. A wrong secret shows at the first frame."""
        mine = ids.random_bytes(HELLO_BYTES)
        writer.write(mine)
        async with asyncio.timeout(HELLO_WITHIN_S):
            theirs = await reader.readexactly(HELLO_BYTES)
        first, second = (mine, theirs) if asking else (theirs, mine)
        ask = hmac.new(secret, b"ask" + first + second, hashlib.sha256).digest()
        reply = hmac.new(secret, b"reply" + first + second, hashlib.sha256).digest()
        return cls(reader, writer, ask if asking else reply, reply if asking else ask)

    def send(self, message: msgspec.Struct) -> None:
        """Seal and write one message."""
        sealed = self._out.encrypt(struct.pack("!4xQ", self._sent), msgspec.json.encode(message), None)
        self._sent += 1
        self._writer.write(struct.pack("!I", len(sealed)) + sealed)

    async def receive(self) -> bytes:
        """Read and open one message; raises Malformed for whatever the other end of the secret did not write."""
        size = struct.unpack("!I", await self._reader.readexactly(4))[0]
        if size > FRAME_LIMIT_BYTES:
            raise Malformed("frame")
        sealed = await self._reader.readexactly(size)
        try:
            plain = self._in.decrypt(struct.pack("!4xQ", self._received), sealed, None)
        except InvalidTag:
            raise Malformed("seal") from None
        self._received += 1
        return plain

    @property
    def clogged(self) -> bool:
        """True where the other end has not read for long."""
        return self._writer.transport.get_write_buffer_size() > CLOGGED_BYTES

    def close(self) -> None:
        """End the connection."""
        self._writer.close()
