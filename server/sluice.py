"""Between a socket and its parser: bytes go through in slices, and only while the application keeps up.

Both listeners use it. Without it one read of many tiny frames, or a peer that writes faster than it is answered, grows
the process by whatever that peer likes.
"""

import asyncio
from collections.abc import Callable
from typing import Any

SLICE_BYTES = 4096  # at most some 680 frames, however tiny
WAITING_FRAMES = 64
WAITING_BYTES = 64 * 1024
POLL_S = 0.01


class Sluice:
    """Holds back what a parser may not see yet; `take` gets the bytes of one socket in order."""

    def __init__(
        self,
        feed: Callable[[bytes], Any],
        full: Callable[[], bool],
        pause: Callable[[], Any],
        resume: Callable[[], Any],
    ) -> None:
        """`feed` parses, `full` says that the application is behind, `pause` and `resume` are the transport's."""
        self._feed, self._full, self._pause, self._resume = feed, full, pause, resume
        self._rest = b""
        self._held = False
        self._closed = False

    def take(self, data: bytes) -> None:
        """Pass on what came in, now or when there is room."""
        if not self._rest and len(data) <= SLICE_BYTES and not self._full():
            self._feed(data)
        else:
            self._rest += data
            self._let_through()

    def close(self) -> None:
        """The socket is gone: forget what is held."""
        self._closed, self._rest = True, b""

    def _let_through(self) -> None:
        """Parse slice after slice; stop reading the socket while some of it has to wait."""
        while self._rest and not self._full():
            part, self._rest = self._rest[:SLICE_BYTES], self._rest[SLICE_BYTES:]
            self._feed(part)
        if self._rest:
            self._hold()
        elif self._held:
            self._held = False
            self._resume()

    def _hold(self) -> None:
        """Wait a moment with the socket unread."""
        if not self._held:
            self._held = True
            self._pause()
        asyncio.get_running_loop().call_later(POLL_S, self._again)

    def _again(self) -> None:
        """Try once more, unless the socket has gone meanwhile."""
        if not self._closed:
            self._let_through()


def crowded(queue: Any) -> bool:
    """Tell whether as much waits in this asyncio queue of ASGI messages as one socket may have waiting."""
    waiting = queue.qsize()
    if waiting <= 1:
        return False
    size = sum(len(message.get("text") or message.get("bytes") or b"") for message in queue._queue)
    return bool(waiting > WAITING_FRAMES or size > WAITING_BYTES)
