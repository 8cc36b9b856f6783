"""Each visible event once, in order, whatever nudges are lost, doubled or reordered."""

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel import clock, feeds
from kernel.outbound import BYTE_LIMIT, Outbound
from kernel.terms import SYSTEM
from kernel.wire import Happened, Hinted, Row, Typing, Unfollowed
from tests.kernel.world import Guest, Listening, Reader, World

FEED = "session.c1"
DESK = "desk.main"


async def settle() -> None:
    """Let every task run until nothing more happens by itself."""
    for _ in range(30):
        await asyncio.sleep(0)


async def running(listening: Listening, story: Coroutine[Any, Any, None]) -> None:
    """Run a story, and what the socket does of it."""
    try:
        await story
        await settle()
        assert listening.faults == []
    finally:
        await listening.feeds.close()


# What becomes of the nudge of one commit: told at once, lost, doubled, or told after the next one.
FATES = st.sampled_from(["told", "lost", "twice", "late"])


@pytest.mark.promise("R1")
@given(
    before=st.integers(0, 5),
    resumed=st.integers(0, 9),
    news=st.lists(st.tuples(st.integers(1, 3), FATES), max_size=12),
    hidden=st.frozensets(st.integers(1, 40), max_size=12),
    begun=st.booleans(),
    pause=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_every_visible_event_is_shown_once_in_order(
    before: int, resumed: int, news: list[tuple[int, str]], hidden: frozenset[int], begun: bool, pause: bool
) -> None:
    """The oracle is the log itself."""

    async def story() -> None:
        world = World()
        if before:
            world.engine.append(FEED, before)
        resumed_at = min(resumed, before)
        listening = Listening(world, Reader(hidden), {FEED: resumed_at})
        listening.feeds.follow(FEED)

        async def happen() -> None:
            late: tuple[Row, ...] = ()
            if begun:  # else the first read swallows whatever came before it
                await settle()
            for count, fate in news:
                rows = world.engine.append(FEED, count)
                if fate == "late":
                    late = rows
                for _ in range({"told": 1, "twice": 2}.get(fate, 0)):
                    world.registry.deliver(FEED, rows)
                if late and fate != "late":
                    world.registry.deliver(FEED, late)
                    late = ()
                if pause:
                    await settle()
            await settle()
            await world.tail()

        await running(listening, happen())
        total = len(world.engine.rows.get(FEED, []))
        shown = [frame.event.n for frame in listening.sent]
        assert shown == [n for n in range(resumed_at + 1, total + 1) if n not in hidden]
        chain = [resumed_at if shown else 0, *shown]
        assert [frame.prev for frame in listening.sent] == chain[:-1] if shown else not listening.sent

    asyncio.run(story())


@pytest.mark.promise("R1")
@given(
    first=st.integers(0, 3),
    steps=st.lists(st.sampled_from(["commit", "tell", "join", "run", "tail"]), max_size=14),
    snapshot=st.sampled_from(["", "session"]),
)
@settings(max_examples=200, deadline=None)
def test_somebody_who_joins_never_hides_news_from_those_who_follow(first: int, steps: list[str], snapshot: str) -> None:
    """Two readers in one process; nudges are lost unless told; the tailer's next turn heals everything."""

    async def story() -> None:
        world = World()
        if first:
            world.engine.append(FEED, first)
        readers = [Listening(world, Reader(snapshot=snapshot)) for _ in range(2)]
        readers[0].feeds.follow(FEED)
        rows: tuple[Row, ...] = ()
        for step in steps:
            if step == "commit":
                rows = world.engine.append(FEED)
            elif step == "tell" and rows:
                world.registry.deliver(FEED, rows)
            elif step == "join":
                readers[1].feeds.follow(FEED)
            elif step == "tail":
                await world.tail()
            else:
                await settle()
        readers[1].feeds.follow(FEED)
        await settle()
        await world.tail()
        await settle()
        everything = list(range(1, len(world.engine.rows.get(FEED, [])) + 1))
        for reader in readers:
            assert (reader.seen(FEED), reader.faults) == (everything, [])
            await reader.feeds.close()

    asyncio.run(story())


def test_a_client_that_asks_again_gets_the_feed_again() -> None:
    async def story() -> None:
        world = World()
        world.engine.append(FEED, 4)
        listening = Listening(world)
        listening.feeds.follow(FEED)

        async def ask() -> None:
            await settle()
            listening.sent.clear()
            listening.feeds.resume(FEED, 2)
            listening.feeds.resume("session.somebody-else", 0)

        await running(listening, ask())
        assert [(frame.prev, frame.seq) for frame in listening.sent] == [(2, 3), (3, 4)]

    asyncio.run(story())


def test_a_snapshot_tells_what_is_in_hand_even_where_the_news_of_it_was_swallowed() -> None:
    """Accepted between the two reads of a reconnect: the contact is followed all the same."""

    async def story() -> None:
        world = World()
        world.engine.append(DESK, 3)
        world.engine.append(FEED, 2)
        reader = Reader(snapshot="desk")
        reader.holding = {FEED: True}
        listening = Listening(world, reader)
        listening.feeds.follow(DESK)
        await running(listening, settle())
        assert listening.seen(FEED) == [1, 2]

    asyncio.run(story())


def test_a_feed_that_is_only_watched_is_never_shown_nor_whispered() -> None:
    """A visitor waits on the desk's feed for a place: no row, no hint, no name of anybody else comes through it."""

    async def story() -> None:
        world = World()
        world.engine.append(DESK, 3)
        listening = Listening(world, Reader(watched=True))
        listening.feeds.follow(DESK)

        async def news() -> None:
            await settle()
            world.registry.deliver(DESK, world.engine.append(DESK))
            world.registry.whisper(DESK, SYSTEM, Typing())

        await running(listening, news())
        assert listening.sent == []
        assert listening.feeds.heads() == {}
        assert not listening.feeds.follows(DESK)

    asyncio.run(story())


def test_hints_reach_the_others_only_and_letting_go_is_said() -> None:
    async def story() -> None:
        world = World()
        world.engine.append(FEED)
        listening = Listening(world)
        listening.feeds.follow(FEED)

        async def hints() -> None:
            await settle()
            listening.sent.clear()
            world.registry.whisper(FEED, SYSTEM, Typing())
            world.registry.whisper(FEED, listening.feeds._guest.actor, Typing())
            listening.feeds.unfollow(FEED)
            world.registry.whisper(FEED, SYSTEM, Typing())

        await running(listening, hints())
        assert [type(frame) for frame in listening.sent] == [Hinted, Unfollowed]
        assert world.registry.live == ()

    asyncio.run(story())


@pytest.mark.promise("R8")
def test_nothing_of_a_feed_is_shown_before_the_door_has_opened_it_and_it_is_asked_once() -> None:
    async def story() -> None:
        world = World()
        world.engine.append(FEED, 2)
        reader = Reader()
        reader.answers = [False, False]
        listening = Listening(world, reader)
        listening.feeds.follow(FEED)

        async def happen() -> None:
            await settle()
            assert listening.seen(FEED) == []
            for count in (1, 1, 1):  # each piece of news asks again
                world.registry.deliver(FEED, world.engine.append(FEED, count))
                await settle()
            assert listening.seen(FEED) == [1, 2, 3, 4, 5]
            listening.feeds.resume(FEED, 0)

        await running(listening, happen())
        assert reader.asked == 3

    asyncio.run(story())


@pytest.mark.promise("R8")
def test_a_feed_that_stays_shut_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(feeds, "ASKED_FOR_S", 0.0)
        world = World()
        world.engine.append(FEED, 2)
        reader = Reader()
        reader.answers = [False] * 9
        listening = Listening(world, reader)
        listening.feeds.follow(FEED)
        await running(listening, settle())
        assert listening.sent == [Unfollowed(FEED)]
        assert not listening.feeds.follows(FEED)

    asyncio.run(story())


@pytest.mark.promise("R10")
def test_a_snapshot_larger_than_the_queue_passes_when_it_is_alone() -> None:
    """Hundreds wait: whoever opens a console then must not be told to come back later, for ever."""

    class Crowded(Reader):
        """A desk whose view is larger than what a socket may have queued."""

        def view(self, _guest: Any, _kind: str, _state: Any) -> Any:
            """As many characters."""
            return "x" * (BYTE_LIMIT + 1)

    async def story() -> None:
        world = World()
        sizes: list[int] = []
        world.engine.append(DESK, 1)

        async def send(message: dict[str, Any]) -> None:
            """Keep the sizes."""
            sizes.append(len(message["text"]))

        out = Outbound(send)
        out.put(Happened(FEED, 1, 0, clock.now(), SYSTEM, None))
        one = feeds.Feeds(world.hub, cast(Any, Crowded(snapshot="desk")), Guest(), out, {})
        one.follow(DESK)
        async with asyncio.timeout(5):
            while len(sizes) < 2:
                await asyncio.sleep(0)
        await one.close()
        assert sizes[1] > BYTE_LIMIT

    asyncio.run(story())
