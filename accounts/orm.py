"""Runs ORM calls off the event loop: a bounded executor of their own, a deadline, connections given back."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections

from kernel.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4
BACKLOG = 128
DEADLINE_S = 5.0

_executor = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="orm")
_waiting = 0


def guarded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call with fresh connections before and after; a database that does not answer becomes Unavailable."""
    close_old_connections()
    try:
        return call(*args, **kwargs)
    except (DatabaseError, InterfaceError) as fault:
        raise Unavailable(type(fault).__name__) from None
    finally:
        close_old_connections()


async def off_loop(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await a call of the ORM; raises Unavailable past the deadline or when too many wait already.

    A call that ran past its deadline still holds its thread until the driver gives up, so a frozen database
    costs these few threads and never the event loop.
    """
    global _waiting  # noqa: PLW0603 - one counter per process, touched on the event loop only
    if _waiting >= BACKLOG:
        raise Unavailable("backlog")
    _waiting += 1
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await sync_to_async(guarded, thread_sensitive=False, executor=_executor)(call, *args, **kwargs)
    except TimeoutError:
        raise Unavailable("deadline") from None
    finally:
        _waiting -= 1
