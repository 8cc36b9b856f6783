"""uvicorn with what it lacks: the same bounds, goodbye and drain as our Daphne (server/listener.py).

An optional server: requirements/uvicorn.txt. Its websockets are parsed by the sans-I/O part of `websockets`.
"""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from kernel.wire import FRAME_LIMIT_BYTES
from server.limits import (
    ANSWER_S,
    BODY_LIMIT_BYTES,
    CLOSE_S,
    CONNECT_S,
    DRAIN_S,
    EGRESS_LIMIT_BYTES,
    FRAGMENT_LIMIT,
    HEAD_LIMIT_BYTES,
    KERNEL_BUFFER_BYTES,
    PING_EVERY_S,
    PONG_WITHIN_S,
    REQUEST_S,
)
from server.sluice import Sluice, crowded

log = logging.getLogger("xinqiao.listener")

BACKLOG = 4096
AT_ONCE = struct.pack("ii", 1, 0)


class Exchange(ServerProtocol):
    """A peer may close in the middle of a message (RFC 6455, 5.4): what it leaves unfinished is no fault of its own."""

    def recv_frame(self, frame: Frame) -> None:
        """Forget the unfinished message before a close is read."""
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)


class PatientSocket(WebSocketsSansIOProtocol):  # type: ignore[misc]
    """uvicorn's socket, which stops reading a flood, waits for slow readers and ends those that are gone."""

    _gone = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As uvicorn's, on an exchange of ours."""
        super().__init__(*arguments, **options)
        self.conn = Exchange(max_size=FRAME_LIMIT_BYTES, logger=logging.getLogger("uvicorn.error"))

    def connection_made(self, transport: Any) -> None:
        """Take the socket over from HTTP; the application has a while to accept it."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=EGRESS_LIMIT_BYTES)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        self._sluice = Sluice(super().data_received, self._full, transport.pause_reading, self._read_on)
        self.read_paused = True  # uvicorn would stop reading after each message; the sluice does it when it must
        self._deadline = self.loop.call_later(CONNECT_S, self._unaccepted)

    def data_received(self, data: bytes) -> None:
        """Parse what may be parsed now."""
        self._sluice.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget everything."""
        self._sluice.close()
        self._deadline.cancel()
        self._gone = True
        super().connection_lost(exc)

    def _full(self) -> bool:
        """Tell whether the application is behind, is not asked yet, or the peer does not read its pongs."""
        if self.close_sent or self.disconnected:
            return False
        if self.handshake_initiated and not self.handshake_complete:
            return True
        return crowded(self.queue) or self.transport.get_write_buffer_size() > 2 * EGRESS_LIMIT_BYTES

    def _read_on(self) -> None:
        """Read the socket again."""
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _unaccepted(self) -> None:
        """The application did not say yes or no in time."""
        if not self.handshake_complete:
            self.transport.abort()

    def handle_cont(self, event: Frame) -> None:
        """Gather a message, unless it comes in more pieces than anybody needs."""
        if len(self.frames) >= FRAGMENT_LIMIT:
            self.conn.fail(1009, "too many fragments")
            self.handle_parser_exception()
        elif not self.close_sent:
            super().handle_cont(event)

    def keepalive_timeout(self) -> None:
        """No pong: say so, and let go even of a peer that reads nothing any more."""
        super().keepalive_timeout()
        self._let_go()

    def handle_parser_exception(self) -> None:
        """What came in is no WebSocket: the close code says what."""
        super().handle_parser_exception()
        self._let_go()

    def _let_go(self) -> None:
        """End the connection soon, whether or not the peer takes what is on its way."""
        self.loop.call_later(CLOSE_S, self._cut)

    def _cut(self) -> None:
        """End it with RST: closed in the orderly way, the kernel would keep for minutes what nobody reads."""
        if not self._gone:  # else its number may be somebody else's by now
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self.transport.abort()

    async def receive(self) -> Any:
        """The next message for the application."""
        return await self.queue.get()

    async def send(self, message: Any) -> None:
        """Send for the application, which waits for a slow reader; to a socket that is gone nothing is sent."""
        closing = message["type"] == "websocket.close"
        if closing:
            self.writable.set()  # a close does not wait for whoever reads nothing
        await self.writable.wait()
        if self.disconnected or self.close_sent:
            return
        with contextlib.suppress(ClientDisconnected):
            await super().send(message)
        if closing:
            self._let_go()


