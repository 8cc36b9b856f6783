"""Connections come back, whoever borrowed them was given up or not."""

import asyncio

import pytest

from kernel.pool import Pool
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
