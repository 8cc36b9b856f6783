"""Work of a socket that is begun when there is some: a socket on which nobody speaks holds no task waiting for it."""

import asyncio
from collections.abc import Awaitable, Callable


class Errand:
    """Runs `work` whenever it is called for, never twice at once; called for meanwhile, it runs once more."""

    __slots__ = ("_again", "_failed", "_over", "_task", "_work")

    def __init__(self, work: Callable[[], Awaitable[None]], failed: Callable[[Exception], None] | None = None) -> None:
        """`failed` hears what `work` raised; without it the event loop does."""
        self._work, self._failed = work, failed
        self._task: asyncio.Task[None] | None = None
        self._again = self._over = False

    def call(self) -> None:
        """There is something to do; after the end, or a failure, nothing is done any more."""
        if self._over:
            return
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        else:
            self._again = True

    async def stop(self) -> None:
        """Give up what is under way, for good."""
        self._over = True
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        """Work until nobody has called meanwhile."""
        try:
            self._again = True
            while self._again:
                self._again = False
                await self._work()
        except Exception as fault:
            self._over = True
            if self._failed is None:
                raise
            self._failed(fault)
        finally:
            self._task = None
