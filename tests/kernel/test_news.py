"""Several feeds in one statement tell what each of them would tell alone."""

import asyncio
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.news import news
from kernel.store import Append, Line, Store
from server.wiring import conninfo

AT = datetime(2026, 3, 10, tzinfo=UTC)
FEEDS = ("session.n1", "case.n1", "record.n1", "desk.n1")


def written(feed: str, length: int) -> Append:
    """A feed of so many rows, written at once."""
    lines = tuple(Line(feed, seq, "said", "system", "system", b"\0%d" % seq, AT) for seq in range(1, length + 1))
    return Append(feed, feed.partition(".")[0], "", 0, length, b"\0{}", None, "begin", AT, lines, ())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.tuples(*[st.integers(0, 5)] * len(FEEDS)),
    asked=st.dictionaries(st.sampled_from(FEEDS), st.sampled_from([0, 1, 3, 5, 7, 2**62]), max_size=4),
    limit=st.integers(1, 4),
)
def test_each_feed_is_told_from_its_own_place_and_page(
    transactional_db: None, lengths: tuple[int, ...], asked: dict[str, int], limit: int
) -> None:
    async def story() -> None:
        store = Store(conninfo())
        await store.open()
        try:
            await store.run("DELETE FROM kernel_logrow WHERE feed LIKE %s", ("%.n1",))
            await store.run("DELETE FROM kernel_handled WHERE feed LIKE %s", ("%.n1",))
            await store.run("DELETE FROM kernel_aggregate WHERE feed LIKE %s", ("%.n1",))
            long = {feed: length for feed, length in zip(FEEDS, lengths, strict=True) if length}
            for feed, length in long.items():
                assert await store.append([written(feed, length)])
            found = await news(store, asked, limit)
            assert {feed: (head, [line.seq for line in lines]) for feed, (head, lines) in found.items()} == {
                feed: (long[feed], [*range(after + 1, long[feed] + 1)][:limit])
                for feed, after in asked.items()
                if feed in long
            }
            for feed, (_, lines) in found.items():
                assert list(lines) == await store.read(feed, asked[feed], limit)
        finally:
            await store.close()

    asyncio.run(story())
