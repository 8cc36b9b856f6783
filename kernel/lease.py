"""Presence: who is on a socket somewhere, as rows that a living process renews and a dead one does not."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from kernel.store import Store

RENEW_EVERY = timedelta(seconds=5)
STALE_AFTER = timedelta(seconds=15)

HOLD = """
INSERT INTO kernel_lease (subject, process, seen_at) SELECT unnest(%s::text[]), %s, %s
ON CONFLICT (subject, process) DO UPDATE SET seen_at = excluded.seen_at RETURNING subject, xmax = 0
"""

SWEEP = """
WITH gone AS (DELETE FROM kernel_lease WHERE seen_at < %(stale)s RETURNING subject)
SELECT DISTINCT g.subject FROM gone g
WHERE NOT EXISTS (SELECT 1 FROM kernel_lease l WHERE l.subject = g.subject AND l.seen_at >= %(stale)s)
"""


class Leases:
    """This process's leases, counted per subject: two tabs of one person are one lease."""

    def __init__(self, store: Store, process: str) -> None:
        """Hold leases in the name of `process`."""
        self._store = store
        self._process = process
        self._held: Counter[str] = Counter()

    async def hold(self, subject: str, now: datetime) -> None:
        """A socket of the subject opened here."""
        self._held[subject] += 1
        await self._store.fetch(HOLD, ([subject], self._process, now))

    async def release(self, subject: str, now: datetime) -> bool:
        """A socket closed; True where the subject is on no socket anywhere."""
        self._held[subject] -= 1
        if self._held[subject] > 0:
            return False
        del self._held[subject]
        await self._store.run("DELETE FROM kernel_lease WHERE subject = %s AND process = %s", (subject, self._process))
        return not await is_present(self._store, subject, now)

    async def renew(self, now: datetime) -> list[str]:
        """Say that all subjects here are alive; answers those that had been taken for gone (after a stall)."""
        if not self._held:
            return []
        rows = await self._store.fetch(HOLD, (list(self._held), self._process, now))
        return [subject for subject, was_missing in rows if was_missing]


async def touch(store: Store, subject: str, process: str, now: datetime) -> bool:
    """Renew a lease that no socket holds; True where the subject had none in this name."""
    return bool((await store.fetch(HOLD, ([subject], process, now)))[0][1])


async def is_present(store: Store, subject: str, now: datetime) -> bool:
    """Tell whether a subject is on a socket in any living process."""
    rows = await store.fetch(
        "SELECT 1 FROM kernel_lease WHERE subject = %s AND seen_at >= %s LIMIT 1", (subject, now - STALE_AFTER)
    )
    return bool(rows)


async def sweep(store: Store, now: datetime) -> Sequence[str]:
    """Drop the leases of dead processes; answers the subjects that are on no socket any more."""
    return [subject for (subject,) in await store.fetch(SWEEP, {"stale": now - STALE_AFTER})]
