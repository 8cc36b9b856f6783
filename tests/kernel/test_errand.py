"""Work that is begun when there is some: never twice at once, never forgotten, and none after the end."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from kernel.errand import Errand


@given(st.lists(st.sampled_from(["call", "pass", "free"]), max_size=30))
def test_whatever_was_there_when_it_was_called_for_is_done_and_by_one_at_a_time(steps: list[str]) -> None:
    async def story() -> None:
        waiting, done, inside, most = 0, 0, 0, 0
        gate = asyncio.Semaphore(0)

        async def work() -> None:
            nonlocal waiting, done, inside, most
            inside += 1
            most = max(most, inside)
            taken, waiting = waiting, 0
            await gate.acquire()
            done += taken
            inside -= 1

        errand, called = Errand(work), 0
        for step in steps:
            if step == "call":
                called, waiting = called + 1, waiting + 1
                errand.call()
            elif step == "free":
                gate.release()
            await asyncio.sleep(0)
        for _ in range(len(steps) + 2):
            gate.release()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert (done, most) == (called, min(called, 1))
        await errand.stop()

    asyncio.run(story())


def test_a_failure_is_told_once_and_ends_it() -> None:
    async def story() -> None:
        heard: list[Exception] = []

        async def work() -> None:
            raise ValueError

        errand = Errand(work, heard.append)
        for _ in range(3):
            errand.call()
            await asyncio.sleep(0)
        assert [type(fault) for fault in heard] == [ValueError]

    asyncio.run(story())


def test_after_the_end_nothing_is_begun() -> None:
    async def story() -> None:
        times = 0

        async def work() -> None:
            nonlocal times
            times += 1
            await asyncio.Event().wait()

        errand = Errand(work)
        errand.call()
        await asyncio.sleep(0)
        await errand.stop()
        errand.call()
        await asyncio.sleep(0)
        assert times == 1

    asyncio.run(story())
