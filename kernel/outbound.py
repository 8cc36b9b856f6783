"""What waits to be sent on one socket: bounded in frames and bytes, so a reader that stops costs no more than this."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from kernel.errand import Errand
from kernel.wire import encode

FRAME_LIMIT = 1024
BYTE_LIMIT = 256 * 1024

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Overflow(Exception):
    """The peer does not read; it may come back and resume."""


class Outbound:
    """A bounded queue of encoded frames, sent one after another as the peer takes them."""

    def __init__(self, send: Send, failed: Callable[[Exception], None] | None = None) -> None:
        """Send through an ASGI `send`; `failed` hears where that ends."""
        self._send = send
        self._frames: deque[bytes] | None = None  # an empty one weighs as much as all the rest of an idle socket's
        self._bytes = 0
        self._sending = Errand(self._send_all, failed)
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._said_last = False

    def put_last(self, frame: Any) -> None:
        """Queue the last frame there is: whatever is put after it is read elsewhere, after a resume."""
        self.put(frame)
        self._said_last = True

    def put(self, frame: Any) -> None:
        """Queue a frame; raises Overflow where the peer has fallen too far behind."""
        if self._said_last:
            return
        encoded = encode(frame)
        if self._frames is None:
            self._frames = deque()
        if len(self._frames) >= FRAME_LIMIT or (self._frames and self._bytes + len(encoded) > BYTE_LIMIT):
            raise Overflow
        self._frames.append(encoded)
        self._bytes += len(encoded)
        self._sending.call()

    async def room(self) -> None:
        """Wait until most of the queue is free, before adding a long history."""
        await self._below(FRAME_LIMIT // 4, BYTE_LIMIT // 4)

    async def drained(self) -> None:
        """Wait until nothing is queued."""
        await self._below(0, 0)

    async def _below(self, frames: int, size: int) -> None:
        """Wait until at most so many frames and bytes are queued."""
        if not self._is_below(frames, size):
            free = asyncio.get_running_loop().create_future()
            self._waiting.append((frames, size, free))
            await free

    def _is_below(self, frames: int, size: int) -> bool:
        return len(self._frames or ()) <= frames and self._bytes <= size

    async def stop(self) -> None:
        """Send no more."""
        await self._sending.stop()

    async def _send_all(self) -> None:
        """Send what is queued, and tell whoever waits for room."""
        while self._frames:
            frame = self._frames.popleft()
            await self._send({"type": "websocket.send", "text": frame.decode()})
            self._bytes -= len(frame)
            for waiting in tuple(self._waiting):
                self._let_on(*waiting)
        self._frames = None

    def _let_on(self, frames: int, size: int, free: "asyncio.Future[None]") -> None:
        """Wake somebody for whom there is room now, or who has gone."""
        if free.done() or self._is_below(frames, size):
            self._waiting.remove((frames, size, free))
            if not free.done():
                free.set_result(None)
