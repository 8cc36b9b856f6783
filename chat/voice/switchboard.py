"""The house's end: finds a media worker by its lease and load, and speaks to it."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from datetime import datetime

import msgspec

from chat.domain.call_state import CallState, leg_of, may_open, routes
from chat.voice.contract import Load
from chat.voice.control import Arrange, AskLoad, Channel, CloseCall, CloseLeg, OpenLeg, Order, Reply
from kernel.errors import Malformed, NotPermitted, Refused, Unavailable
from kernel.lease import STALE_AFTER
from kernel.store import Store
from kernel.terms import Actor

SUBJECT = "voice:"
ANSWER_WITHIN_S = 1.0
LOAD_WITHIN_S = 0.5

Gone = Callable[[str], None]

_replies = msgspec.json.Decoder(Reply)

WORKERS = "SELECT DISTINCT subject FROM kernel_lease WHERE subject LIKE 'voice:%%' AND seen_at >= %s ORDER BY subject"


class Line:
    """A connection to one worker, made at first use and again after a break; answers come back by id."""

    def __init__(self, node: str, secret: bytes, gone: Gone = lambda _node: None) -> None:
        """`node` is `host:port#incarnation` of a worker; `gone` is called when a connection to it breaks."""
        self._node = node
        host, _, port = node.partition("#")[0].rpartition(":")
        self._host, self._port = host, int(port)
        self._secret = secret
        self._gone = gone
        self._channel: Channel | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._opening = asyncio.Lock()

    async def ask(self, order: Order, within_s: float = ANSWER_WITHIN_S) -> Reply:
        """Give a command and wait for its answer; raises Unavailable, Refused or Malformed."""
        answer = self._waiting[order.id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(within_s):
                (await self._connected()).send(order)
                reply: Reply = await answer
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as fault:
            raise Unavailable(type(fault).__name__) from fault
        finally:
            del self._waiting[order.id]
        if reply.error == "malformed":
            raise Malformed("sdp")
        if reply.error == "unavailable":
            raise Unavailable("engine")
        if reply.error:
            raise Refused(reply.error)
        return reply

    async def _connected(self) -> Channel:
        """Connect where needed; whoever comes meanwhile waits for it."""
        async with self._opening:
            if self._channel is None or self._channel.clogged:
                self.close()
                reader, writer = await asyncio.open_connection(self._host, self._port)
                try:
                    self._channel = await Channel.open(reader, writer, self._secret, asking=True)
                except BaseException:
                    writer.close()
                    raise
                self._reading = asyncio.create_task(self._read(self._channel))
            return self._channel

    async def _read(self, channel: Channel) -> None:
        """Hand answers to whoever waits for them; the end of the line is the end of the worker, as far as we know."""
        try:
            while True:
                reply = _replies.decode(await channel.receive())
                answer = self._waiting.get(reply.id)
                if answer is not None and not answer.done():
                    answer.set_result(reply)
        except (OSError, asyncio.IncompleteReadError, Malformed, msgspec.MsgspecError):
            if self._channel is channel:
                self._channel = None
            channel.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError())
            self._gone(self._node)

    def close(self) -> None:
        """Break the connection; the next question makes a new one."""
        if self._reading is not None:
            self._reading.cancel()
        if self._channel is not None:
            self._channel.close()
            self._channel = None


class Switchboard:
    """Places calls and passes offers on; one per process."""

    def __init__(self, store: Store, secret: bytes, gone: Gone = lambda _node: None) -> None:
        """Find workers in the store, prove ourselves with the secret; `gone` hears whose line broke."""
        self._store = store
        self._secret = secret
        self._gone = gone
        self._lines: dict[str, Line] = {}
        self._ids = itertools.count(1)

    async def workers(self, now: datetime) -> list[str]:
        """The control addresses of all living workers."""
        rows = await self._store.fetch(WORKERS, (now - STALE_AFTER,))
        return [subject.removeprefix(SUBJECT) for (subject,) in rows]

    async def choose(self, now: datetime, *, gone: str = "") -> str:
        """The least busy living worker other than `gone`; raises Unavailable where none can take a call."""
        nodes = [node for node in await self.workers(now) if node != gone]
        loads = await asyncio.gather(*(self.load(node) for node in nodes))
        free = [(load.score, node) for load, node in zip(loads, nodes, strict=True) if load and load.score < 1]
        if not free:
            raise Unavailable("no media worker")
        return min(free)[1]

    async def load(self, node: str) -> Load | None:
        """How busy a worker is; None where it does not answer."""
        try:
            return (await self._line(node).ask(AskLoad(next(self._ids)), LOAD_WITHIN_S)).load
        except (Unavailable, Refused):
            return None

    async def offer(self, state: CallState, by: Actor, sdp: str) -> str:
        """Pass somebody's offer to the call's worker and bring back the answer; the routes go with it."""
        if not may_open(state, by) or not state.node:
            raise NotPermitted
        line = self._line(state.node)
        order = OpenLeg(next(self._ids), state.call, leg_of(by), by.role, sdp)
        answer = (await line.ask(order)).answer
        await self.arrange(state)
        return answer

    async def arrange(self, state: CallState) -> None:
        """Carry out who hears whom; doing it again is harmless, and a call nobody has joined yet has nothing to do."""
        if state.node:
            with contextlib.suppress(Refused):
                order = Arrange(next(self._ids), state.call, state.revision, routes(state))
                await self._line(state.node).ask(order)

    async def close_leg(self, state: CallState, leg: str) -> None:
        """Hang up somebody who left."""
        if state.node:
            await self._line(state.node).ask(CloseLeg(next(self._ids), state.call, leg))

    async def close_call(self, node: str, call: str) -> None:
        """Hang up everybody of a call that ended."""
        if node:
            await self._line(node).ask(CloseCall(next(self._ids), call))

    def close(self) -> None:
        """Break all connections."""
        for line in self._lines.values():
            line.close()

    def _line(self, node: str) -> Line:
        """The connection to a worker."""
        if node not in self._lines:
            self._lines[node] = Line(node, self._secret, self._gone)
        return self._lines[node]
