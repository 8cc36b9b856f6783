"""Many askers, one call: everybody gets their own answer, from a call that began after they had asked."""

import asyncio
from collections.abc import Sequence

import pytest

from kernel.batch import BATCH_LIMIT, Batch
from kernel.errors import Unavailable


class Calls:
    """Records what it is asked; answers when it is let."""

    def __init__(self) -> None:
        """Closed, and nothing is broken."""
        self.seen: list[list[int]] = []
        self.open = asyncio.Event()
        self.broken = False

    async def __call__(self, keys: Sequence[int]) -> dict[int, int]:
        """The square of each."""
        self.seen.append(list(keys))
        await self.open.wait()
        if self.broken:
            raise Unavailable("down")
        return {key: key * key for key in keys}


async def test_a_lone_asker_does_not_wait_for_company_and_those_who_come_meanwhile_share_the_next_call() -> None:
    calls = Calls()
    batch: Batch[int, int] = Batch(calls)
    first = asyncio.ensure_future(batch.ask(1))
    while not calls.seen:
        await asyncio.sleep(0)
    others = [asyncio.ensure_future(batch.ask(key)) for key in (2, 3, 3)]
    await asyncio.sleep(0)
    calls.open.set()
    assert await asyncio.gather(first, *others) == [1, 4, 9, 9]
    assert calls.seen == [[1], [2, 3, 3]]


async def test_a_crowd_is_answered_in_bounded_calls() -> None:
    calls = Calls()
    calls.open.set()
    batch: Batch[int, int] = Batch(calls)
    crowd = range(BATCH_LIMIT + 1)
    assert await asyncio.gather(*(batch.ask(key) for key in crowd)) == [key * key for key in crowd]
    assert [len(keys) for keys in calls.seen] == [BATCH_LIMIT, 1]


async def test_a_call_that_fails_fails_those_who_shared_it_and_nobody_after_them() -> None:
    calls = Calls()
    calls.broken = True
    batch: Batch[int, int] = Batch(calls)
    asked = [asyncio.ensure_future(batch.ask(key)) for key in (1, 2, 3)]
    while not calls.seen:
        await asyncio.sleep(0)
    asked[0].cancel()  # its answer has nobody to go to
    calls.open.set()
    gone, *failed = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(gone, asyncio.CancelledError)
    assert all(isinstance(fault, Unavailable) for fault in failed)
    calls.broken = False
    with pytest.raises(Unavailable):
        await asked[1]
    assert await batch.ask(4) == 16
