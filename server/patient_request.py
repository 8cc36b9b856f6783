"""Daphne's HTTP, where a request has to come in whole within its time and its size."""

from typing import Any

from twisted.internet import reactor
from twisted.web.http import HTTPChannel

from server.limits import BODY_LIMIT_BYTES, REQUEST_S


class PatientChannel(HTTPChannel):  # type: ignore[misc]
    """Twisted ends a connection that is silent for a minute; one that trickles would stay for ever."""

    _deadline: Any = None
    _body_bytes = 0

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's names, here and below
        """A connection that asks for nothing does not stay."""
        super().connectionMade()
        self._begin()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """The first byte of a request starts its clock."""
        if self._deadline is None and not self._handlingRequest:
            self._begin()
        super().dataReceived(data)

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        """A body that is too large is cut off before it is kept."""
        if not self._handlingRequest:
            self._body_bytes += len(data)
            if self._body_bytes > BODY_LIMIT_BYTES:
                self.transport.write(
                    b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                self.loseConnection()
                return
        super().rawDataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802
        """The request is whole; how long the answer may take is Daphne's to watch."""
        self._end()
        super().allContentReceived()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        """Stop the clock."""
        self._end()
        super().connectionLost(reason)

    def _begin(self) -> None:
        """From now on the request has so long."""
        self._body_bytes = 0
        self._deadline = reactor.callLater(REQUEST_S, self.transport.abortConnection)

    def _end(self) -> None:
        """No deadline any more."""
        deadline, self._deadline = self._deadline, None
        if deadline is not None and deadline.active():
            deadline.cancel()


def patient(factory: Any) -> None:
    """Let a factory of Daphne's make such channels."""
    factory.protocol = PatientChannel
