"""One UDP and one TCP port for all calls of a worker. Datagrams come in bursts and are read until the socket is dry."""

import asyncio
import ipaddress
import itertools
import socket
from collections.abc import Callable, Hashable
from typing import Any, Protocol, cast

from typing_extensions import override

from chat.voice.inbox import Inbox, PlainInbox, inbox, target
from chat.voice.srtp import Scratch

BUFFER_BYTES = 4 * 1024 * 1024
READS_PER_WAKE = 64
FRAME_LIMIT_BYTES = 1500
TCP_BACKLOG_BYTES = 64 * 1024
TCP_CONNECTIONS = 1024
PROVE_WITHIN_S = 10.0


class Path(Protocol):
    """A way to one peer: its key in the table of legs, the address STUN echoes, and how to send."""

    key: Hashable
    address: tuple[str, int]

    def send(self, data: bytes | memoryview) -> None:
        """Send one packet; what does not fit now is lost, as on any network."""


class Receive(Protocol):
    """Takes the packet that stands in a buffer."""

    def __call__(self, key: Hashable, size: int, scratch: Scratch, path: Callable[[Any], Path]) -> None:
        """`path` makes the way back from the key, for a peer that is not known yet."""


class UdpPath:
    """A peer behind the shared UDP socket."""

    __slots__ = ("_sendto", "_target", "address", "key")

    def __init__(self, shared: socket.socket, key: bytes) -> None:
        """`key` is the source as an inbox tells it."""
        self._sendto = shared.sendto
        self._target = target(key)
        self.key: Hashable = key
        self.address = (_plain(self._target[0]), int(self._target[1]))

    def send(self, data: bytes | memoryview) -> None:
        """Send now or lose it; a full or refusing network never stops the loop."""
        try:  # not `suppress`, which costs as much as protecting the packet
            self._sendto(data, self._target)
        except OSError:
            return


def _plain(host: str) -> str:
    """An address without zone, IPv4 written as IPv4."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


class UdpPort:
    """The shared UDP socket."""

    def __init__(self, receive: Receive) -> None:
        """Hand on to `receive`."""
        self._receive = receive
        self._socket: socket.socket | None = None
        self._inbox: Inbox | PlainInbox | None = None

    def open(self, host: str, port: int) -> int:
        """Bind and begin to read; answers the port."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            opened.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        opened.bind((host, port))
        self._socket = opened
        self._inbox = inbox(opened)
        asyncio.get_running_loop().add_reader(opened, self._drain)
        return int(opened.getsockname()[1])

    def _drain(self) -> None:
        """Read until dry, at most so many at once that timers and TCP get their turn."""
        waiting, receive, way = cast(Inbox, self._inbox), self._receive, self._way
        buffers, sizes, keys = waiting.buffers, waiting.sizes, waiting.keys
        taken = 0
        while taken < READS_PER_WAKE and (found := waiting.read()) > 0:
            taken += found
            for place in range(found):
                size = sizes[place]
                if 0 < size <= FRAME_LIMIT_BYTES:
                    receive(keys[place].tobytes(), size, buffers[place], way)

    def _way(self, key: bytes) -> Path:
        """The way back to a source."""
        return UdpPath(cast(socket.socket, self._socket), key)

    def close(self) -> None:
        """Give the port back."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = self._inbox = None


_numbers = itertools.count()


class TcpPath(asyncio.Protocol):
    """ICE over TCP (RFC 6544): packets framed by two bytes of length (RFC 4571)."""

    def __init__(self, port: "TcpPort") -> None:
        """Belong to the listening port."""
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._pending = b""
        self.key: Hashable = ("tcp", next(_numbers))
        self.address = ("0.0.0.0", 0)  # noqa: S104 - not an interface: not known before connection_made

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Learn the peer; too many connections are closed at once."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername") or self.address
        self.address = (_plain(peer[0]), int(peer[1]))
        if self._port.admit(self):
            asyncio.get_running_loop().call_later(PROVE_WITHIN_S, self._port.examine, self)
        else:
            self._transport.abort()

    @override
    def data_received(self, data: bytes) -> None:
        """Cut the stream into packets; a frame that is too long ends the connection."""
        pending = self._pending + data
        at = 0
        while len(pending) - at >= 2:
            size = int.from_bytes(pending[at : at + 2], "big")
            if not 0 < size <= FRAME_LIMIT_BYTES:
                self.close()
                return
            if len(pending) - at - 2 < size:
                break
            self._port.hand_on(self, pending[at + 2 : at + 2 + size])
            at += 2 + size
        self._pending = pending[at:]

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the peer; the leg notices by silence."""
        self._port.forget(self)

    def send(self, data: bytes | memoryview) -> None:
        """Frame and write; a peer that does not read loses packets instead of filling memory."""
        transport = self._transport
        if transport is not None and transport.get_write_buffer_size() < TCP_BACKLOG_BYTES:
            transport.write(len(data).to_bytes(2, "big") + bytes(data))

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()


class TcpPort:
    """The listening TCP socket."""

    def __init__(self, scratch: Scratch, receive: Receive, known: Callable[[Hashable], bool]) -> None:
        """Copy into `scratch`, hand on to `receive`; `known` tells whether a path belongs to a leg."""
        self._scratch = scratch
        self._receive = receive
        self._known = known
        self._server: asyncio.Server | None = None
        self._paths: set[TcpPath] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen; answers the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: TcpPath(self), host, port, backlog=256)
        return int(self._server.sockets[0].getsockname()[1])

    def admit(self, path: TcpPath) -> bool:
        """Take a connection if there is room."""
        if len(self._paths) >= TCP_CONNECTIONS:
            return False
        self._paths.add(path)
        return True

    def examine(self, path: TcpPath) -> None:
        """End a connection that has not proved by now that it belongs to a leg."""
        if path in self._paths and not self._known(path.key):
            path.close()

    def forget(self, path: TcpPath) -> None:
        """A connection ended."""
        self._paths.discard(path)

    def hand_on(self, path: TcpPath, packet: bytes) -> None:
        """Treat a framed packet as a datagram."""
        self._scratch.view[: len(packet)] = packet
        self._receive(path.key, len(packet), self._scratch, lambda _key: path)

    def close(self) -> None:
        """Stop listening and end all connections."""
        for path in tuple(self._paths):
            path.close()
        if self._server is not None:
            self._server.close()
            self._server = None
