"""Brakes: a bucket per source, a bounded number of sources, and a loop that is late is noticed."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.voice.limits import STALL_MS, Allowances, LagWatch
from tests.chat.voice.peers import eventually


@given(st.lists(st.floats(0, 0.2), max_size=200))
def test_nobody_gets_more_than_burst_and_rate(pauses: list[float]) -> None:
    allowances = Allowances(5, 10)
    now = 100.0
    taken = 0
    for pause in pauses:
        now += pause
        taken += allowances.take("a", now)
    assert taken <= 5 + (now - 100.0) * 10 + 1e-6


def test_one_source_s_flood_takes_nothing_from_another() -> None:
    allowances = Allowances(3, 1)
    assert [allowances.take("flood", 0.0) for _ in range(5)] == [True, True, True, False, False]
    assert allowances.take("other", 0.0)
    assert allowances.take("flood", 1.0)


def test_a_million_sources_do_not_fill_the_memory() -> None:
    allowances = Allowances(3, 1, size=100)
    for source in range(10_000):
        allowances.take(source, 0.0)
    assert len(allowances._buckets) == 100


def hold_up() -> None:
    """What must never happen on a media loop."""
    time.sleep((STALL_MS + 150) / 1000)


async def test_a_loop_that_is_held_up_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    watch = LagWatch()
    watch.start()
    await asyncio.sleep(0)
    hold_up()
    assert await eventually(lambda: "media loop stalled" in caplog.text)
    watch.stop()
    assert watch.worst_ms > STALL_MS
    assert watch.typical_ms < watch.worst_ms


async def test_a_lone_hiccup_of_a_loop_that_has_just_begun_is_not_typical() -> None:
    watch = LagWatch()
    watch.start()
    await asyncio.sleep(0)
    hold_up()
    assert await eventually(lambda: watch.worst_ms > STALL_MS)
    watch.stop()
    assert watch.typical_ms < 50
