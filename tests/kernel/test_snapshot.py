"""A snapshot is a shortcut: how often it is written changes no answer, no row and no state, whoever reads it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.codec import Keyring
from kernel.decider import Address, Sealing
from kernel.engine import Engine
from kernel.errors import Refused
from kernel.store import Store
from kernel.terms import Actor, Role
from tests.kernel.conftest import MASTERS, Start, fresh
from tests.kernel.toy import Add, Refuse, tally

Run = Callable[[Any], None]
NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
ANNA = Actor(Role.VISITOR, "anna")
WORDS = st.lists(st.sampled_from(["好", "累", "x"]), max_size=4).map(tuple)
MOVES = st.lists(
    st.tuples(
        st.integers(0, 2),  # which process; 2 is one that has just started
        st.sampled_from("abcdefgh"),  # the client's id
        st.one_of(st.none(), WORDS, WORDS, WORDS),
    ),
    min_size=1,
    max_size=14,
)


async def told(engine: Engine, to: Address, words: tuple[str, ...] | None, cid: str) -> int | None:
    """The seq answered, None where refused."""
    try:
        return await engine.submit(to, Refuse() if words is None else Add(words), ANNA, NOW, cid)
    except Refused:
        return None


async def lived(store: Store, every: int, sealing: Sealing, moves: list[tuple[int, str, Any]]) -> tuple[Any, ...]:
    """One life of an aggregate with a snapshot `every` so many events: the answers, the events, the state at last."""
    decider = tally("tally", sealing, snapshot_every=every)
    to = Address(*fresh())

    def process() -> Engine:
        return Engine(store, {"tally": decider}, Keyring(store, MASTERS))

    both = process(), process()
    answers = [await told(both[0], to, ("first",), "first")]
    for which, cid, words in moves:
        answers.append(await told(both[which] if which < 2 else process(), to, words, cid))
    events = tuple(row.event for row in await both[0].read(to.feed, 0))
    state = decider.fold(decider.initial, events)
    for engine in (*both, process()):
        loaded = await engine.state(to)
        assert loaded is not None
        assert (loaded.seq, loaded.state) == (len(events), state)
    place = "SELECT seq, state_seq FROM kernel_aggregate WHERE feed = %s"
    ((seq, state_seq),) = await store.fetch(place, (to.feed,))
    assert 0 <= seq - state_seq < every, "the tail that has to be folded is bounded"
    return answers, events, state


@pytest.mark.promise("R1")
@given(moves=MOVES, every=st.sampled_from([2, 3, 64]), sealing=st.sampled_from(Sealing))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_how_often_a_snapshot_is_written_changes_nothing(
    start: Start, moves: list[tuple[int, str, Any]], every: int, sealing: Sealing
) -> None:
    async def story() -> None:
        async with start() as engine:
            often = await lived(engine.store, 1, sealing, moves)
            assert often == await lived(engine.store, every, sealing, moves)

    asyncio.run(story())


@pytest.mark.promise("R1")
def test_what_this_process_remembers_of_a_future_the_store_does_not_have_is_not_believed(
    start: Start, run: Run
) -> None:
    """An older backup was restored under a process that went on: the store is the truth."""

    async def story() -> None:
        to = Address(*fresh("lazy"))
        async with start() as engine, start() as other:
            for number in range(3):
                await engine.submit(to, Add((f"w{number}",)), ANNA, NOW, f"c{number}")
            for table in ("kernel_logrow", "kernel_handled"):
                await engine.store.run(f"DELETE FROM {table} WHERE feed = %s AND seq > 2", (to.feed,))
            await engine.store.run("UPDATE kernel_aggregate SET seq = 2 WHERE feed = %s", (to.feed,))
            for each in (engine, other):
                loaded = await each.state(to)
                assert loaded is not None
                assert (loaded.seq, loaded.state.words) == (2, ("w0", "w1"))
            assert await engine.submit(to, Add(("again",)), ANNA, NOW, "again") == 3

    run(story())


async def test_a_command_without_an_event_writes_no_snapshot(start: Start) -> None:
    to = Address(*fresh())
    async with start() as engine:
        await engine.submit(to, Add(("first",)), ANNA, NOW, "first")
        before = await engine.store.fetch("SELECT state, state_seq FROM kernel_aggregate WHERE feed = %s", (to.feed,))
        await engine.submit(to, Add(), ANNA, NOW, "nothing")
        after = await engine.store.fetch("SELECT state, state_seq FROM kernel_aggregate WHERE feed = %s", (to.feed,))
        assert [bytes(row[0]) for row in before] == [bytes(row[0]) for row in after]
        assert await engine.submit(to, Add(("late",)), ANNA, NOW, "nothing") == 1, "the id was carried out"
