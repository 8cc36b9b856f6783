"""Daphne with what it lacks: empty frames, a bound on what is queued for a slow reader, and a drain before it stops."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer, reactor

log = logging.getLogger("xinqiao.listener")

EGRESS_LIMIT_BYTES = 128 * 1024
EGRESS_POLL_S = 0.05
INGRESS_FRAMES = 64
INGRESS_POLL_S = 0.01
DRAIN_S = 4.0


class PatientProtocol(WebSocketProtocol):  # type: ignore[misc]
    """Daphne's socket, which also sends an empty message, stops reading a flood, and tells what it holds unsent."""

    _held_back = False

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Send; stock Daphne drops a message that is empty."""
        if message["type"] == "websocket.send" and message.get("text") == "":
            self.serverSend("", False)
        elif message["type"] == "websocket.send" and message.get("bytes") == b"":
            self.serverSend(b"", True)
        else:
            super().handle_reply(message)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - Autobahn's names
        """Take a message; while many wait to be read, the socket itself is not read."""
        super().onMessage(payload, isBinary)
        if self.application_queue.qsize() > INGRESS_FRAMES and not self._held_back:
            self._held_back = True
            self.transport.pauseProducing()
            self._read_on()

    def _read_on(self) -> None:
        """Read the socket again once the application has caught up."""
        if self.application_queue.qsize() > INGRESS_FRAMES // 2:
            asyncio.get_event_loop().call_later(INGRESS_POLL_S, self._read_on)
        else:
            self._held_back = False
            self.transport.resumeProducing()

    def unsent_bytes(self) -> int:
        """How much was given to the transport and has not left it."""
        transport = self.transport
        held = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
        return int(held + getattr(transport, "_tempDataLen", 0))


class Listener(Server):  # type: ignore[misc]
    """A Daphne server that waits for slow readers instead of growing, and says goodbye."""

    failed = False

    def __init__(self, *, drain: Callable[[], Any], **options: Any) -> None:
        """`drain` tells every socket to come back elsewhere."""
        super().__init__(**options)
        self._drain = drain

    def run(self) -> None:
        """Serve until stopped."""
        reactor.callWhenRunning(self._adopt)
        super().run()

    def _adopt(self) -> None:
        """Use our protocol for new sockets, and say why a socket is closed instead of dropping it."""
        self.ws_factory.protocol = PatientProtocol
        self.ws_factory.setProtocolOptions(failByDrop=False)

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
