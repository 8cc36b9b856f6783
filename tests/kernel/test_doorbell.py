"""What goes between processes: rings survive the trip, large rows stay at home, a dead broker costs nothing."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from kernel.doorbell import INLINE_LIMIT_BYTES, QUEUE_LIMIT, Doorbell, Echo, Nudge, Whisper, _decoder, _encoder
from kernel.store import Line
from kernel.terms import Actor, Role
from kernel.wire import Typing

NOW = datetime(2026, 3, 10, 6, 30, 0, 123456, tzinfo=UTC)


def line(seq: int, size: int = 10) -> Line:
    """A sealed row."""
    return Line("session.c1", seq, "message.posted", "visitor", "c1", bytes(range(256)) * (size // 256 + 1), NOW)


def bell() -> Doorbell:
    """A doorbell that is not connected to anything."""

    async def nobody(_ring: Any) -> None:
        """Hear nothing."""

    return Doorbell("p1", nobody)


@pytest.mark.parametrize(
    "ring",
    [
        Nudge("p1", "session.c1", 7, (line(6), line(7))),
        Nudge("p1", "session.c1", 7, ()),
        Whisper("p1", "session.c1", Actor(Role.VISITOR, "c1"), Typing(False)),
        Echo("p1"),
    ],
)
def test_a_ring_arrives_as_it_was_sent(ring: Nudge | Whisper | Echo) -> None:
    assert _decoder.decode(_encoder.encode(ring)) == ring


def test_small_rows_travel_with_the_nudge_and_large_ones_are_read() -> None:
    async def story() -> None:
        ringing = bell()
        ringing.nudge("session.c1", (line(1), line(2)))
        ringing.nudge("session.c1", (line(3, INLINE_LIMIT_BYTES + 1),))
        small, large = ringing._outbox.get_nowait(), ringing._outbox.get_nowait()
        assert isinstance(small, Nudge)
        assert isinstance(large, Nudge)
        assert (small.seq, len(small.lines)) == (2, 2)
        assert (large.seq, len(large.lines)) == (3, 0)

    asyncio.run(story())


@pytest.mark.promise("R11")
def test_with_a_dead_broker_ringing_neither_waits_nor_grows() -> None:
    async def story() -> None:
        ringing = bell()
        for seq in range(QUEUE_LIMIT + 50):
            ringing.nudge("session.c1", (line(seq),))
        assert ringing._outbox.qsize() == QUEUE_LIMIT
        oldest = ringing._outbox.get_nowait()
        assert isinstance(oldest, Nudge)
        assert oldest.seq == 50, "the oldest are dropped, the newest are kept"

    asyncio.run(story())
