"""Presence: a living process renews, a dead one is noticed, and who was taken for gone is announced again."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel import ids
from kernel.lease import HOLD, STALE_AFTER, Leases, drop, lapsed
from kernel.store import Store
from tests.kernel.conftest import Start

Run = Callable[[Any], None]
NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
LATE = NOW + STALE_AFTER + timedelta(milliseconds=1)


def subject() -> str:
    """Somebody new."""
    return f"visitor:{ids.contact_id()}"


async def noticed(store: Store, now: datetime) -> set[str]:
    """What the clock does: whom it finds to be nowhere any more, told of and dropped."""
    found = await lapsed(store, now)
    await drop(store, found)
    return {lease.subject for lease in found if not lease.elsewhere}


class Watched:
    """A store whose statements are counted, and whose holding of leases can be kept waiting."""

    def __init__(self, store: Store) -> None:
        """Nothing waits yet."""
        self._store = store
        self.statements: list[str] = []
        self.through = asyncio.Event()
        self.through.set()

    async def fetch(self, statement: str, arguments: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
        """As the store's."""
        self.statements.append(statement)
        if statement == HOLD:
            await self.through.wait()
        return await self._store.fetch(statement, arguments)

    async def run(self, statement: str, arguments: Sequence[Any] | dict[str, Any]) -> None:
        """As the store's."""
        await self.fetch(statement, arguments)


def test_two_tabs_are_one_presence_until_the_last_is_closed(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as engine:
            leases, who = Leases(engine.store, "p1"), subject()
            await leases.hold(who, NOW)
            await leases.hold(who, NOW)
            assert not await leases.release(who, NOW)
            assert await leases.is_present(who, NOW)
            assert await leases.release(who, NOW)
            assert not await leases.is_present(who, NOW)

    run(story())


def test_somebody_on_two_processes_is_there_until_both_let_go(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as engine:
            one, two, who = Leases(engine.store, "p1"), Leases(engine.store, "p2"), subject()
            await one.hold(who, NOW)
            await two.hold(who, NOW)
            assert not await one.release(who, NOW)
            assert await two.release(who, NOW)

    run(story())


@pytest.mark.promise("R2")
def test_a_process_that_dies_is_noticed_once_and_a_living_one_is_not(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as engine:
            dead, alive = Leases(engine.store, "dead"), Leases(engine.store, "alive")
            gone, both, here = subject(), subject(), subject()
            await dead.hold(gone, NOW)
            await dead.hold(both, NOW)
            await alive.hold(both, NOW)
            await alive.hold(here, NOW)
            assert await noticed(engine.store, NOW + STALE_AFTER) == set()
            await alive.renew(LATE)
            assert await noticed(engine.store, LATE) == {gone}
            assert await lapsed(engine.store, LATE) == []
            assert await alive.is_present(both, LATE)

    run(story())


@pytest.mark.promise("R2")
def test_renewing_tells_who_had_been_taken_for_gone(start: Start, run: Run) -> None:
    """A process that stood still comes back: its people are here again."""

    async def story() -> None:
        async with start() as engine:
            stalled, who, other = Leases(engine.store, "p1"), subject(), subject()
            await stalled.hold(who, NOW)
            await stalled.hold(other, NOW)
            assert await stalled.renew(NOW) == []
            assert await noticed(engine.store, LATE) == {who, other}
            assert set(await stalled.renew(LATE)) == {who, other}
            assert await stalled.renew(LATE) == []
            assert await Leases(engine.store, "p2").renew(LATE) == []

    run(story())


@pytest.mark.promise("R2")
def test_who_is_renewed_while_the_clock_tells_that_they_are_gone_is_told_of_again(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as engine:
            stalled, who = Leases(engine.store, "p1"), subject()
            await stalled.hold(who, NOW)
            found = await lapsed(engine.store, LATE)
            assert await stalled.renew(LATE) == [who]
            await drop(engine.store, found)
            assert await stalled.is_present(who, LATE)

    run(story())


@pytest.mark.promise("R2")
def test_what_was_given_back_and_never_told_is_found_by_the_clock(start: Start, run: Run) -> None:
    """The process was killed between giving the lease back and telling the rooms: nobody else knew of it."""

    async def story() -> None:
        async with start() as engine:
            killed, who, told = Leases(engine.store, "p1"), subject(), subject()
            for one in (who, told):
                await killed.hold(one, NOW)
                assert await killed.release(one, NOW)
            await killed.drop(told, NOW)
            assert await noticed(engine.store, NOW) == {who}
            assert await noticed(engine.store, LATE) == set()

    run(story())


def test_dropping_what_was_given_back_spares_who_came_back_and_left_again(start: Start, run: Run) -> None:
    """Their second leave has not been told yet."""

    async def story() -> None:
        async with start() as engine:
            leases, who, again = Leases(engine.store, "p1"), subject(), NOW + timedelta(seconds=1)
            for at in (NOW, again):
                await leases.hold(who, at)
                assert await leases.release(who, at)
            await leases.drop(who, NOW)
            assert await noticed(engine.store, again) == {who}

    run(story())


def test_a_crowd_that_comes_and_goes_at_once_is_written_in_a_few_statements(start: Start, run: Run) -> None:
    """One after another they were still there 5 s after all of their sockets had been cut."""

    async def story() -> None:
        async with start() as engine:
            store: Any = Watched(engine.store)
            leases, crowd = Leases(store, "p1"), [subject() for _ in range(1000)]
            await asyncio.gather(*(leases.hold(who, NOW) for who in crowd))
            assert all(await asyncio.gather(*(leases.is_present(who, NOW) for who in crowd)))
            assert all(await asyncio.gather(*(leases.release(who, NOW) for who in crowd)))
            assert not any(await asyncio.gather(*(leases.is_present(who, NOW) for who in crowd)))
            await asyncio.gather(*(leases.drop(who, NOW) for who in crowd))
            assert await lapsed(engine.store, LATE) == []
            assert len(store.statements) < 20

    run(story())


def test_a_renewal_under_way_does_not_bring_back_what_is_given_back_meanwhile(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as engine:
            store: Any = Watched(engine.store)
            leases, who = Leases(store, "p1"), subject()
            await leases.hold(who, NOW)
            store.through.clear()
            renewal = asyncio.ensure_future(leases.renew(NOW))
            leaving = asyncio.ensure_future(leases.release(who, NOW))
            await asyncio.wait([leaving], timeout=0.1)
            store.through.set()
            await renewal
            assert await leaving
            assert not await leases.is_present(who, NOW)

    run(story())


def test_who_comes_back_while_leaving_is_written_has_not_left(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as engine:
            leases, who = Leases(engine.store, "p1"), subject()
            await leases.hold(who, NOW)
            left, _ = await asyncio.gather(leases.release(who, NOW), leases.hold(who, NOW))
            assert not left
            assert await leases.is_present(who, NOW)

    run(story())
