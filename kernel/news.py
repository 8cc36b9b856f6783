"""What is new on several feeds at once, in one statement: somebody who comes back follows four of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.store import Line, Store, line_of

# Lateral, with a limit: looked up feed by feed in the index, whatever the planner takes the lists to hold.
NEWS = """
SELECT asked.feed, a.seq, l.seq, l.kind, l.author_role, l.author_id, l.payload, l.at
FROM unnest(%s::text[], %s::bigint[]) AS asked(feed, after)
CROSS JOIN LATERAL (SELECT seq FROM kernel_aggregate WHERE feed = asked.feed LIMIT 1) AS a
LEFT JOIN LATERAL (SELECT seq, kind, author_role, author_id, payload, at FROM kernel_logrow
  WHERE feed = asked.feed AND seq > asked.after ORDER BY seq LIMIT %s) AS l ON true
"""

News = tuple[int, Sequence[Line]]
"""Where a feed stands, and its rows after what was asked for, in order, at most a page of them."""


async def news(store: Store, asked: Mapping[str, int], limit: int) -> dict[str, News]:
    """Read feeds after a seq each, all as of one instant; feeds that do not exist are left out."""
    rows = await store.fetch(NEWS, (list(asked), list(asked.values()), limit))
    found: dict[str, tuple[int, list[Line]]] = {}
    for row in rows:
        feed, head = row[:2]
        lines = found.setdefault(feed, (head, []))[1]
        if row[2] is not None:
            lines.append(_line(feed, row))
    for _, lines in found.values():
        lines.sort(key=lambda line: line.seq)
    return dict(found)


def _line(feed: str, row: tuple[Any, ...]) -> Line:
    """A row of the log out of a row of the statement."""
    return line_of((feed, *row[2:]))
