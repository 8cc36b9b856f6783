"""What one client has asked to be done: carried out one after another, within bounds; what lingers, beside the rest."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from kernel import clock
from kernel.doorman import Doorman, answer
from kernel.errand import Errand
from kernel.hub import Hub
from kernel.outbound import Outbound, Overflow
from kernel.wire import Do, Refusal, word_of

log = logging.getLogger("xinqiao.door")

WORK_LIMIT, WORK_LIMIT_BYTES = 64, 64 * 1024
LINGERING_LIMIT = 4


class Worklist:
    """The commands of one socket, in the order they came."""

    def __init__(
        self, hub: Hub, doorman: Doorman, guest: Any, out: Outbound, failed: Callable[[Exception], None]
    ) -> None:
        """Carry out on behalf of `guest` and answer by `out`; `failed` hears what ends the socket."""
        self._hub, self._doorman, self._guest, self._out = hub, doorman, guest, out
        self._waiting: deque[Do] | None = None
        self._bytes = 0
        self._working = Errand(self._carry_out, failed)
        self._beside: set[asyncio.Task[None]] = set()
        self.said_at = clock.monotonic()
        """When the last command was begun, on the clock that only grows."""

    def take(self, do: Do) -> bool:
        """Put a command last; False where too much waits already."""
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= WORK_LIMIT or self._bytes > WORK_LIMIT_BYTES:
            return False
        self._waiting.append(do)
        self._bytes += len(do.command)
        self._working.call()
        return True

    async def stop(self) -> None:
        """Give up what is under way; what was begun in the engine goes on there."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, self._working.stop(), return_exceptions=True)

    async def _carry_out(self) -> None:
        """Carry out what waits; what takes a while, beside the others."""
        while self._waiting:
            do = self._waiting.popleft()
            self._bytes -= len(do.command)
            self.said_at = clock.monotonic()
            if not self._doorman.lingers(word_of(do.command)):
                self._out.put(await answer(self._hub, self._doorman, self._guest, do))
            elif len(self._beside) < LINGERING_LIMIT:
                task = asyncio.create_task(self._linger(do))
                self._beside.add(task)
                task.add_done_callback(self._beside.discard)
            else:
                self._out.put(Refusal(do.id, "too_fast", 1000))
        self._waiting = None  # an empty queue weighs as much as all the rest of an idle socket's

    async def _linger(self, do: Do) -> None:
        """Carry out one command that may take a while; who does not read the answer will ask again."""
        try:
            said = await answer(self._hub, self._doorman, self._guest, do)
        except Exception:
            log.exception("a lingering command failed")
            said = Refusal(do.id, "unavailable", 1000)
        with contextlib.suppress(Overflow):
            self._out.put(said)
