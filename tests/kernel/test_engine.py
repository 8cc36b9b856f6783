"""The laws of the engine, on real PostgreSQL and from two processes at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.decider import Address
from kernel.engine import Engine
from kernel.errors import Refused
from kernel.terms import Actor, Role
from tests.kernel.conftest import Start, fresh
from tests.kernel.toy import Add, Added, Refuse

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
@given(moves=MOVES, kind=st.sampled_from(["tally", "lasting", "open", "lazy", "late"]))
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
@pytest.mark.parametrize("kind", ["tally", "lazy"])
def test_two_processes_on_one_aggregate_lose_nothing(start: Start, run: Run, kind: str) -> None:
    async def story() -> None:
        to = at(kind)
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


@pytest.mark.promise("R1")
@pytest.mark.parametrize("kind", ["tally", "lazy"])
def test_a_process_that_is_busier_never_starves_another(start: Start, run: Run, kind: str) -> None:
    """One writes without a pause from memory, the other must read first: it still gets its turn each time."""

    async def story() -> None:
        to = at(kind)
        async with start() as busy, start() as other:
            await busy.submit(to, Add(("first",)), ANNA, NOW, "first")
            done = asyncio.Event()

            async def writes_on() -> int:
                number = 0
                while not done.is_set():
                    number += 1
                    await busy.submit(to, Add(("b",)), ANNA, NOW, f"b{number}")
                return number

            writing = asyncio.create_task(writes_on())
            for number in range(15):
                await other.submit(to, Add(("o",)), ANNA, NOW, f"o{number}")
            done.set()
            written = await writing
            words = await assert_sound(other, to)
            assert (words.count("b"), words.count("o")) == (written, 15)

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


@pytest.mark.promise("R11")
@pytest.mark.parametrize("beside", [1, 3])
def test_a_feed_that_somebody_else_has_locked_holds_up_no_other(start: Start, run: Run, beside: int) -> None:
    """A node that stands still in its transaction keeps the lock for seconds; every batch waited for it."""

    async def story() -> None:
        async with start() as engine, start() as frozen:
            locked, others = at(), [at() for _ in range(beside)]
            for to in (locked, *others):
                await engine.submit(to, Add(("a",)), ANNA, NOW, "a")
            async with frozen.store.hold(locked.feed) as held:
                waiting = asyncio.ensure_future(engine.submit(locked, Add(("b",)), ANNA, NOW, "b"))
                for number in range(5):
                    await held.head(locked.feed, "nobody")  # or PostgreSQL ends what does nothing for three seconds
                    told = [engine.submit(to, Add(("b",)), ANNA, NOW, f"b{number}") for to in others]
                    async with asyncio.timeout(2):
                        await asyncio.gather(*told)
                assert not waiting.done()
            await waiting
            assert await assert_sound(engine, locked) == ["a", "b"]

    run(story())
