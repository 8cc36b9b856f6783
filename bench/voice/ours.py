"""Our own engines as a process of their own under load, and aiortc's relay, the stock recipe, the same way."""

import asyncio
import contextlib
import itertools
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.text.cpu import SERVERS, pin
from bench.voice.delays import Delays
from bench.voice.load import Arm, speak
from bench.voice.peer import LoadPeer
from bench.voice.serving import SECRET
from chat.domain.lanes import Party, arrange
from chat.voice.control import Arrange, CloseCall, OpenLeg
from chat.voice.switchboard import Line
from kernel.terms import Role

SIDES = (Role.VISITOR, Role.COUNSELOR)
ROUTES = arrange((Party("visitor", Role.VISITOR), Party("counselor", Role.COUNSELOR)), holder="counselor")
AT_ONCE = 10


class Rig:
    """One server process and its calls."""

    def __init__(self, kind: str, address: str, folder: Path) -> None:
        """Start it on the servers' core and wait until it listens."""
        self.kind, self.address = kind, address
        command = [sys.executable, "-m", "bench.voice.serving", kind, address, str(folder)]
        self._noise = (folder / "stderr").open("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._noise, text=True
        )
        assert self.process.stdout is not None
        self.line = Line(f"127.0.0.1:{self.process.stdout.readline().strip()}", SECRET)
        pin([self.process.pid], SERVERS)
        self.arm = Arm(kind, self.process.pid, [], Delays())
        self._ids = itertools.count(1)
        self._calls = itertools.count(1)

    async def grow(self, calls: int) -> None:
        """Bring the number of calls up to this, a few at once, and let them talk for a moment."""
        while (missing := calls - self.arm.calls) > 0:
            names = [f"c{next(self._calls)}" for _ in range(min(AT_ONCE, missing))]
            self.arm.peers += await self.open(names)
        await speak(self.arm.peers, 1.0)
        self.arm.delays.clear()

    async def open(self, names: Sequence[str]) -> list[LoadPeer]:
        """Set up these calls."""
        peers = await asyncio.gather(*(self._join(name, role) for name in names for role in SIDES))
        for name in names:
            await self.line.ask(Arrange(next(self._ids), name, 1, ROUTES), 10)
        return peers

    async def _join(self, call: str, role: Role) -> LoadPeer:
        delays = self.arm.delays
        peer = LoadPeer(role.value, delays, address=self.address, stamped=self.kind == "passthrough")
        reply = await self.line.ask(OpenLeg(next(self._ids), call, peer.name, role, peer.offer()), 20)
        await peer.connect(reply.answer)
        return peer

    async def close_call(self, call: str) -> None:
        """Hang up a call on the server."""
        await self.line.ask(CloseCall(next(self._ids), call), 10)

    def noise(self) -> list[str]:
        """What the server complained of."""
        self._noise.flush()
        return Path(self._noise.name).read_text().splitlines()

    def stop(self) -> None:
        """End the process and hang up everybody."""
        for peer in self.arm.peers:
            peer.close()
        self.line.close()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.process.kill()
        self._noise.close()


@asynccontextmanager
async def running(kind: str = "passthrough", address: str = "127.0.0.1") -> AsyncIterator[Rig]:
    """A server for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="bench-voice-") as folder:
        rig = Rig(kind, address, Path(folder))
        try:
            yield rig
        finally:
            rig.stop()
