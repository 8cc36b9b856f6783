"""The statement for a lone append against the one for batches: the same answer and the same rows, whatever is tried."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel import ids
from kernel.lone import lone
from kernel.store import Append, Line, Store
from server.wiring import conninfo

NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
TABLES = (
    "SELECT seq, kind, author_role, author_id, payload, client_id, at FROM kernel_logrow WHERE feed = %s ORDER BY seq",
    "SELECT seq, client_id, at FROM kernel_handled WHERE feed = %s ORDER BY client_id",
    "SELECT seq, state, state_seq, due_at FROM kernel_aggregate WHERE feed = %s",
)


def wish(feed: str, seq: int, client_id: str = "", *, due: bool = True) -> Append:
    """An append of one event that moves a feed from `seq`; every third without a snapshot."""
    at = NOW + timedelta(seconds=seq)
    line = Line(feed, seq + 1, "message.posted", "visitor", "anna", b"\x01sealed\x00" + bytes([seq]), at)
    due_at = at + timedelta(minutes=10) if due else None
    state = None if seq % 3 == 2 else b"state\x00" + bytes([seq])
    return Append(feed, "session", "c", seq, seq + 1, state, due_at, client_id or f"c{seq}", at, (line,), ())


@pytest.mark.promise("R1")
def test_both_statements_answer_and_write_alike(transactional_db: None) -> None:
    """In step, behind, ahead, an id given twice, a feed that does not exist, and one that is due no more."""

    async def story() -> None:
        store = Store(conninfo())
        await store.open()
        try:
            one, two = (f"session.{ids.process_id()}" for _ in range(2))
            for feed in (one, two):
                assert await store.append([wish(feed, 0)]) == {feed}
            tries: list[tuple[int, str, bool]] = [
                (1, "a", True),  # in step
                (1, "b", True),  # behind
                (5, "c", True),  # ahead
                (2, "a", True),  # the id was carried out already
                (2, "d", False),  # in step, without a snapshot, and nothing due any more
                (3, "e", True),
            ]
            told = []
            for seq, client_id, due in tries:
                alone = await store.append([wish(one, seq, client_id, due=due)])
                async with store.hold(two) as held:
                    batched = await held.write(wish(two, seq, client_id, due=due))
                told.append((alone == {one}, batched))
            assert told == [(True, True), (False, False), (False, False), (False, False), (True, True), (True, True)]
            assert await store.append([wish(f"session.{ids.process_id()}", 3)]) == set()
            for table in TABLES:
                assert await _rows(store, table, one) == await _rows(store, table, two)
        finally:
            await store.close()

    asyncio.run(story())


async def _rows(store: Store, table: str, feed: str) -> Sequence[Any]:
    return [tuple(map(_plain, row)) for row in await store.fetch(table, (feed,))]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def test_only_one_event_that_owes_nothing_goes_alone() -> None:
    """Openings, several events, none, and what asks something of other rooms go the other way."""
    plain = wish("session.x", 4)
    assert lone([plain]) is not None
    assert lone([]) is None
    assert lone([plain, wish("session.y", 4)]) is None
    others: list[dict[str, Any]] = [
        {"old_seq": 0},
        {"lines": ()},
        {"lines": (*plain.lines, *plain.lines)},
        {"unreacted": (5,)},
    ]
    for other in others:
        fields = {name: getattr(plain, name) for name in Append.__struct_fields__}
        assert lone([Append(**{**fields, **other})]) is None
