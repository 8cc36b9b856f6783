"""The network of a drill: every way between two processes leads through a cable that can be slowed, cut or silenced."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

CHUNK_BYTES = 16 * 1024
TICK_S = 0.05


class Link:
    """One connection along a cable: two sockets and what is under way between them."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        """`near` dialled, `far` was dialled."""
        self.ends = near, far
        self.forgotten = False  # nobody on the way knows it any more: nothing arrives, nothing is refused

    def reset(self) -> None:
        """End both sides with RST."""
        for end in self.ends:
            raw = end.get_extra_info("socket")
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()


class Cable:
    """The way to one server. Its switches may be set from any thread; data sees them at its next step."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: int) -> None:
        """Lead to a port of this machine."""
        self._loop = loop
        self._target = target
        self._links: set[Link] = set()
        self._listener: asyncio.Server | None = None
        self.port = 0
        self.latency_s = 0.0
        self.bytes_per_s: float | None = None
        self.silent = False
        self.deaf = False  # what is sent along it arrives, what is answered does not

    async def lay(self) -> None:
        """Begin to listen on a port of its own."""
        self._listener = await asyncio.start_server(self._connect, "127.0.0.1", 0, limit=CHUNK_BYTES)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def remove(self) -> None:
        """Stop listening and end every connection."""
        assert self._listener is not None
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End every connection now, with RST on both sides; new ones are let through."""
        for link in tuple(self._links):
            self._loop.call_soon_threadsafe(link.reset)

    def forget(self) -> None:
        """From now on nothing arrives on the connections there are, and nobody is told."""
        for link in tuple(self._links):
            link.forgotten = True

    def heal(self) -> None:
        """As good as new."""
        self.latency_s, self.bytes_per_s, self.silent, self.deaf = 0.0, None, False, False

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._links)

    async def _connect(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        """Carry one connection until one side ends it."""
        while self.silent:  # the dial itself gets no answer of the server's
            await asyncio.sleep(TICK_S)
        try:
            back, far = await asyncio.open_connection("127.0.0.1", self._target, limit=CHUNK_BYTES)
        except OSError:
            Link(near, near).reset()
            return
        link = Link(near, far)
        self._links.add(link)
        try:
            await asyncio.gather(self._pump(link, reader, far), self._pump(link, back, near, answers=True))
        except (OSError, asyncio.CancelledError):  # also when the network is taken down: the task ends here anyway
            link.reset()
        finally:
            self._links.discard(link)
            for end in link.ends:
                end.close()

    async def _pump(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        """Pass on one direction, piece by piece, as the switches say."""
        while data := await reader.read(CHUNK_BYTES):
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            while self._held(link, answers):
                await asyncio.sleep(TICK_S)
            await self._write(writer, data)
        while self._held(link, answers):  # an end is news too
            await asyncio.sleep(TICK_S)
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()

    def _held(self, link: Link, answers: bool) -> bool:
        """Whether nothing passes in this direction now."""
        return self.silent or link.forgotten or (self.deaf and answers)

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Write at once, or as a trickle."""
        while data:
            rate = self.bytes_per_s
            size = len(data) if rate is None else max(1, int(rate * TICK_S))
            writer.write(data[:size])
            await writer.drain()
            data = data[size:]
            if data:
                await asyncio.sleep(TICK_S)


class Network:
    """Cables on an event loop and a thread of their own, so that they carry whatever the test itself is doing."""

    def __init__(self) -> None:
        """Nothing is laid yet."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self.cables: dict[str, Cable] = {}

    def lay(self, name: str, target: int) -> int:
        """Lay a cable to a port; answers the port that leads there."""
        cable = self.cables[name] = Cable(self._loop, target)
        self._run(cable.lay())
        return cable.port

    def _run(self, work: Any) -> Any:
        """Do something on the network's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def stop(self) -> None:
        """End all connections, the loop and the thread."""
        for cable in self.cables.values():
            cable.heal()
            self._run(cable.remove())
        self._run(_ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _ended() -> None:
    """Cancel what is left on this loop and wait for it."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """A network for as long as it is needed."""
    carrying = Network()
    carrying.start()
    try:
        yield carrying
    finally:
        carrying.stop()
