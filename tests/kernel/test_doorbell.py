"""What goes between processes: rings survive the trip, large rows stay at home, a dead broker costs nothing."""

import asyncio
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pytest
import redis
from pytest_django import Settings

from kernel import ids
from kernel.doorbell import INLINE_LIMIT_BYTES, PEAL_LIMIT, QUEUE_LIMIT, Doorbell, Echo, Nudge, Whisper, _encoder, _peal
from kernel.store import Line
from kernel.terms import Actor, Role
from kernel.wire import Typing

HASTY_S = 0.3  # the read timeout of an impatient client
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
        Nudge("p1", "session.c1", 7, msgspec.Raw(_encoder.encode((line(6), line(7))))),
        Nudge("p1", "session.c1", 7, msgspec.Raw(_encoder.encode(()))),
        Whisper("p1", "session.c1", Actor(Role.VISITOR, "c1"), Typing(False)),
        Echo("p1"),
    ],
)
def test_a_ring_arrives_as_it_was_sent(ring: Nudge | Whisper | Echo) -> None:
    (heard,) = _peal.decode(_encoder.encode([ring]))
    assert _encoder.encode(heard) == _encoder.encode(ring)


def test_the_rows_of_a_nudge_are_decoded_for_whoever_asks() -> None:
    ringing = bell()
    ringing.nudge("session.c1", (line(6), line(7)))
    (heard,) = _peal.decode(_encoder.encode(list(ringing._outbox)))
    assert isinstance(heard, Nudge)
    assert heard.lines == (line(6), line(7))


def test_small_rows_travel_with_the_nudge_and_large_ones_are_read() -> None:
    async def story() -> None:
        ringing = bell()
        ringing.nudge("session.c1", (line(1), line(2)))
        ringing.nudge("session.c1", (line(3, INLINE_LIMIT_BYTES + 1),))
        small, large = ringing._outbox.popleft(), ringing._outbox.popleft()
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
        assert len(ringing._outbox) == QUEUE_LIMIT
        oldest = ringing._outbox.popleft()
        assert isinstance(oldest, Nudge)
        assert oldest.seq == 50, "the oldest are dropped, the newest are kept"

    asyncio.run(story())


def test_what_gathers_while_a_peal_is_on_its_way_travels_together() -> None:
    class Slow:
        """A layer whose messages take a turn of the loop."""

        peals: ClassVar[list[int]] = []

        async def group_send(self, _group: str, message: dict[str, Any]) -> None:
            """Count the rings of a message."""
            self.peals.append(len(_peal.decode(message["rings"])))
            await asyncio.sleep(0)

    async def story() -> None:
        ringing, layer = bell(), Slow()
        for seq in range(PEAL_LIMIT + 5):
            ringing.nudge("session.c1", (line(seq),))
        publishing = asyncio.create_task(ringing._publish(layer))
        async with asyncio.timeout(5):
            while ringing._outbox:
                await asyncio.sleep(0)
        publishing.cancel()
        assert layer.peals == [PEAL_LIMIT, 5]

    asyncio.run(story())


def test_a_quiet_inbox_keeps_its_connection(settings: Settings) -> None:
    """redis-py 8 ends a read after 5 s of silence; a stock layer then dials anew and loses what was rung meanwhile."""
    (host,) = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
    hasty = {**host, "socket_timeout": HASTY_S}  # what must not matter would show within a second
    layer = {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": [hasty], "prefix": f"quiet-{ids.token()}"}}
    settings.CHANNEL_LAYERS = {"default": layer}
    broker = redis.Redis.from_url(settings.REDIS_URL)
    came: list[str] = []

    def inboxes() -> set[str]:
        """The broker's clients that listen here; another lane's come and go as they like."""
        here = str(broker.connection_pool.connection_kwargs.get("db", 0))
        return {client["id"] for client in broker.client_list("pubsub") if client["db"] == here}

    async def story() -> None:
        heard = asyncio.Event()

        async def hear(ring: Nudge | Whisper) -> None:
            came.append(ring.process)
            heard.set()

        others, listening, ringing = inboxes(), Doorbell("listens", hear), Doorbell("rings", hear)
        listening.start()
        try:
            async with asyncio.timeout(10):
                while not (mine := inboxes() - others):
                    await asyncio.sleep(0.05)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(4 * HASTY_S):
                    await heard.wait()
            assert mine <= inboxes()
            ringing.start(listening=False)
            ringing.nudge("session.c1", (line(1),))
            async with asyncio.timeout(10):
                await heard.wait()
        finally:
            await listening.stop()
            await ringing.stop()

    asyncio.run(story())
    assert came == ["rings"]