class PatientRequest(HttpToolsProtocol):  # type: ignore[misc]
    """uvicorn's HTTP, where head, body and answer each have a size or a time they may not exceed."""

    _head_bytes = _body_bytes = 0
    _in_head = True

    def connection_made(self, transport: Any) -> None:
        """A connection that asks for nothing does not stay."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(REQUEST_S, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse; a head without end is cut off."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_LIMIT_BYTES and not self.transport.is_closing():
            self._refuse("431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """A request begins: its head and body have to come in time."""
        super().on_message_begin()
        self._head_bytes = self._body_bytes = 0
        self._in_head = True
        self._within(REQUEST_S)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A body that is too large is cut off before it is kept."""
        self._body_bytes += len(body)
        if self._body_bytes <= BODY_LIMIT_BYTES:
            super().on_body(body)
        elif not self.transport.is_closing():
            self._refuse("413 Content Too Large")

    def on_message_complete(self) -> None:
        """The request is whole: the answer has to come and be read in time."""
        self._within(ANSWER_S)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered; the next request may take its time to begin, which uvicorn watches."""
        self._deadline.cancel()
        self._in_head, self._head_bytes = True, 0
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a socket."""
        self._deadline.cancel()
        super().handle_websocket_upgrade()

    def _within(self, seconds: float) -> None:
        """Cut the connection unless something happens first."""
        self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _refuse(self, status: str) -> None:
        """Answer with a bare status and close."""
        self.transport.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        self.transport.close()
        self._within(CLOSE_S)


class UvicornListener(Server):  # type: ignore[misc]
    """A uvicorn server that says goodbye before it stops."""

    failed = False

    def __init__(self, *, drain: Callable[[], Any], application: Any, host: str, port: int, behind_proxy: bool) -> None:
        """`drain` tells every socket to come back elsewhere."""
        self._drain = drain
        self._address = host, port
        super().__init__(
            Config(
                application,
                loop="uvloop",
                http=PatientRequest,
                ws=PatientSocket,
                ws_max_size=FRAME_LIMIT_BYTES,
                ws_ping_interval=PING_EVERY_S,
                ws_ping_timeout=PONG_WITHIN_S,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                headers=[("server", "xinqiao")],
                proxy_headers=behind_proxy,
                forwarded_allow_ips="*",
                timeout_keep_alive=30,
                backlog=BACKLOG,
            )
        )

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until stopped."""
        try:
            super().run(sockets or [self._listen()])
        except OSError as fault:
            self.failed = True
            log.critical("cannot listen: %s", fault.strerror)

    def _listen(self) -> socket.socket:
        """Bind; raises OSError where the address is taken or not ours."""
        host, port = self._address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BUFFER_BYTES)  # sockets inherit it
        return listening

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Remember that we were asked, without uvicorn raising the signal again once all is done."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """No new sockets, goodbye to the old ones, a while to go, then the end."""
        for server in self.servers:
            server.close()
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, PatientRequest):
                connection.shutdown()  # at once where it is idle, else after its answer
        await self._drain()
        try:
            async with asyncio.timeout(DRAIN_S):
                while self.server_state.tasks or self.server_state.connections:  # noqa: ASYNC110 - uvicorn has no event
                    await asyncio.sleep(0.05)
        except TimeoutError:
            log.warning("sockets cut at the end of the drain")
        for task in tuple(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*tuple(self.server_state.tasks), return_exceptions=True)
