"""One media worker: an engine, its control port, its lease, and the facts it reports to sessions."""

import asyncio
import contextlib
import logging

from chat.call_messages import ReportLeg
from chat.voice.contract import Fact, LegConnected, LegQuality, MediaEngine, Tell
from chat.voice.node import Node
from chat.voice.switchboard import SUBJECT
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.hub import Hub
from kernel.terms import SYSTEM

log = logging.getLogger("xinqiao.voice")

FACTS = 4096
TRIES = 5


class Worker:
    """Registers under `voice:HOST:PORT`; whoever holds the secret may command it there."""

    def __init__(self, hub: Hub, secret: bytes) -> None:
        """Stand on the hub for lease and sessions."""
        self._hub = hub
        self._secret = secret
        self._facts: asyncio.Queue[Fact] = asyncio.Queue(FACTS)
        self._node: Node | None = None
        self._engine: MediaEngine | None = None
        self._subject = ""
        self._reporting: asyncio.Task[None] | None = None

    @property
    def tell(self) -> Tell:
        """Where the engine puts its facts: a queue, so that the media loop never waits for the store."""
        return self._put

    def _put(self, fact: Fact) -> None:
        """Queue a fact; quality is for the moment and is not kept."""
        if isinstance(fact, LegQuality):
            return
        with contextlib.suppress(asyncio.QueueFull):
            self._facts.put_nowait(fact)

    async def start(self, engine: MediaEngine, host: str, port: int) -> str:
        """Open all ports and register; answers the control address."""
        self._engine = engine
        await engine.start()
        self._node = Node(engine, self._secret)
        address = f"{host}:{await self._node.start(host, port)}"
        self._subject = f"{SUBJECT}{address}"
        await self._hub.leases.hold(self._subject, clock.now())
        self._reporting = asyncio.create_task(self._report())
        return address

    async def stop(self) -> None:
        """Unregister first, so that no new call comes; then hang up."""
        with contextlib.suppress(Unavailable):
            await self._hub.leases.release(self._subject, clock.now())
        if self._node is not None:
            await self._node.stop()
        if self._engine is not None:
            await self._engine.stop()
        if self._reporting is not None:
            self._reporting.cancel()
            await asyncio.gather(self._reporting, return_exceptions=True)

    async def _report(self) -> None:
        """Tell each call's session what became of its legs, in order."""
        while True:
            fact = await self._facts.get()
            what = "connected" if isinstance(fact, LegConnected) else "lost"
            command = ReportLeg(fact.call, fact.leg, what)  # type: ignore[arg-type]  # one of the two words above
            to = Address("session", fact.call.partition(".")[0])
            cid = f"voice.{ids.command_id()}"
            for attempt in range(TRIES):
                try:
                    await self._hub.engine.submit(to, command, SYSTEM, clock.now(), cid)
                    break
                except Refused:
                    break
                except (Unavailable, Conflict):
                    log.warning("leg report deferred count=%d", attempt + 1)
                    await asyncio.sleep(0.2 * 2**attempt)
