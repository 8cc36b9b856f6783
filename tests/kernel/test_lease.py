"""Presence: a living process renews, a dead one is noticed, and who was taken for gone is announced again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel import ids
from kernel.lease import STALE_AFTER, Leases, is_present, sweep
from tests.kernel.conftest import Start

Run = Callable[[Any], None]
NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
LATE = NOW + STALE_AFTER + timedelta(milliseconds=1)


def subject() -> str:
    """Somebody new."""
    return f"visitor:{ids.contact_id()}"


def test_two_tabs_are_one_presence_until_the_last_is_closed(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as engine:
            leases, who = Leases(engine.store, "p1"), subject()
            await leases.hold(who, NOW)
            await leases.hold(who, NOW)
            assert not await leases.release(who, NOW)
            assert await is_present(engine.store, who, NOW)
            assert await leases.release(who, NOW)
            assert not await is_present(engine.store, who, NOW)

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
            assert await sweep(engine.store, NOW + STALE_AFTER) == []
            await alive.renew(LATE)
            assert await sweep(engine.store, LATE) == [gone]
            assert await sweep(engine.store, LATE) == []
            assert await is_present(engine.store, both, LATE)

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
            assert set(await sweep(engine.store, LATE)) == {who, other}
            assert set(await stalled.renew(LATE)) == {who, other}
            assert await stalled.renew(LATE) == []
            assert await Leases(engine.store, "p2").renew(LATE) == []

    run(story())
