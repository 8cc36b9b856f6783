"""Two processes on one log: what one commits the other shows, by nudge, by tailer, or after a gap."""

import asyncio
from typing import Any

import msgspec
import pytest

from kernel import ids
from kernel.decider import Address
from kernel.doorbell import INLINE_LIMIT_BYTES, Nudge, Whisper
from kernel.hub import Hub
from kernel.seal import MasterKeys
from kernel.terms import Actor, Role
from kernel.wire import Row, Told, Typing
from server.wiring import conninfo
from tests.kernel.conftest import DECIDERS
from tests.kernel.test_engine import ANNA, NOW
from tests.kernel.toy import Add, Added

TO = Address("tally", "shared")


async def nobody(hub: Hub, subject: str, *, present: bool | None = None) -> None:
    """Tell nobody about presence."""


class Heard:
    """Somebody who follows a feed and keeps what wakes them."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.words: list[str] = []
        self.hints: list[str] = []

    def wake(self, _feed: str, rows: tuple[Row, ...]) -> None:
        """Keep the words."""
        self.words += [row.event.word for row in rows if isinstance(row.event, Added)]

    def hear(self, _feed: str, by: Actor, _hint: Told) -> None:
        """Keep who it was."""
        self.hints.append(by.id)


async def opened() -> Hub:
    """A hub that does nothing by itself."""
    hub = Hub(conninfo(), MasterKeys({1: b"m" * 32}), DECIDERS, lambda _row: (), lambda _row: False, nobody)
    await hub.store.open()
    return hub


def rung(hub: Hub) -> list[Nudge | Whisper]:
    """What a hub wanted to tell the others."""
    rings: list[Any] = []
    while hub.doorbell._outbox:
        rings.append(hub.doorbell._outbox.popleft())
    return rings


@pytest.mark.promise("R1")
def test_the_news_of_a_try_whose_end_nobody_saw_follows_the_answer_to_the_next_try(transactional_db: None) -> None:
    """The database was frozen: the first try was written and its answer lost, so nobody was told of it either."""

    async def story() -> None:
        here, there, follower = await opened(), await opened(), Heard()
        try:
            to = Address("tally", "t" + ids.process_id())
            await here.engine.submit(to, Add(("一",)), ANNA, NOW, "a")
            there.registry.follow(to.feed, follower)
            there.registry.note(to.feed, 1)
            seq = await here.engine.submit(to, Add(("二",)), ANNA, NOW, "b")
            assert await there.engine.submit(to, Add(("二",)), ANNA, NOW, "b") == seq
            async with asyncio.timeout(5):
                while not follower.words:
                    await asyncio.sleep(0.01)
            assert await there.engine.submit(to, Add(("二",)), ANNA, NOW, "b") == seq
            assert not there._catching_up, "what is delivered is not read again"
            assert follower.words == ["二"]
        finally:
            await here.stop()
            await there.stop()

    asyncio.run(story())


@pytest.mark.promise("R1")
@pytest.mark.parametrize("way", ["nudge", "doubled", "second only", "lost", "too large"])
def test_what_one_process_commits_the_other_shows_once(transactional_db: None, way: str) -> None:
    async def story() -> None:
        here, there, follower = await opened(), await opened(), Heard()
        try:
            to = Address("tally", "t" + ids.process_id())
            await here.engine.submit(to, Add(("一",)), ANNA, NOW, "a")
            there.registry.follow(to.feed, follower)
            there.registry.note(to.feed, 1)
            rung(here)
            big = "x" * (INLINE_LIMIT_BYTES + 1 if way == "too large" else 1)
            await here.engine.submit(to, Add(("二",)), ANNA, NOW, "b")
            await here.engine.submit(to, Add((big,)), ANNA, NOW, "c")
            first, second = rung(here)
            assert isinstance(second, Nudge)
            assert bool(second.lines) is (way != "too large")
            told = {"nudge": [first, second], "doubled": [first, first, second, second]}
            for ring in told.get(way, [] if way == "lost" else [second]):
                await there._heard(ring)
            await there.tail()
            await there.tail()
            assert follower.words == ["二", big]
        finally:
            await here.store.close()
            await there.store.close()

    asyncio.run(story())


def test_hints_go_to_both_and_news_of_feeds_nobody_follows_to_nobody(transactional_db: None) -> None:
    async def story() -> None:
        here, there, follower = await opened(), await opened(), Heard()
        try:
            there.registry.follow(TO.feed, follower)
            here.whisper(TO.feed, Actor(Role.VISITOR, "anna"), Typing())
            (ring,) = rung(here)
            await there._heard(ring)
            assert follower.hints == ["anna"]
            there.registry.unfollow(TO.feed, follower)
            await there._heard(ring)
            await there._heard(Nudge("elsewhere", TO.feed, 3, msgspec.Raw(b"\x90")))
            assert follower.hints == ["anna"]
            assert there.registry.live == ()
        finally:
            await here.store.close()
            await there.store.close()

    asyncio.run(story())


@pytest.mark.promise("R1")
@pytest.mark.parametrize("way", ["heard", "doubled", "lost", "only the second"])
def test_what_another_process_said_is_known_here_before_the_next_command(transactional_db: None, way: str) -> None:
    """Heard in full, nothing is read anew; heard badly, the store is asked, and the log is the same."""

    async def story() -> None:
        here, there, follower = await opened(), await opened(), Heard()
        try:
            to = Address("tally", "t" + ids.process_id())
            await here.engine.submit(to, Add(("一",)), ANNA, NOW, "a")
            there.registry.follow(to.feed, follower)
            there.registry.note(to.feed, 1)
            await there.engine.submit(to, Add(("二",)), ANNA, NOW, "b")
            rung(here)
            await here.engine.submit(to, Add(("三",)), ANNA, NOW, "c")
            await here.engine.submit(to, Add(("四",)), ANNA, NOW, "d")
            first, second = rung(here)
            told = {"heard": [first, second], "doubled": [first, first, second], "only the second": [second]}
            for ring in told.get(way, []):
                await there._heard(ring)
            asked = _counting(there)
            assert await there.engine.submit(to, Add(("五",)), ANNA, NOW, "e") == 5
            assert await there.engine.submit(to, Add(("五",)), ANNA, NOW, "e") == 5
            assert asked[0] == (2 if way == "lost" else 1)  # one of them for the id that is known already
            loaded = await here.engine.state(to)
            assert loaded is not None
            assert loaded.state.words == ("一", "二", "三", "四", "五")
        finally:
            await here.store.close()
            await there.store.close()

    asyncio.run(story())


def _counting(hub: Hub) -> list[int]:
    """Count how often a hub's engine asks the store where a feed stands."""
    asked, head = [0], hub.store.head

    async def counted(feed: str, client_id: str, known_seq: int = 0) -> Any:
        asked[0] += 1
        return await head(feed, client_id, known_seq)

    hub.store.head = counted  # type: ignore[method-assign]
    return asked
