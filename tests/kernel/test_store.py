"""A call on the store ends at its deadline, whatever the database or the way to it does, and the next one may work."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from kernel.errors import Unavailable
from kernel.store import Store
from server.wiring import conninfo
from tests.faults.network import Cable, network

pytestmark = [pytest.mark.promise("R11"), pytest.mark.django_db(transaction=True)]
DEADLINE_S = 2.0


@pytest.fixture
def cable() -> Iterator[Cable]:
    """The way from the store to PostgreSQL."""
    with network() as lines:
        port = conninfo_to_dict(conninfo()).get("port") or urlsplit(settings.DATABASE_URL).port or 5432
        lines.lay("postgres", int(port))
        yield lines.cables["postgres"]


@contextlib.asynccontextmanager
async def store_on(cable: Cable) -> AsyncIterator[Store]:
    """A store that reaches PostgreSQL through the cable, with all of its connections open."""
    store = Store(make_conninfo(conninfo(), port=cable.port), size=2, deadline_s=DEADLINE_S)
    await store.open()
    try:
        await _opened(store)
        yield store
    finally:
        await store.close()


async def _opened(store: Store) -> None:
    """Wait until both connections are there: on a crowded machine connecting alone takes longer than a call may."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(Unavailable):
                await asyncio.gather(*(store.fetch("SELECT pg_sleep(0.1)", ()) for _ in range(2)))
                return


async def seconds_until_unavailable(store: Store) -> float:
    """How long a call takes to say that it cannot."""
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await store.fetch("SELECT 1", ())
    return time.monotonic() - began


async def test_a_way_that_went_silent_costs_the_deadline_and_not_a_moment_more(cable: Cable) -> None:
    async with store_on(cable) as store:
        cable.silent = True
        waits = await asyncio.gather(*(seconds_until_unavailable(store) for _ in range(5)))
        assert max(waits) < DEADLINE_S + 1
        cable.heal()
        assert await store.fetch("SELECT 1", ()) == [(1,)]


async def test_connections_that_are_dead_without_a_word_cost_one_deadline_for_all_of_them(cable: Cable) -> None:
    async with store_on(cable) as store:
        cable.forget()
        assert await seconds_until_unavailable(store) < DEADLINE_S + 1
        began = time.monotonic()
        for _ in range(6):
            assert await store.fetch("SELECT 1", ()) == [(1,)]
        assert time.monotonic() - began < DEADLINE_S


async def test_connections_that_were_reset_are_replaced_within_the_call(cable: Cable) -> None:
    async with store_on(cable) as store:
        cable.cut()
        for _ in range(6):
            assert await store.fetch("SELECT 1", ()) == [(1,)]


async def test_a_statement_that_takes_too_long_is_let_go_at_the_deadline(cable: Cable) -> None:
    async with store_on(cable) as store:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            async with store.connection() as held:
                await held.execute("SELECT pg_sleep(3)")
        assert time.monotonic() - began < DEADLINE_S + 1
        async with store.connection() as held:
            assert not held.closed
            assert await (await held.execute("SELECT 1")).fetchone() == (1,)
        sleeping = (
            "SELECT 1 FROM pg_stat_activity"
            " WHERE query LIKE '%%pg_sleep(3)%%' AND state = 'active' AND pid <> pg_backend_pid()"
        )
        async with asyncio.timeout(10):  # PostgreSQL itself notices when it wakes
            while await store.fetch(sleeping, ()):
                await asyncio.sleep(0.05)


async def cut_off_in(store: Store, feed: str, cable: Cable) -> None:
    """Hold a feed, and lose the way to PostgreSQL."""
    async with store.hold(feed) as held:
        cable.forget()
        await held.head(feed, "nobody")


async def test_a_node_that_is_cut_off_while_it_holds_a_feed_gives_it_back_within_seconds(cable: Cable) -> None:
    """Left alone, PostgreSQL would keep the lock for two hours, and every node's writing would wait for it."""
    feed = "tally.cutoff"
    make = "INSERT INTO kernel_aggregate (feed, kind, contact, seq, state) VALUES (%s, 'tally', '', 1, '')"
    move = "UPDATE kernel_aggregate SET seq = seq + 1 WHERE feed = %s RETURNING seq"
    near = Store(conninfo())
    await near.open()
    try:
        await near.run(make, (feed,))
        async with store_on(cable) as far:
            with pytest.raises(Unavailable):
                await cut_off_in(far, feed, cable)
            async with asyncio.timeout(10):
                while True:
                    with contextlib.suppress(Unavailable):
                        assert await near.fetch(move, (feed,)) == [(2,)]
                        break
    finally:
        await near.close()


async def test_an_error_of_the_statement_itself_is_not_unavailability(cable: Cable) -> None:
    async with store_on(cable) as store:
        with pytest.raises(psycopg.errors.UndefinedTable):
            await store.fetch("SELECT * FROM nowhere", ())
        assert await store.fetch("SELECT 1", ()) == [(1,)]
