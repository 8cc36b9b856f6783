"""Presence: who is on a socket somewhere, as rows that a living process renews and a dead one does not."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from kernel.batch import Batch
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

DROP = "DELETE FROM kernel_lease WHERE subject = ANY(%s) AND process = %s"
PRESENT = "SELECT DISTINCT subject FROM kernel_lease WHERE subject = ANY(%s) AND seen_at >= %s"

Asked = tuple[str, datetime]


class Leases:
    """This process's leases, counted per subject: two tabs of one person are one lease.

    A thousand people may come or go at once, so what one statement can say is not said in a thousand. Leases are
    written one statement after another, each as things stand then: a renewal never brings back what was given back.
    """

    def __init__(self, store: Store, process: str) -> None:
        """Hold leases in the name of `process`."""
        self._store = store
        self._process = process
        self._held: Counter[str] = Counter()
        self._written: Batch[Asked, bool] = Batch(self._write)
        self._seen: Batch[Asked, bool] = Batch(self._look)
        self._turn = asyncio.Lock()

    async def hold(self, subject: str, now: datetime) -> None:
        """A socket of the subject opened here."""
        self._held[subject] += 1
        await self._written.ask((subject, now))

    async def release(self, subject: str, now: datetime) -> bool:
        """A socket closed; True where the subject is on no socket anywhere."""
        self._held[subject] -= 1
        if self._held[subject] > 0:
            return False
        del self._held[subject]
        return not await self._written.ask((subject, now))

    async def is_present(self, subject: str, now: datetime) -> bool:
        """Tell whether a subject is on a socket in any living process."""
        return await self._seen.ask((subject, now))

    async def renew(self, now: datetime) -> list[str]:
        """Say that all subjects here are alive; answers those that had been taken for gone (after a stall)."""
        async with self._turn:
            if not self._held:
                return []
            rows = await self._store.fetch(HOLD, (list(self._held), self._process, now))
        return [subject for subject, was_missing in rows if was_missing]

    async def _write(self, asked: Sequence[Asked]) -> dict[Asked, bool]:
        """Write each subject's lease as it is wanted now; answers who is present, here or elsewhere."""
        now = max(at for _, at in asked)
        async with self._turn:
            subjects = {subject for subject, _ in asked}
            held = {subject for subject in subjects if subject in self._held}
            gone = list(subjects - held)
            said = [self._store.fetch(HOLD, (list(held), self._process, now))] if held else []
            said += [self._store.fetch(DROP, (gone, self._process))] if gone else []
            # Side by side, so that a renewal waits for one deadline; both are over before the next turn.
            for fault in await asyncio.gather(*said, return_exceptions=True):
                if isinstance(fault, BaseException):
                    raise fault
        # Asked after the commit: of two processes that let go at once, the later one sees that nobody is left.
        there = held | (await present(self._store, gone, now) if gone else set())
        return {(subject, at): subject in there for subject, at in asked}

    async def _look(self, asked: Sequence[Asked]) -> dict[Asked, bool]:
        """Who of these is present."""
        there = await present(self._store, [subject for subject, _ in asked], max(at for _, at in asked))
        return {(subject, at): subject in there for subject, at in asked}


async def touch(store: Store, subject: str, process: str, now: datetime) -> bool:
    """Renew a lease that no socket holds; True where the subject had none in this name."""
    return bool((await store.fetch(HOLD, ([subject], process, now)))[0][1])


async def present(store: Store, subjects: Sequence[str], now: datetime) -> set[str]:
    """Who of these is on a socket in any living process."""
    return {subject for (subject,) in await store.fetch(PRESENT, (list(subjects), now - STALE_AFTER))}


async def sweep(store: Store, now: datetime) -> Sequence[str]:
    """Drop the leases of dead processes; answers the subjects that are on no socket any more."""
    return [subject for (subject,) in await store.fetch(SWEEP, {"stale": now - STALE_AFTER})]
