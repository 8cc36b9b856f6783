"""The doorbell between processes: nudges and hints over the channel layer, one inbox per process, all of it losable.

A nudge says that a feed reached a seq and carries the sealed rows when they are small. A lost nudge costs at most
the tailer's second. Publishing never makes a caller wait: what does not fit the queue is dropped.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from channels.layers import channel_layers

from kernel.redact import loggable
from kernel.store import Line
from kernel.terms import Actor
from kernel.wire import Told

log = logging.getLogger("xinqiao.doorbell")

GROUP = "doors"
QUEUE_LIMIT = 2048
INLINE_LIMIT_BYTES = 16 * 1024
PUBLISH_DEADLINE_S = 2.0
PEAL_LIMIT = 64  # rings in one message: what gathers while the one before is on its way
ECHO_EVERY_S = 5.0
ECHO_MISSING_S = 12.0


class Nudge(msgspec.Struct, frozen=True, tag="nudge", array_like=True):
    """A feed reached `seq`; `rows` are its newest lines, left encoded: most processes have no use for them."""

    process: str
    feed: str
    seq: int
    rows: msgspec.Raw

    @property
    def lines(self) -> tuple[Line, ...]:
        """The newest rows, or none where they were too large."""
        return _lines.decode(self.rows)


class Whisper(msgspec.Struct, frozen=True, tag="whisper", array_like=True):
    """A hint for the followers of a feed."""

    process: str
    feed: str
    by: Actor
    hint: Told


class Echo(msgspec.Struct, frozen=True, tag="echo", array_like=True):
    """A process ringing itself, to know that its inbox still hears."""

    process: str


Ring = Nudge | Whisper | Echo
_encoder = msgspec.msgpack.Encoder()
_lines = msgspec.msgpack.Decoder(tuple[Line, ...])
_peal = msgspec.msgpack.Decoder(tuple[Ring, ...])


class Doorbell:
    """Rings the other processes and listens for them; survives the broker's death by starting anew."""

    def __init__(self, process: str, hear: Callable[[Nudge | Whisper], Coroutine[Any, Any, None]]) -> None:
        """Name this process and who handles what is heard."""
        self.process = process
        self._hear = hear
        self._outbox: deque[Ring] = deque(maxlen=QUEUE_LIMIT)  # full: the oldest makes room
        self._rung = asyncio.Event()
        self._echoed_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self.connected = False

    def start(self, *, listening: bool = True) -> None:
        """Begin to ring, and to listen where anybody here would want to know."""
        self._tasks = [asyncio.create_task(self._forever(listening))]

    async def stop(self) -> None:
        """Stop both."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def nudge(self, feed: str, lines: tuple[Line, ...]) -> None:
        """Tell the other processes that a feed has grown."""
        small = sum(len(line.payload) for line in lines) <= INLINE_LIMIT_BYTES
        self._ring(Nudge(self.process, feed, lines[-1].seq, msgspec.Raw(_encoder.encode(lines if small else ()))))

    def whisper(self, feed: str, by: Actor, hint: Told) -> None:
        """Pass a hint to the other processes."""
        self._ring(Whisper(self.process, feed, by, hint))

    def _ring(self, ring: Ring) -> None:
        """Queue a ring; with a dead broker the queue fills and the rest is dropped."""
        self._outbox.append(ring)
        self._rung.set()

    async def _forever(self, listening: bool) -> None:
        """Run one life of the layer after another."""
        while True:
            try:
                await self._life(listening)
            except Exception as fault:
                log.warning("doorbell lost %s", loggable({"error": type(fault).__name__}))
            self.connected = False
            await asyncio.sleep(1)

    async def _life(self, listening: bool) -> None:
        """Open a layer of its own, listen and ring until something breaks or the echo stays out."""
        layer = channel_layers.make_backend("default")
        try:
            async with asyncio.TaskGroup() as group:
                if listening:
                    async with asyncio.timeout(PUBLISH_DEADLINE_S):
                        inbox = await layer.new_channel()
                        await layer.group_add(GROUP, inbox)
                    self._echoed_at = asyncio.get_running_loop().time()
                    group.create_task(self._listen(layer, inbox))
                    group.create_task(self._watch())
                group.create_task(self._publish(layer))
                self.connected = True
        finally:
            await _flush(layer)

    async def _listen(self, layer: Any, inbox: str) -> None:
        """Hand on whatever comes in."""
        while True:
            for ring in _peal.decode((await layer.receive(inbox))["rings"]):
                if isinstance(ring, Echo):
                    if ring.process == self.process:
                        self._echoed_at = asyncio.get_running_loop().time()
                elif ring.process != self.process:
                    await self._hear(ring)

    async def _publish(self, layer: Any) -> None:
        """Send what is queued, everything that gathered meanwhile in one message."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            while self._outbox:
                peal = [self._outbox.popleft() for _ in range(min(PEAL_LIMIT, len(self._outbox)))]
                async with asyncio.timeout(PUBLISH_DEADLINE_S):
                    await layer.group_send(GROUP, {"type": "ring", "rings": _encoder.encode(peal)})

    async def _watch(self) -> None:
        """Ring oneself now and then; silence means the subscription is dead, whatever the layer believes."""
        while True:
            self._ring(Echo(self.process))
            await asyncio.sleep(ECHO_EVERY_S)
            if asyncio.get_running_loop().time() - self._echoed_at > ECHO_MISSING_S:
                raise TimeoutError("echo")


async def _flush(layer: Any) -> None:
    """Close a layer's connections; one that is broken is simply let go."""
    try:
        async with asyncio.timeout(PUBLISH_DEADLINE_S):
            await layer.flush()
    except Exception as fault:
        log.info("layer let go %s", loggable({"error": type(fault).__name__}))
