"""Calls at the door: a browser's offer goes to the media worker of its call, the answer comes back on the same socket.

An offer carries addresses. It stands in no log, no store and no error, and only the sealed line to a worker sees it.
The first offer of a call places it; an offer to a worker that is gone places it anew, and so does the end of a
worker's line, at once and for every call that was passed on here.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings

from chat.call_messages import PlaceCall, ReportLeg, RequestCall
from chat.domain.call_state import CallPhase, CallState, may_open
from chat.domain.state import SessionState
from chat.domain.turn import credentials
from chat.media_messages import IceServer, MediaAnswer, MediaPlan, OfferMedia, PrepareMedia
from chat.voice.control import derive
from chat.voice.switchboard import Switchboard
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Conflict, NotPermitted, Refused, Unavailable
from kernel.hub import Hub
from kernel.redact import loggable
from kernel.seal import Erased
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command
from queueing.domain.gate import published

log = logging.getLogger("xinqiao.calls")

LINGERING = frozenset({"call.offer"})
TRIES = 2
CALLS_KEPT = 4096
MOVE_AGAIN_S = 0.5
MOVE_FOR_S = 60.0  # as long as a call is kept whose legs are lost


class Exchange:
    """One process's end of all calls that were set up here."""

    def __init__(self, hub: Hub, secret: bytes) -> None:
        """Prove ourselves to workers with the secret."""
        self._hub = hub
        self.board = Switchboard(hub.store, secret, self._gone)
        self._kept: OrderedDict[str, Address] = OrderedDict()
        self._moving: set[asyncio.Task[None]] = set()

    async def offer(self, to: Address, by: Actor, wish: OfferMedia) -> MediaAnswer:
        """Pass an offer on; raises NotPermitted, Refused, Malformed or Unavailable."""
        state = await self._call(to)
        if state.call != wish.call:
            raise Refused("no_call")
        if not may_open(state, by):
            raise NotPermitted
        for _ in range(TRIES):
            state = state if state.node else await self._place(to, state)
            answer = await self._ask(to, state, by, wish.sdp)
            if answer is not None:
                self._keep(state, to)
                return MediaAnswer(state.call, answer)
            state = await self._place(to, state)
        raise Unavailable("no media worker")

    async def prepare(self, to: Address, by: Actor, wish: PrepareMedia) -> MediaPlan:
        """Name the relays, to whoever has a leg or is being asked; raises Refused."""
        state = await self._call(to)
        if state.call != wish.call or state.phase is CallPhase.NONE:
            raise Refused("no_call")
        if state.going_on and not may_open(state, by):
            raise NotPermitted
        return MediaPlan(relays())

    async def _ask(self, to: Address, state: CallState, by: Actor, sdp: str) -> str | None:
        """Ask the call's worker; None where another one is to be asked."""
        try:
            return await self.board.offer(state, by, sdp)
        except Unavailable:
            log.warning("media worker does not answer %s", loggable({"feed": to.feed}))
        except Refused as no:
            if no.code != "overloaded":
                raise
        return None

    async def _call(self, to: Address) -> CallState:
        """The call of a session as it is stored."""
        try:
            loaded = await self._hub.engine.state(to)
        except Erased:
            loaded = None
        return loaded.state.call if loaded is not None and isinstance(loaded.state, SessionState) else CallState()

    async def _place(self, to: Address, state: CallState) -> CallState:
        """Find another worker; of several processes that look at once, one has its way."""
        now = clock.now()
        node = await self.board.choose(now, gone=state.node)
        place = PlaceCall(state.call, node, state.node)
        await self._hub.engine.submit(to, place, SYSTEM, now, f"place.{ids.command_id()}")
        return await self._call(to)

    def _keep(self, state: CallState, to: Address) -> None:
        """Remember what is to be moved when a worker ends."""
        self._kept[state.call] = to
        self._kept.move_to_end(state.call)
        while len(self._kept) > CALLS_KEPT:
            self._kept.popitem(last=False)

    # --- a worker is gone -----------------------------------------------------------------------------------

    def _gone(self, node: str) -> None:
        """The line to a worker broke: its calls live somewhere else, or wait for another worker."""
        for call, to in tuple(self._kept.items()):
            task = asyncio.create_task(self._move(call, to, node))
            self._moving.add(task)
            task.add_done_callback(self._moving.discard)

    async def _move(self, call: str, to: Address, node: str) -> None:
        """Place one call anew, for as long as it is kept."""
        told = False
        deadline = asyncio.get_running_loop().time() + MOVE_FOR_S
        while asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(Unavailable, Conflict, Refused):
                state = await self._call(to)
                if state.call != call or not state.going_on:
                    self._kept.pop(call, None)
                    return
                if state.node != node:
                    return
                try:
                    await self._place(to, state)
                    return
                except Unavailable:
                    told = told or await self._tell_lost(to, state)
            await asyncio.sleep(MOVE_AGAIN_S)

    async def _tell_lost(self, to: Address, state: CallState) -> bool:
        """No other worker is there yet: say whose media stopped."""
        for leg in sorted(state.connected):
            report = ReportLeg(state.call, leg, "lost", state.node)
            await self._hub.engine.submit(to, report, SYSTEM, clock.now(), f"gone.{ids.command_id()}")
        return True

    async def close(self) -> None:
        """Break all lines; calls go on without this process."""
        for task in self._moving:
            task.cancel()
        await asyncio.gather(*self._moving, return_exceptions=True)
        self.board.close()


