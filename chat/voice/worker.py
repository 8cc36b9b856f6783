"""One media worker: an engine, its control port, its lease, and the facts it reports to sessions."""

import asyncio
import contextlib
import logging

from chat.call_messages import LegReport, ReportLeg
from chat.domain.call_state import CallState, of
from chat.voice.contract import Fact, LegConnected, LegQuality, MediaEngine, Tell
from chat.voice.minder import After, Minder, contact_of
from chat.voice.node import Node
from chat.voice.switchboard import SUBJECT
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.hub import Hub
from kernel.terms import SYSTEM
from kernel.wire import Command, Quality

log = logging.getLogger("xinqiao.voice")

FACTS = 4096
TRIES = 5


async def keep_nothing(_call: CallState) -> None:
    """A worker that records nothing."""


class Worker:
    """Registers under `voice:HOST:PORT#INCARNATION`; whoever holds the secret may command it there."""

    def __init__(self, hub: Hub, secret: bytes, after: After = keep_nothing) -> None:
        """Stand on the hub for lease and sessions; `after` is told of each call as it stands."""
        self._hub = hub
        self._secret = secret
        self._after = after
        self._facts: asyncio.Queue[Fact] = asyncio.Queue(FACTS)
        self._node: Node | None = None
        self._engine: MediaEngine | None = None
        self._minder: Minder | None = None
        self._reporting: asyncio.Task[None] | None = None
        self.name = ""

    @property
    def tell(self) -> Tell:
        """Where the engine puts its facts: a queue, so that the media loop never waits for the store."""
        return self._put

    def _put(self, fact: Fact) -> None:
        """Queue a fact; quality is for the moment and is not kept."""
        if isinstance(fact, LegQuality):
            self._whisper(fact)
            return
        with contextlib.suppress(asyncio.QueueFull):
            self._facts.put_nowait(fact)

    def _whisper(self, fact: LegQuality) -> None:
        """Tell the two sides how they hear each other; nobody learns that somebody else listens."""
        call = self._minder.call(fact.call) if self._minder is not None else None
        if call is not None and of(call, fact.leg) != "guest":
            hint = Quality(fact.leg, fact.loss, fact.jitter_ms, fact.rtt_ms)
            self._hub.whisper(f"session.{contact_of(fact.call)}", SYSTEM, hint)

    async def start(self, engine: MediaEngine, host: str, port: int) -> str:
        """Open all ports and register; answers this worker's name."""
        self._engine = engine
        await engine.start()
        self._node = Node(engine, self._secret, self._opened)
        address = f"{host}:{await self._node.start(host, port)}"
        self.name = f"{address}#{ids.process_id()}"
        self._minder = Minder(self._hub, engine, self.name, self._after)
        await self._hub.leases.hold(f"{SUBJECT}{self.name}", clock.now())
        self._reporting = asyncio.create_task(self._report())
        return self.name

    def _opened(self, call: str) -> None:
        """A call got a leg here."""
        if self._minder is not None:
            self._minder.opened(call)

    async def stop(self) -> None:
        """Unregister first, so that no new call comes; then hang up."""
        with contextlib.suppress(Unavailable):
            await self._hub.leases.release(f"{SUBJECT}{self.name}", clock.now())
        if self._node is not None:
            await self._node.stop()
        if self._minder is not None:
            await self._minder.stop()
        if self._engine is not None:
            await self._engine.stop()
        if self._reporting is not None:
            self._reporting.cancel()
            await asyncio.gather(self._reporting, return_exceptions=True)

    async def _report(self) -> None:
        """Tell each call's session what became of its legs, in order."""
        while True:
            fact = await self._facts.get()
            what: LegReport = "connected" if isinstance(fact, LegConnected) else "lost"
            await self.say(fact.call, ReportLeg(fact.call, fact.leg, what, self.name))

    async def say(self, call: str, command: Command) -> None:
        """Give a command to a call's session, several times where the store is away for a moment."""
        to = Address("session", contact_of(call))
        cid = f"voice.{ids.command_id()}"
        for attempt in range(TRIES):
            try:
                await self._hub.engine.submit(to, command, SYSTEM, clock.now(), cid)
                return
            except Refused:
                return
            except (Unavailable, Conflict):
                log.warning("report deferred count=%d", attempt + 1)
                await asyncio.sleep(0.2 * 2**attempt)
