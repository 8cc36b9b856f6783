"""Datagrams of one socket, many at a call where the system can (recvmmsg of Linux), each in a buffer of its own.

A packet's key is its source address as Linux spells it: bytes, of which no text and no tuple has to be made.
"""

import ctypes
import socket
import struct
import sys
from array import array
from typing import Any

from chat.voice.srtp import BUFFER_BYTES, Scratch, address_of

BATCH = 32
# sockaddr_in and sockaddr_in6: family, port, (flow,) address, (scope); port and flow as they go over the wire.
_v4, _v6 = struct.Struct("=H2s4s8x"), struct.Struct("=H2s4s16sI")


class _Part(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("parts", ctypes.c_void_p),
        ("part_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("size", ctypes.c_uint32))


_recvmmsg: Any = getattr(ctypes.CDLL(None), "recvmmsg", None) if sys.platform == "linux" else None


class Inbox:
    """Reads up to `BATCH` datagrams at once: `read` answers how many, then they stand in `buffers`, `sizes`, `keys`."""

    def __init__(self, opened: socket.socket) -> None:
        """Prepare every structure once; the system only changes lengths."""
        self.buffers = tuple(Scratch() for _ in range(BATCH))
        self._file = opened.fileno()
        length = address_bytes(opened)
        self._names, self._parts = (ctypes.c_char * (BATCH * length))(), (_Part * BATCH)()
        self._messages = (_Message * BATCH)()
        for place, buffer in enumerate(self.buffers):
            part, header = self._parts[place], self._messages[place].header
            part.base, part.length = address_of(buffer), BUFFER_BYTES
            header.name, header.name_length = ctypes.addressof(self._names) + place * length, length
            header.parts, header.part_count = ctypes.addressof(part), 1
        words = memoryview(self._messages).cast("B").cast("I")
        self.sizes = words[_Message.size.offset // 4 :: ctypes.sizeof(_Message) // 4]
        names = memoryview(self._names).cast("B")
        self.keys = tuple(names[place * length : (place + 1) * length] for place in range(BATCH))

    def read(self) -> int:
        """Read what waits; 0 or less where nothing does."""
        found: int = _recvmmsg(self._file, self._messages, BATCH, socket.MSG_DONTWAIT, None)
        return found


class PlainInbox:
    """The same, one at a time, where the system has no such call."""

    def __init__(self, opened: socket.socket) -> None:
        """One buffer."""
        self.buffers = (Scratch(),)
        self.sizes, self._key = memoryview(array("I", [0])), bytearray(address_bytes(opened))
        self.keys = (memoryview(self._key),)
        self._socket = opened

    def read(self) -> int:
        """Read what waits; 0 where nothing does."""
        try:
            self.sizes[0], source = self._socket.recvfrom_into(self.buffers[0].view)
        except OSError:  # dry, or an ICMP error of somebody who left
            return 0
        self._key[:] = spell(source)
        return 1


def inbox(opened: socket.socket) -> Inbox | PlainInbox:
    """The best there is for a socket that was opened."""
    return PlainInbox(opened) if _recvmmsg is None else Inbox(opened)


def address_bytes(opened: socket.socket) -> int:
    """How long a source address of this socket is."""
    return _v4.size if opened.family == socket.AF_INET else _v6.size


def spell(source: tuple[Any, ...]) -> bytes:
    """A source as bytes; the same for one source, another for any other."""
    if len(source) == 2:
        return _v4.pack(socket.AF_INET, source[1].to_bytes(2, "big"), socket.inet_pton(socket.AF_INET, source[0]))
    host, port, flow, scope = source
    address = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    return _v6.pack(socket.AF_INET6, port.to_bytes(2, "big"), flow.to_bytes(4, "big"), address, scope)


def target(key: bytes) -> tuple[Any, ...]:
    """The source as Python's sockets want it for the way back."""
    if len(key) == _v4.size:
        _, port, address = _v4.unpack(key)
        return socket.inet_ntop(socket.AF_INET, address), int.from_bytes(port, "big")
    _, port, flow, address, scope = _v6.unpack(key)
    host = socket.inet_ntop(socket.AF_INET6, address)
    return host, int.from_bytes(port, "big"), int.from_bytes(flow, "big"), scope