_exchanges: WeakKeyDictionary[Hub, Exchange] = WeakKeyDictionary()


def exchange(hub: Hub) -> Exchange:
    """Find this process's exchange."""
    if hub not in _exchanges:
        _exchanges[hub] = Exchange(hub, control_secret())
    return _exchanges[hub]


def control_secret() -> bytes:
    """What proves this house to its media workers."""
    return derive(settings.MASTER_KEYS[max(settings.MASTER_KEYS)])


async def close(hub: Hub) -> None:
    """Let go of a hub's exchange, if it has one."""
    found = _exchanges.pop(hub, None)
    if found is not None:
        await found.close()


async def aside(hub: Hub, by: Actor, to: Address, command: Command) -> Any | None:
    """Answer what is set up at the door; None for what the session itself decides."""
    match command:
        case OfferMedia():
            return await exchange(hub).offer(to, by, command)
        case PrepareMedia():
            return await exchange(hub).prepare(to, by, command)
        case RequestCall():
            await _may_ring(hub, by, to)
    return None


async def _may_ring(hub: Hub, by: Actor, to: Address) -> None:
    """A call needs a worker. A visitor asks within the hours of voice, or in danger at any hour; a counselor may ask
    whenever they talk: that is a person's decision."""
    if not await exchange(hub).board.workers(clock.now()):
        raise Refused("no_voice")
    loaded = await hub.engine.state(to) if by.role is Role.VISITOR else None
    if loaded is None or loaded.state.call.phase is not CallPhase.NONE or loaded.state.risk >= RiskLevel.HIGH:
        return
    desk = await hub.engine.state(Address("desk", loaded.state.line))
    if desk is not None and not published(desk.state.intervals, Medium.VOICE, clock.now()):
        raise Refused("voice_closed")


def relays() -> tuple[IceServer, ...]:
    """The installation's TURN servers with credentials for a leg of no name; none where it runs none."""
    if not settings.TURN_URLS or not settings.TURN_SECRET:
        return ()
    return (credentials(tuple(settings.TURN_URLS), ids.process_id(), clock.now(), _sign),)


def _sign(username: str) -> str:
    """What coturn expects with `use-auth-secret`."""
    digest = hmac.new(settings.TURN_SECRET.encode(), username.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
