"""Many askers, one call: what gathers while a call is under way is answered by the next; nobody waits for company."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

BATCH_LIMIT = 500

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Batch(Generic[Key, Answer]):
    """Answers one key at a time to whoever asks, and several at once to whatever has to be asked."""

    def __init__(self, work: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Answer]]]) -> None:
        """`work` answers every key it is given; one call at a time, each begun after its keys were asked."""
        self._work = work
        self._waiting: list[tuple[Key, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, key: Key) -> Answer:
        """The answer; raises what the call raised."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await answer

    async def _drain(self) -> None:
        """Call again and again until nobody waits."""
        while self._waiting:
            taken, self._waiting = self._waiting[:BATCH_LIMIT], self._waiting[BATCH_LIMIT:]
            try:
                found = await self._work([key for key, _ in taken])
            except Exception as fault:
                for _, answer in taken:
                    if not answer.done():  # its asker may have gone
                        answer.set_exception(fault)
            else:
                for key, answer in taken:
                    if not answer.done():
                        answer.set_result(found[key])
