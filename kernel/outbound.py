"""What waits to be sent on one socket: bounded in frames and bytes, so a reader that stops costs no more than this."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from kernel.wire import encode

FRAME_LIMIT = 1024
BYTE_LIMIT = 256 * 1024

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Overflow(Exception):
    """The peer does not read; it may come back and resume."""


class Outbound:
    """A bounded queue of encoded frames and the task that sends them."""

    def __init__(self, send: Send) -> None:
        """Send through an ASGI `send`."""
        self._send = send
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._sent = asyncio.Event()

    def put(self, frame: Any) -> None:
        """Queue a frame; raises Overflow where the peer has fallen too far behind."""
        encoded = encode(frame)
        if len(self._frames) >= FRAME_LIMIT or (self._frames and self._bytes + len(encoded) > BYTE_LIMIT):
            raise Overflow
        self._frames.append(encoded)
        self._bytes += len(encoded)
        self._wake.set()

    async def room(self) -> None:
        """Wait until most of the queue is free, before adding a long history."""
        await self._below(FRAME_LIMIT // 4, BYTE_LIMIT // 4)

    async def drained(self) -> None:
        """Wait until nothing is queued."""
        await self._below(0, 0)

    async def _below(self, frames: int, size: int) -> None:
        """Wait until at most so many frames and bytes are queued."""
        while len(self._frames) > frames or self._bytes > size:
            self._sent.clear()
            await self._sent.wait()

    async def run(self) -> None:
        """Send for as long as the socket lives."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._frames:
                frame = self._frames.popleft()
                await self._send({"type": "websocket.send", "text": frame.decode()})
                self._bytes -= len(frame)
                self._sent.set()
