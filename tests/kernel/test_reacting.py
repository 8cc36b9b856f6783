"""Reactions and timers on real PostgreSQL: healed after a crash, harmless twice, owed until they can be given."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.decider import Address
from kernel.engine import Engine
from kernel.reacting import OWED_PAGE
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Command, Row
from tests.kernel.conftest import Start
from tests.kernel.test_engine import at, counted
from tests.kernel.toy import Add, Added, Refuse, Tally

Run = Callable[[Any], None]
NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
ANNA = Actor(Role.VISITOR, "anna")


def copy_to_open(row: Row) -> tuple[tuple[Address, Add], ...]:
    """Every word said to a tally is told to its open twin, in two commands."""
    to = Address.of(row.feed)
    if to.kind != "tally" or not isinstance(row.event, Added):
        return ()
    twin = Address("open", to.id)
    return ((twin, Add((row.event.word,))), (twin, Add()))


def owes(row: Row) -> bool:
    """The tally's words are owed a reaction."""
    return row.feed.startswith("tally.")


async def told(engine: Engine, to: Address) -> list[str]:
    """The words of an open twin."""
    loaded = await engine.state(Address("open", to.id))
    return list(loaded.state.words) if loaded and isinstance(loaded.state, Tally) else []


@pytest.mark.promise("R1")
def test_a_crash_between_commit_and_reaction_is_healed_and_healing_twice_is_harmless(start: Start, run: Run) -> None:
    async def story() -> None:
        to = at()
        async with start(owes=owes, react=_crash) as dying:
            await dying.submit(to, Add(("一", "二", "三")), ANNA, NOW, "a")
            await dying.settled()
        async with start(owes=owes, react=copy_to_open) as engine, start(owes=owes, react=copy_to_open) as other:
            assert await told(engine, to) == []
            await asyncio.gather(engine.heal(clock.now()), other.heal(clock.now()))
            assert await told(engine, to) == ["一", "二", "三"]
            assert await counted(engine, "kernel_unreacted", to.feed) == 0
            assert await engine.heal(clock.now()) == 0

    run(story())


def _crash(_row: Row) -> tuple[tuple[Address, Add], ...]:
    """The process dies before it can react."""
    raise RuntimeError("killed")


@pytest.mark.promise("R1")
def test_replaying_every_reaction_adds_no_row(start: Start, run: Run) -> None:
    async def story() -> None:
        to = at()
        async with start(owes=owes, react=copy_to_open) as engine:
            for number in range(5):
                await engine.submit(to, Add((f"w{number}",)), ANNA, NOW, f"c{number}")
            await engine.settled()
            before = await told(engine, to)
            assert sorted(before) == [f"w{n}" for n in range(5)]
            await engine.store.run(
                "INSERT INTO kernel_unreacted (feed, seq, at) SELECT feed, seq, at FROM kernel_logrow WHERE feed = %s",
                (to.feed,),
            )
            handled = await counted(engine, "kernel_handled", f"open.{to.id}")
            assert await engine.heal(clock.now()) == 1
            assert await told(engine, to) == before
            assert await counted(engine, "kernel_handled", f"open.{to.id}") == handled

    run(story())


def test_a_reaction_to_what_does_not_exist_yet_stays_owed_and_holds_nothing_else_up(start: Start, run: Run) -> None:
    """A contact whose line the clock has not set up yet is queued as soon as it is, and screened meanwhile."""
    where = at("open")

    def refused_first(row: Row) -> tuple[tuple[Address, Any], ...]:
        if not isinstance(row.event, Added) or row.feed == where.feed:
            return ()
        waiting = (where, Refuse()) if row.event.word == "wait" else (Address("open", "elsewhere"), Add(("x",)))
        return (waiting,)

    async def story() -> None:
        to = at()
        async with start(owes=owes, react=refused_first) as engine:
            await engine.submit(to, Add(("wait", "go")), ANNA, clock.now(), "a")
            await engine.settled()
            assert await counted(engine, "kernel_unreacted", to.feed) == 1
            assert await engine.state(Address("open", "elsewhere")) is not None
            later = clock.now() + timedelta(seconds=5)
            await engine.heal(later)
            assert await counted(engine, "kernel_unreacted", to.feed) == 1, "still owed"
            await engine.submit(where, Add(("now",)), ANNA, NOW, "b")
            await engine.heal(later)
            assert await counted(engine, "kernel_unreacted", to.feed) == 0

    run(story())


def test_the_clock_wakes_what_is_due_until_it_is_not(start: Start, run: Run) -> None:
    async def story() -> None:
        to = at()
        async with start() as engine, start() as other:
            await engine.submit(to, Add(("一", "二")), ANNA, NOW, "a")
            for minute in range(3):
                later = NOW + timedelta(minutes=minute)
                await asyncio.gather(engine.elapse(later), other.elapse(later))
            loaded = await engine.state(to)
            assert loaded is not None
            assert loaded.state.woken == 2
            assert await engine.elapse(NOW) == 0
            assert (await engine.read(to.feed, 2))[0].by == SYSTEM

    run(story())


def test_a_crowd_that_arrives_at_once_is_reacted_to_once_per_event(start: Start, run: Run) -> None:
    seen: list[int] = []

    def counting(row: Row) -> tuple[tuple[Address, Add], ...]:
        """React, and count."""
        seen.append(row.seq)
        return copy_to_open(row)

    async def story() -> None:
        to = at()
        async with start(owes=owes, react=counting) as engine:
            await asyncio.gather(
                *(engine.submit(to, Add((f"w{number}",)), ANNA, NOW, f"c{number}") for number in range(40))
            )
            await engine.settled()
            assert len(await told(engine, to)) == 40
            assert await counted(engine, "kernel_unreacted", to.feed) == 0
            assert sorted(seen) == list(range(1, 41))

    run(story())


def test_only_what_may_be_slow_is_found_on_a_thread(start: Start, run: Run) -> None:
    where: list[tuple[str, bool]] = []
    loops = 0

    def noting(row: Row) -> tuple[tuple[Address, Add], ...]:
        """React, and say where."""
        word = row.event.word if isinstance(row.event, Added) else ""
        where.append((word, threading.get_ident() == loops))
        return copy_to_open(row)

    async def story() -> None:
        nonlocal loops
        loops = threading.get_ident()
        to = at()
        async with start(owes=owes, react=noting, slow=lambda row: row.seq > 1) as engine:
            for word in ("quick", "slow"):
                await engine.submit(to, Add((word,)), ANNA, NOW, word)
                await engine.settled()
        assert where == [("quick", True), ("slow", False)]

    run(story())


def test_events_behind_a_page_of_what_cannot_be_given_are_reacted_to(start: Start, run: Run) -> None:
    def nowhere_first(row: Row) -> tuple[tuple[Address, Command], ...]:
        """All but the last word are addressed to what does not exist."""
        found: tuple[tuple[Address, Command], ...] = copy_to_open(row)
        word = row.event.word if isinstance(row.event, Added) else ""
        return found if word == "最后" else ((Address("tally", "nobody"), Refuse()),)

    async def story() -> None:
        to = at()
        async with start(owes=owes, react=nowhere_first) as engine:
            await engine.submit(to, Add(tuple(f"w{n}" for n in range(OWED_PAGE + 3))), ANNA, clock.now(), "a")
            await engine.submit(to, Add(("最后",)), ANNA, clock.now(), "b")
            await engine.settled()
            assert await told(engine, to) == ["最后"]

    run(story())
