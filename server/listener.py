"""Daphne with what it lacks: empty frames, bounds on what one peer may have waiting, and a drain before it stops."""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer, reactor

from kernel.wire import FRAME_LIMIT_BYTES
from server.limits import (
    ANSWER_S,
    CLOSE_S,
    CONNECT_S,
    DRAIN_S,
    EGRESS_LIMIT_BYTES,
    FRAGMENT_LIMIT,
    KERNEL_BUFFER_BYTES,
    PING_EVERY_S,
    PONG_WITHIN_S,
    REQUEST_S,
)
from server.patient_request import patient
from server.sluice import Sluice, crowded

log = logging.getLogger("xinqiao.listener")

EGRESS_POLL_S = 0.05


class PatientProtocol(WebSocketProtocol):  # type: ignore[misc]
    """Daphne's socket, which also sends an empty message, stops reading a flood, and tells what it holds unsent."""

    _sluice: Sluice | None = None
    maxMessagePayloadSize: int  # noqa: N815 - Autobahn's name

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Parse what may be parsed now."""
        if self._sluice is None:
            transport = self.transport
            for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                transport.getHandle().setsockopt(socket.SOL_SOCKET, buffer, KERNEL_BUFFER_BYTES)
            self._sluice = Sluice(super().dataReceived, self._full, transport.pauseProducing, transport.resumeProducing)
        self._sluice.take(data)

    def connectionLost(self, *reason: Any) -> None:  # noqa: N802 - Twisted's name
        """Forget what is held."""
        if self._sluice is not None:
            self._sluice.close()
        super().connectionLost(*reason)

    def onMessageFrame(self, payload: Any) -> None:  # noqa: N802 - Autobahn's name
        """Gather a message, unless it comes in more pieces than anybody needs."""
        super().onMessageFrame(payload)
        if len(self.message_data) > FRAGMENT_LIMIT:
            self._fail_connection(1009, "too many fragments")

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - Autobahn's names
        """Take a message while the socket is open; what still comes after our goodbye has nobody to hear it."""
        if self.state == self.STATE_OPEN:
            super().onMessage(payload, isBinary)

    def _full(self) -> bool:
        """Tell whether the application is behind, is not asked yet, or the peer does not read its pongs."""
        if self.state == self.STATE_CONNECTING:
            return hasattr(self, "handshake_deferred")
        if self.state != self.STATE_OPEN:
            return False
        return crowded(self.application_queue) or self.unsent_bytes() > 2 * EGRESS_LIMIT_BYTES

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Send; stock Daphne drops a message that is empty."""
        if message["type"] == "websocket.send" and message.get("text") == "":
            self.serverSend("", False)
        elif message["type"] == "websocket.send" and message.get("bytes") == b"":
            self.serverSend(b"", True)
        else:
            super().handle_reply(message)

    def sendMessage(self, *words: Any, **how: Any) -> None:  # noqa: N802 - Autobahn's name
        """Send whatever its size: Autobahn holds us to the bound that is meant for what clients send."""
        received, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(*words, **how)
        finally:
            self.maxMessagePayloadSize = received

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - Daphne's name
        """Close with any code the protocol knows; Autobahn's own method refuses 1012, and Daphne then said 1011."""
        self.sendCloseFrame(code=code or 1000)

    def unsent_bytes(self) -> int:
        """How much was given to the transport and has not left it."""
        transport = self.transport
        held = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
        return int(held + getattr(transport, "_tempDataLen", 0))


class Listener(Server):  # type: ignore[misc]
    """A Daphne server that waits for slow readers instead of growing, and says goodbye."""

    failed = False

    def __init__(self, *, drain: Callable[[], Any], application: Any, host: str, port: int, behind_proxy: bool) -> None:
        """`drain` tells every socket to come back elsewhere."""
        super().__init__(
            application,
            endpoints=[f"tcp:port={port}:interface={_quoted(host)}:backlog=4096"],
            http_timeout=ANSWER_S,
            websocket_timeout=-1,
            websocket_handshake_timeout=REQUEST_S,
            websocket_connect_timeout=CONNECT_S,
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_WITHIN_S,
            websocket_max_message_size=FRAME_LIMIT_BYTES,
            websocket_max_frame_size=FRAME_LIMIT_BYTES,
            application_close_timeout=30,
            proxy_forwarded_address_header="X-Forwarded-For" if behind_proxy else None,
            proxy_forwarded_port_header="X-Forwarded-Port" if behind_proxy else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if behind_proxy else None,
            server_name="xinqiao",
        )
        self._drain = drain

    def run(self) -> None:
        """Serve until stopped."""
        reactor.callWhenRunning(self._adopt)
        super().run()

    def _adopt(self) -> None:
        """Use our protocols for what comes in, and say why a socket is closed instead of dropping it."""
        self.ws_factory.protocol = PatientProtocol
        self.ws_factory.setProtocolOptions(failByDrop=False, closeHandshakeTimeout=CLOSE_S)
        patient(self.http_factory)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Pass a reply on; the application waits while a reader is behind."""
        await super().handle_reply(protocol, message)
        if message["type"] == "websocket.send":
            while self._behind(protocol):  # noqa: ASYNC110 - Twisted's transport tells only when asked
                await asyncio.sleep(EGRESS_POLL_S)

    def _behind(self, protocol: Any) -> bool:
        """Tell whether a live socket holds more than its share unsent."""
        details = self.connections.get(protocol)
        return bool(details) and not details.get("disconnected") and protocol.unsent_bytes() > EGRESS_LIMIT_BYTES

    def listen_error(self, failure: Any) -> None:
        """A port that is taken is one clear sentence and a non-zero exit."""
        self.failed = True
        log.critical("cannot listen: %s", failure.getErrorMessage())
        self.stop()

    def kill_all_applications(self) -> Any:
        """Before the reactor stops: no new sockets, goodbye to the old ones, then the end."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._goodbye()))

    async def _goodbye(self) -> None:
        """Drain, wait a little, cancel what is left."""
        for listener in self.listeners:
            listener.addCallback(lambda port: port.stopListening() if port else None)
        await self._drain()
        try:
            async with asyncio.timeout(DRAIN_S):
                while any(not details.get("disconnected") for details in self.connections.values()):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(EGRESS_POLL_S)
        except TimeoutError:
            log.warning("sockets cut at the end of the drain")
        running = [details.get("application_instance") for details in self.connections.values()]
        waiting = [instance for instance in running if instance is not None and not instance.done()]
        for instance in waiting:
            instance.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _quoted(host: str) -> str:
    """An address as an endpoint description wants it: colons of IPv6 are escaped."""
    return host.replace(":", "\\:")
