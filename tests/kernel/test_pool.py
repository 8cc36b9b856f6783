"""Connections come back, whoever borrowed them was given up or not; and only those that lead nowhere are replaced."""

import asyncio

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.pool import CONNECT_AT_MOST_S, CONNECT_S, Connection, Pool, patience_s, pause_s
from server.wiring import conninfo


@pytest.mark.promise("R11")
def test_a_borrower_who_is_given_up_while_giving_back_costs_no_connection(transactional_db: None) -> None:
    async def story() -> None:
        pool = Pool(conninfo(), 1)
        await pool.open()
        until = asyncio.get_running_loop().time() + 5
        lent = await pool.take(until)
        async with pool._pool._lock:  # somebody else is being served just now
            giving = asyncio.create_task(pool.give(lent))
            await asyncio.sleep(0)
            giving.cancel()
            await asyncio.gather(giving, return_exceptions=True)
        again = await pool.take(until)
        await pool.give(again)
        await pool.close()

    asyncio.run(story())


async def _asked(pool: Pool, connection: Connection, statement: str, seconds: float) -> bool:
    """Whether a lent connection answered in time."""
    try:
        with pool.within(connection, asyncio.get_running_loop().time() + seconds):
            await connection.execute(statement)
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.promise("R11")
def test_one_slow_answer_costs_no_connection_that_has_answered_meanwhile(transactional_db: None) -> None:
    """On a crowded machine all of them were closed at each deadline, and making them anew took longer than the next."""

    async def story() -> None:
        pool = Pool(conninfo(), 3)
        await pool.open()
        until = asyncio.get_running_loop().time() + 30
        slow, quick, idle = [await pool.take(until) for _ in range(3)]
        pids, kept = {each.info.backend_pid for each in (slow, quick, idle)}, quick.info.backend_pid
        slowly = asyncio.create_task(_asked(pool, slow, "SELECT pg_sleep(20)", 1.0))
        await asyncio.sleep(0)
        while not slowly.done():
            assert await _asked(pool, quick, "SELECT 1", 10)
        assert not slowly.result()
        assert (pool.trusts(quick), pool.trusts(idle), pool.trusts(slow)) == (True, False, False)
        for each in (slow, quick, idle):
            await pool.give(each)
        again = [await pool.take(until) for _ in range(3)]
        assert pids & {each.info.backend_pid for each in again} == {kept}
        for each in again:
            await pool.give(each)
        await pool.close()

    asyncio.run(story())


@pytest.mark.promise("R11")
@given(st.floats(0, CONNECT_AT_MOST_S))
def test_a_machine_too_slow_to_connect_is_waited_for_longer_and_a_way_that_forgets_is_still_tried_in_short(
    need_s: float,
) -> None:
    """Whatever a connection takes, up to the most, some dial lasts long enough; no two long ones follow each other."""
    in_vain_s, patiences = 0.0, []
    for dial in range(1, 9):
        patiences.append(patience_s(dial, in_vain_s))
        in_vain_s += patiences[-1]
    assert patiences[::2] == [CONNECT_S] * 4
    assert any(patience >= need_s for patience in patiences)


@given(st.floats(0, 3600))
def test_the_first_dial_is_at_once_and_none_waits_longer_than_a_second(in_vain_s: float) -> None:
    assert pause_s(0.0) == 0.0
    assert 0.0 <= pause_s(in_vain_s) <= 1.0
    assert pause_s(1.0) < 0.2  # PostgreSQL is back from a crash within one
