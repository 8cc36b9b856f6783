"""Runs ORM calls off the event loop: a bounded executor of their own, a deadline, connections given back."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from kernel import clock
from kernel.errors import Unavailable
from kernel.pool import sever

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4
BACKLOG = 128
DEADLINE_S = 5.0

_executor = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="orm")
_waiting = 0
_answered_at = float("-inf")  # when the database last did what a call of this process asked


def guarded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call with fresh connections before and after; a database that does not answer becomes Unavailable."""
    close_old_connections()
    try:
        return call(*args, **kwargs)
    except (DatabaseError, InterfaceError) as fault:
        raise Unavailable(type(fault).__name__) from None
    finally:
        close_old_connections()


class _UnderWay:
    """A call in its thread, and the connection it may be waiting on."""

    def __init__(self) -> None:
        """It waits for a thread."""
        self._wrapper: Any = None
        self._over = self._given_up = False
        self._began_at = clock.monotonic()

    def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call, in the thread; what was given up before its turn is not begun."""
        global _answered_at  # noqa: PLW0603 - one instant per process; which of two threads wrote it last does not matter
        if self._given_up:
            raise Unavailable("deadline")
        self._wrapper = connections["default"]  # this thread's own
        try:
            answer = guarded(call, *args, **kwargs)
            _answered_at = clock.monotonic()
            return answer
        finally:
            self._over = True

    def sever(self) -> None:
        """Nobody waits for it any more: let it fail now.

        The pool's other connections may lead nowhere as well, unless somebody was answered meanwhile: then the database
        is slow, and would be slower still if everybody had to connect anew.
        """
        self._given_up = True
        raw = getattr(self._wrapper, "connection", None)
        if raw is not None and not self._over:
            sever(raw)
            if self._wrapper.pool and _answered_at < self._began_at:
                self._wrapper.pool.drain()


def in_time(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call the ORM in a thread of the caller's own; raises Unavailable past the deadline."""
    under_way = _UnderWay()
    end = threading.Timer(DEADLINE_S, under_way.sever)
    end.start()
    try:
        return under_way.run(call, *args, **kwargs)
    finally:
        end.cancel()


async def off_loop(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await a call of the ORM; raises Unavailable past the deadline or when too many wait already.

    The driver would wait for an answer for as long as nobody says that there will be none: a call past its deadline
    has its connection severed, so a database that is frozen, or a way to it that is dead, gives the thread back.
    """
    global _waiting  # noqa: PLW0603 - one counter per process, touched on the event loop only
    if _waiting >= BACKLOG:
        raise Unavailable("backlog")
    _waiting += 1
    under_way = _UnderWay()
    try:
        async with asyncio.timeout(DEADLINE_S):
            in_thread = sync_to_async(under_way.run, thread_sensitive=False, executor=_executor)
            return await in_thread(call, *args, **kwargs)
    except TimeoutError:
        under_way.sever()
        raise Unavailable("deadline") from None
    finally:
        _waiting -= 1
