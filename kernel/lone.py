"""The commonest append in a statement of its own: one event on one feed that exists, owing nothing to anybody.

The statement for batches reads a document and plans for all that may be in it. With nothing to share its cost, that
is half of what a lone message asks of PostgreSQL; at the pace of one line's talks most messages are alone. As there, a
feed that somebody else has locked counts as moved: what is written next must not wait for it.
"""

from collections.abc import Sequence
from typing import Any

LONE = """
WITH moved AS (
  UPDATE kernel_aggregate SET seq = $3, due_at = $5, state = COALESCE($4::bytea, state),
    state_seq = CASE WHEN $4::bytea IS NULL THEN state_seq ELSE $3 END
  WHERE feed = (SELECT feed FROM kernel_aggregate WHERE feed = $1 AND seq = $2 FOR NO KEY UPDATE SKIP LOCKED)
    AND NOT EXISTS (SELECT 1 FROM kernel_handled WHERE feed = $1 AND client_id = $6)
  RETURNING feed
), logged AS (
  INSERT INTO kernel_logrow (feed, seq, kind, author_role, author_id, payload, client_id, at)
  SELECT feed, $3, $8, $9, $10, $11, $6, $7 FROM moved
), remembered AS (
  INSERT INTO kernel_handled (feed, client_id, seq, at) SELECT feed, $6, $3, $7 FROM moved
)
SELECT feed FROM moved
"""


def lone(batch: Sequence[Any]) -> tuple[Any, ...] | None:
    """The arguments of LONE where it can write this batch of appends; None where the statement for batches has to."""
    if len(batch) != 1:
        return None
    one = batch[0]
    if not one.old_seq or len(one.lines) != 1 or one.unreacted:
        return None
    (line,) = one.lines
    place = one.feed, one.old_seq, one.new_seq, one.state, one.due_at
    return *place, one.client_id, one.at, line.kind, line.author_role, line.author_id, line.payload
