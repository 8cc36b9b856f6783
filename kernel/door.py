"""One client's socket: who they are, what they follow, what they say. Channels routes here; nothing of this goes
through Channels' own consumer, whose shared thread would let one slow query freeze every socket of the process."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from kernel import clock, ids
from kernel.decider import Address
from kernel.doorman import Doorman
from kernel.errors import Conflict, Malformed, NotPermitted, Refused, Unavailable
from kernel.feeds import Feeds
from kernel.hub import Hub
from kernel.outbound import Outbound, Overflow, Send
from kernel.redact import loggable
from kernel.throttle import Bucket
from kernel.wire import (
    FRAME_LIMIT_BYTES,
    SUBPROTOCOL,
    Bye,
    Close,
    Do,
    Hello,
    Ping,
    Pong,
    Refusal,
    Resume,
    Welcome,
    Whisk,
    read_client_frame,
)
from kernel.worklist import Worklist

log = logging.getLogger("xinqiao.door")

HELLO_DEADLINE_S, WATCH_S = 10, 2.0
MALFORMED_LIMIT = 8
TOO_FAST_LIMIT, FORGIVEN = 200, 5  # whoever slows down as told is never closed
BURST_FRAMES, FRAMES_PER_S = 60.0, 20.0


class Door:
    """An ASGI application for one kind of socket."""

    def __init__(self, doorman: Doorman, hub_of: Callable[[], Awaitable[Hub]]) -> None:
        """Serve with this doorman; `hub_of` finds the process's hub."""
        self._doorman = doorman
        self._hub_of = hub_of

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Serve one socket from connect to disconnect."""
        await receive()
        if SUBPROTOCOL not in scope.get("subprotocols", ()):
            await send({"type": "websocket.close", "code": Close.MALFORMED})
            return
        hub = await self._hub_of()
        await Visit(hub, self._doorman, scope, receive, send).run()


class Visit:
    """One socket's life."""

    def __init__(self, hub: Hub, doorman: Doorman, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Prepare; nothing is sent before `run`."""
        self._hub = hub
        self._doorman = doorman
        self._scope = scope
        self._receive, self._send = receive, send
        self._ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._out = Outbound(send, self._fail)
        self._bucket = Bucket.full(BURST_FRAMES, FRAMES_PER_S, clock.now())
        self._malformed = self._too_fast = 0
        self._close_code = 1000

    async def run(self) -> None:
        """Admit, serve, say goodbye."""
        try:
            guest, resume = await self._admit()
        except NotPermitted as no:
            await self._turn_away(no.code)
            return
        except Unavailable:
            await self._turn_away("unavailable")
            return
        if guest is None:
            return
        unregister = self._hub.on_drain(self._drain)
        try:
            await self._serve(guest, resume)
        finally:
            unregister()
            await self._leave(guest)

    async def _admit(self) -> tuple[Any, dict[str, int]]:
        """Find out who this is, by cookie or header at once, else by the ticket in the first frame."""
        headers = list(self._scope["headers"])
        early: Any = None
        no: NotPermitted | None = None
        try:
            early = await self._doorman.admit(self._hub, headers, None)
        except NotPermitted as refusal:
            if refusal.code == "forbidden_origin":
                raise
            no = refusal  # said after the handshake: only then can a browser read the close code
        await self._send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        try:
            async with asyncio.timeout(HELLO_DEADLINE_S):
                frame = await self._next_frame()
        except (TimeoutError, Malformed):
            await self._send({"type": "websocket.close", "code": Close.MALFORMED})
            return None, {}
        if frame is None:
            return None, {}
        if not isinstance(frame, Hello):
            await self._send({"type": "websocket.close", "code": Close.MALFORMED})
            return None, {}
        if no is not None and not frame.ticket:
            raise no
        guest = early or await self._doorman.admit(self._hub, headers, frame.ticket or "")
        return guest, frame.resume

    async def _turn_away(self, code: str) -> None:
        """Close with the code that says what to do next; a foreign origin is refused before the handshake."""
        close = {"sign_in": Close.SIGN_IN, "unavailable": Close.RESTART}.get(code, Close.FORBIDDEN)
        await self._send({"type": "websocket.close", "code": close})

    async def _serve(self, guest: Any, resume: dict[str, int]) -> None:
        """Listen, and do what there is to do, until something ends it."""
        hub = self._hub
        try:
            starting = await self._doorman.entered(hub, guest)
        except (Unavailable, Conflict):
            await self._turn_away("unavailable")
            return
        self._guest = guest
        work = self._work = Worklist(hub, self._doorman, guest, self._out, self._fail)
        feeds = self._feeds = Feeds(hub, self._doorman, guest, self._out, resume, self._fail)
        shown = tuple(feed for feed in starting if not self._doorman.watches(Address.of(feed).kind))
        self._out.put(Welcome(clock.now(), guest.actor, guest.name, self._doorman.heartbeat_s, shown))
        for feed in starting:
            feeds.follow(feed)
        loops = [self._listen()] + ([self._watch()] if self._doorman.asks_again else [])
        tasks = [asyncio.create_task(self._guarded(loop)) for loop in loops]
        try:
            await self._farewell(await self._ended)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, work.stop(), feeds.close(), self._out.stop(), return_exceptions=True)

    async def _guarded(self, loop: Coroutine[Any, Any, None]) -> None:
        """Run one of the socket's loops; where it fails, the visit ends."""
        try:
            await loop
        except Exception as fault:
            self._fail(fault)

    def _fail(self, fault: Exception) -> None:
        """Something that belongs to this visit has ended it."""
        if not self._ended.done():
            self._ended.set_result(fault)

    async def _farewell(self, fault: Exception | None) -> None:
        """Close with a code that fits whatever ended the visit."""
        code = self._close_code
        if isinstance(fault, Gone):
            return
        if isinstance(fault, Overflow):
            code = Close.TOO_SLOW
        elif fault is not None:
            code = Close.RESTART
            if not isinstance(fault, Unavailable):
                log.error("socket failed", exc_info=fault)
        if code == Close.RESTART:
            with contextlib.suppress(Overflow):
                self._out.put_last(Bye(int(ids.jitter(3000))))
        await self._flush()
        await self._send({"type": "websocket.close", "code": code})

    async def _flush(self) -> None:
        """Give what is queued a moment to leave."""
        try:
            async with asyncio.timeout(0.5):
                await self._out.drained()
        except TimeoutError:
            return

    async def _leave(self, guest: Any) -> None:
        """Tell the doorman; a store that is down will learn it from the lease."""
        try:
            await asyncio.shield(self._doorman.left(self._hub, guest))
        except (Unavailable, Conflict, Refused) as fault:
            log.info("leave deferred %s", loggable({"error": type(fault).__name__}))

    def _drain(self) -> None:
        """The process stops: come back elsewhere."""
        self._end(Close.RESTART)

    def _end(self, code: int) -> None:
        """Finish the visit with this close code."""
        self._close_code = code
        if not self._ended.done():
            self._ended.set_result(None)

    async def _next_frame(self) -> Any:
        """Read one frame; None when the peer is gone; raises Malformed."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return None
        raw = message.get("text")
        if raw is None or len(raw) > FRAME_LIMIT_BYTES:
            raise Malformed("$")
        return read_client_frame(raw)

    async def _listen(self) -> None:
        """Take frames: pings and hints at once, commands into the work queue."""
        while True:
            try:
                frame = await self._next_frame()
            except Malformed as fault:
                self._malformed += 1
                self._out.put(Refusal(None, "malformed"))
                log.info("malformed %s", loggable({"place": fault.place}))
                if self._malformed >= MALFORMED_LIMIT:
                    self._end(Close.MALFORMED)
                continue
            if frame is None:
                raise Gone
            self._take(frame)

    def _take(self, frame: Any) -> None:
        """Handle one frame."""
        if isinstance(frame, Ping):
            self._out.put(Pong(clock.now(), self._feeds.heads()))
            return
        if isinstance(frame, Resume):
            self._feeds.resume(frame.feed, frame.after)
            return
        self._bucket, enough = self._bucket.take(clock.now())
        if isinstance(frame, Do):
            if not enough:
                self._too_fast += 1
                self._out.put(Refusal(frame.id, "too_fast", self._bucket.wait_ms()))
                if self._too_fast >= TOO_FAST_LIMIT:
                    self._end(Close.TOO_FAST)
            elif not self._work.take(frame):
                self._out.put(Refusal(frame.id, "too_fast", 1000))
            else:
                self._too_fast = max(0, self._too_fast - FORGIVEN)
        elif isinstance(frame, Whisk) and enough:
            self._feeds.whisk(frame.to, frame.hint)

    async def _watch(self) -> None:
        """Ask the doorman again and again whether the guest may stay; while nobody can tell, they stay.

        All sockets of a process ask at the same instants: the first one's answer serves them all.
        """
        while True:
            await asyncio.sleep(WATCH_S - clock.monotonic() % WATCH_S)
            with contextlib.suppress(Unavailable):
                code = await self._doorman.stays(self._hub, self._guest, clock.monotonic() - self._work.said_at)
                if code:
                    self._end(code)
                    return


class Gone(Exception):
    """The peer closed the socket."""
