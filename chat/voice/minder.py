"""Keeps a worker's calls as their sessions say: who hears whom, who is still in, whether the call is here at all.

A worker follows the sessions of its calls itself. So a hold or a whisper is carried out whichever process took the
command, also when the process that passed the offer on is gone; and while the store is down calls go on as they are.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from typing_extensions import override

from chat.domain.call_state import CallState, legs, routes
from chat.domain.session import DECIDER
from chat.voice.contract import MediaEngine
from kernel.decider import Address
from kernel.errors import Refused, Unavailable
from kernel.hub import Hub
from kernel.redact import loggable
from kernel.replica import Replica
from kernel.seal import Erased
from kernel.wire import Row

log = logging.getLogger("xinqiao.voice")

RETRY_S = 0.5

After = Callable[[CallState], Awaitable[None]]


def contact_of(call: str) -> str:
    """Whose call this is; calls are numbered behind the contact's id."""
    return call.rpartition(".")[0]


class Watch(Replica):
    """A session as this process knows it, with a bell for its news."""

    def __init__(self, contact: str) -> None:
        """Begin empty; there is something to read."""
        super().__init__(DECIDER, Address("session", contact))
        self.news = asyncio.Event()

    @override
    def wake(self, feed: str, rows: tuple[Row, ...]) -> None:
        """Fold, and ring."""
        super().wake(feed, rows)
        self.news.set()

    @property
    def call(self) -> CallState:
        """The session's call."""
        found: CallState = self.state.call
        return found


class Minder:
    """One worker's calls, each with a task of its own."""

    def __init__(self, hub: Hub, engine: MediaEngine, node: str, after: After) -> None:
        """Mind calls that are placed on `node`; `after` is told each state that was carried out, and the last."""
        self._hub = hub
        self._engine = engine
        self._node = node
        self._after = after
        self._watches: dict[str, Watch] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def opened(self, call: str) -> None:
        """A call has a new leg: begin to mind it, or look at it again."""
        known = self._watches.get(call)
        if known is not None:
            known.news.set()
            return
        self._watches[call] = Watch(contact_of(call))
        task = asyncio.create_task(self._mind(call, self._watches[call]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def call(self, call: str) -> CallState | None:
        """What is known of a call here."""
        watch = self._watches.get(call)
        return watch.call if watch is not None else None

    async def stop(self) -> None:
        """Mind nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _mind(self, call: str, watch: Watch) -> None:
        """Follow one call to its end."""
        try:
            while await self._look(call, watch):
                await watch.news.wait()
        finally:
            self._watches.pop(call, None)
            self._hub.registry.unfollow(f"session.{contact_of(call)}", watch)
            with contextlib.suppress(Refused):
                await self._engine.close_call(call)

    async def _look(self, call: str, watch: Watch) -> bool:
        """Carry out what stands now; False where the call is over or lives elsewhere."""
        watch.news.clear()
        try:
            await watch.refresh(self._hub.engine, self._hub.registry)
        except Unavailable:
            await asyncio.sleep(RETRY_S)
            watch.news.set()
            return True
        except Erased:
            return False
        except Exception:
            log.exception("session cannot be followed %s", loggable({"feed": f"session.{contact_of(call)}"}))
            return False
        state = watch.call
        here = state.call == call and state.going_on and state.node == self._node
        if here:
            await self._carry_out(state)
        await self._after(state if here else CallState(call=call))
        return here

    async def _carry_out(self, state: CallState) -> None:
        """Hang up who is no longer in, then connect the others."""
        with contextlib.suppress(Refused):
            for leg in sorted(self._engine.legs(state.call) - legs(state)):
                await self._engine.close_leg(state.call, leg)
            await self._engine.arrange(state.call, state.revision, routes(state))
