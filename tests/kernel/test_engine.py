"""The laws of the engine, on real PostgreSQL and from two processes at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import clock
from kernel.decider import Address
from kernel.engine import Engine
from kernel.errors import Refused
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Row
from tests.kernel.conftest import Start, fresh
from tests.kernel.toy import Add, Added, Refuse, Tally

Run = Callable[[Any], None]
NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
ANNA = Actor(Role.VISITOR, "anna")

Move = tuple[int, str, tuple[str, ...] | None]
MOVES = st.lists(
    st.tuples(
        st.integers(0, 1),  # which process
        st.sampled_from("abcdef"),  # the client's id
        st.one_of(st.none(), st.lists(st.sampled_from(["好", "累", "x"]), max_size=3).map(tuple)),
    ),
    min_size=1,
    max_size=10,
)


def at(kind: str = "tally") -> Address:
    """A new aggregate's address."""
    return Address(*fresh(kind))


async def counted(engine: Engine, table: str, feed: str) -> int:
    """Rows of a feed in a table."""
    return int((await engine.store.fetch(f"SELECT count(*) FROM {table} WHERE feed = %s", (feed,)))[0][0])


async def assert_sound(engine: Engine, to: Address) -> list[str]:
    """Gapless, and the snapshot is the fold of the log; answers the words."""
    rows = await engine.read(to.feed, 0)
    loaded = await engine.state(to)
    decider = engine._deciders[to.kind]
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert loaded is not None
    assert loaded.seq == len(rows)
    assert loaded.state == decider.fold(decider.initial, tuple(row.event for row in rows))
    return [row.event.word for row in rows if isinstance(row.event, Added)]


@pytest.mark.promise("R1")
@given(moves=MOVES, kind=st.sampled_from(["tally", "open"]))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_log_is_the_state_and_an_id_counts_once(start: Start, moves: list[Move], kind: str) -> None:
    """Whatever is said twice, refused, empty, or said through another process."""

    async def story() -> None:
        to, answered, expected = at(kind), dict[str, int](), list[str]()
        async with start() as one, start() as two:
            await one.submit(to, Add(("first",)), ANNA, NOW, "first")
            for which, cid, words in moves:
                engine = (one, two)[which]
                rows_before = await counted(engine, "kernel_logrow", to.feed)
                handled_before = await counted(engine, "kernel_handled", to.feed)
                try:
                    seq = await engine.submit(to, Refuse() if words is None else Add(words), ANNA, NOW, cid)
                except Refused:
                    assert words is None
                    assert cid not in answered
                    assert await counted(engine, "kernel_handled", to.feed) == handled_before
                else:
                    assert answered.setdefault(cid, seq) == seq
                    if await counted(engine, "kernel_handled", to.feed) > handled_before:
                        expected += words or ()
                    else:
                        assert await counted(engine, "kernel_logrow", to.feed) == rows_before
            assert await assert_sound(one, to) == ["first", *expected]

    asyncio.run(story())


@pytest.mark.promise("R1")
@pytest.mark.parametrize("words", [("一",), ()], ids=["one event", "no event"])
def test_the_same_id_at_the_same_instant_through_two_processes_counts_once(
    start: Start, run: Run, words: tuple[str, ...]
) -> None:
    async def story() -> None:
        to = at()
        async with start() as one, start() as two:
            await one.submit(to, Add(("first",)), ANNA, NOW, "first")
            for number in range(12):
                asked = [e.submit(to, Add(words), ANNA, NOW, f"same-{number}") for e in (one, two, one, two)]
                assert len(set(await asyncio.gather(*asked))) == 1
            assert await assert_sound(two, to) == ["first", *words * 12]
            assert await counted(one, "kernel_handled", to.feed) == 13

    run(story())


@pytest.mark.promise("R1")
def test_an_opening_command_at_the_same_instant_opens_once(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as one, start() as two:
            for _ in range(6):
                to = at()
                asked = [e.submit(to, Add(("first",)), ANNA, NOW, "open") for e in (one, two)]
                assert await asyncio.gather(*asked) == [1, 1]
                assert await assert_sound(one, to) == ["first"]

    run(story())


@pytest.mark.promise("R1")
def test_two_processes_on_one_aggregate_lose_nothing(start: Start, run: Run) -> None:
    async def story() -> None:
        to = at()
        async with start() as one, start() as two:
            await one.submit(to, Add(("first",)), ANNA, NOW, "first")
            asked = [(one, two)[n % 2].submit(to, Add((f"w{n}",)), ANNA, NOW, f"c{n}") for n in range(40)]
            seqs = await asyncio.gather(*asked)
            assert sorted(seqs) == list(range(2, 42))
            assert sorted(await assert_sound(two, to)) == sorted(["first", *(f"w{n}" for n in range(40))])

    run(story())


def test_what_does_not_exist_answers_opening_commands_only(start: Start, run: Run) -> None:
    async def story() -> None:
        to = at()
        async with start() as engine:
            for address in (to, Address("nothing", "x")):
                with pytest.raises(Refused, match="unknown_feed"):
                    await engine.submit(address, Refuse(), ANNA, NOW, "x")
            assert await engine.state(to) is None
            assert await engine.submit(to, Add(), ANNA, NOW, "empty") == 0
            assert await engine.state(to) is None

    run(story())


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
            await engine.submit(to, Add(("wait", "go")), ANNA, NOW, "a")
            await engine.settled()
            assert await counted(engine, "kernel_unreacted", to.feed) == 1
            assert await engine.state(Address("open", "elsewhere")) is not None
            await engine.submit(where, Add(("now",)), ANNA, NOW, "b")
            await engine.heal(clock.now())
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


def test_who_listens_is_told_after_the_commit_and_in_order(start: Start, run: Run) -> None:
    async def story() -> None:
        to, heard = at(), []
        async with start(announce=lambda rows, lines: heard.append((rows, lines))) as engine:
            for number in range(5):
                await engine.submit(to, Add((f"w{number}", "x")), ANNA, NOW, f"c{number}")
            await engine.submit(to, Add(), ANNA, NOW, "nothing happened")
            assert [row.seq for rows, _ in heard for row in rows] == list(range(1, 11))
            assert [line.seq for _, lines in heard for line in lines] == list(range(1, 11))

    run(story())


@pytest.mark.promise("R1")
def test_a_caller_who_goes_away_leaves_the_log_sound(start: Start, run: Run) -> None:
    """The socket closes while its command is being written: done or not done, never half."""

    async def story() -> None:
        to = at()
        async with start() as engine:
            await engine.submit(to, Add(("first",)), ANNA, NOW, "first")
            for number in range(10):
                task = asyncio.create_task(engine.submit(to, Add((f"w{number}",)), ANNA, NOW, f"c{number}"))
                for _ in range(number):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await engine.submit(to, Add((f"w{number}",)), ANNA, NOW, f"c{number}")
            assert await assert_sound(engine, to) == ["first", *(f"w{n}" for n in range(10))]

    run(story())
