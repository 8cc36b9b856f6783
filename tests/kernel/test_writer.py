"""Group commit: one statement per batch, each feed at most once in it, in order, and everybody is answered."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Unavailable
from kernel.store import Append, Store
from kernel.writer import BATCH_LIMIT, Writer

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def append(feed: str, number: int) -> Append:
    """Append number `number`."""
    return Append(feed, "tally", "", number, number + 1, b"", None, f"c{number}", NOW, (), ())


class Slow:
    """A store that takes a turn of the loop per batch and remembers what it was given."""

    def __init__(self, *faults: Exception | None) -> None:
        """`faults` are raised one per call, None for a call that works."""
        self.batches: list[list[Append]] = []
        self.faults = list(faults)

    async def append(self, batch: Sequence[Append]) -> set[str]:
        """Write."""
        self.batches.append(list(batch))
        await asyncio.sleep(0)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return {each.feed for each in batch}


async def write(store: Slow, appends: list[Append]) -> list[Any]:
    """Write all at once; answers or exceptions, in order."""
    writer = Writer(cast(Store, store))
    async with asyncio.timeout(5):
        return await asyncio.gather(*(writer.write(each) for each in appends), return_exceptions=True)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=150))
@settings(max_examples=60, deadline=None)
def test_each_feed_at_most_once_per_batch_and_in_order(feeds: list[str]) -> None:
    store = Slow()
    appends = [append(feed, number) for number, feed in enumerate(feeds)]
    assert asyncio.run(write(store, appends)) == [True] * len(feeds)
    for batch in store.batches:
        assert len(batch) <= BATCH_LIMIT
        assert len({each.feed for each in batch}) == len(batch)
    for feed in "abc":
        written = [each for batch in store.batches for each in batch if each.feed == feed]
        assert written == [each for each in appends if each.feed == feed]


def test_what_came_while_a_batch_was_written_is_the_next_batch() -> None:
    store = Slow()
    asyncio.run(write(store, [append(f"f{number}", number) for number in range(200)]))
    assert len(store.batches) <= 5


@pytest.mark.parametrize("fault", [Unavailable("x"), ValueError("a bug"), OSError("gone")])
def test_whatever_goes_wrong_everybody_is_answered_and_the_next_batch_is_written(fault: Exception) -> None:
    answers = asyncio.run(write(Slow(fault), [append("a", 0), append("b", 1), append("a", 2)]))
    assert [type(each) for each in answers] == [Unavailable, Unavailable, bool]


def test_a_row_that_breaks_a_constraint_hurts_only_itself() -> None:
    store = Slow(psycopg.errors.UniqueViolation(), psycopg.errors.UniqueViolation(), None, psycopg.DataError())
    answers = asyncio.run(write(store, [append("a", 0), append("b", 1), append("c", 2)]))
    assert answers[:2] == [False, True]
    assert isinstance(answers[2], Unavailable)
