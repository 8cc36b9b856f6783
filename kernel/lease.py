"""Presence: who is on a socket somewhere, as rows that a living process renews and a dead one does not."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from kernel.batch import Batch
from kernel.store import Store

RENEW_EVERY = timedelta(seconds=5)
STALE_AFTER = timedelta(seconds=15)
LONG_AGO = timedelta(days=1)  # before the instant it was given back; further than clocks differ

HOLD = f"""
WITH said AS (SELECT unnest(%s::text[]) AS subject, %s::text AS process, %s::timestamptz AS at), fresh AS (
  SELECT l.subject FROM kernel_lease l JOIN said s ON s.subject = l.subject AND s.process = l.process
  WHERE l.seen_at >= s.at - interval '{STALE_AFTER.total_seconds()} s'
)
INSERT INTO kernel_lease (subject, process, seen_at) SELECT subject, process, at FROM said
ON CONFLICT (subject, process) DO UPDATE SET seen_at = excluded.seen_at
RETURNING subject, subject NOT IN (SELECT subject FROM fresh)
"""  # noqa: S608 -- a number of our own

# A lease that is given back stays, as one of long ago, until the rooms have been told: whoever gives it back may be
# killed in between, and then it is the clock that finds it and tells. Dropped is what was seen, and nothing newer.
LET_GO = """
UPDATE kernel_lease l SET seen_at = g.at FROM unnest(%s::text[], %s::timestamptz[]) AS g(subject, at)
WHERE l.subject = g.subject AND l.process = %s
"""
DROP = """
DELETE FROM kernel_lease l USING unnest(%s::text[], %s::text[], %s::timestamptz[]) AS d(subject, process, seen_at)
WHERE l.subject = d.subject AND l.process = d.process AND l.seen_at = d.seen_at
"""
LAPSED = """
SELECT l.subject, l.process, l.seen_at, EXISTS (
  SELECT 1 FROM kernel_lease o WHERE o.subject = l.subject AND o.seen_at >= %(stale)s
) FROM kernel_lease l WHERE l.seen_at < %(stale)s
"""
PRESENT = "SELECT DISTINCT subject FROM kernel_lease WHERE subject = ANY(%s) AND seen_at >= %s"

Asked = tuple[str, datetime]


class Lease(msgspec.Struct, frozen=True):
    """A lease as stored, and whether its subject is on a socket elsewhere."""

    subject: str
    process: str
    seen_at: datetime
    elsewhere: bool


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
        self._dropped: Batch[Asked, None] = Batch(self._drop)
        self._turn = asyncio.Lock()

    async def hold(self, subject: str, now: datetime) -> None:
        """A socket of the subject opened here."""
        self._held[subject] += 1
        await self._written.ask((subject, now))

    async def release(self, subject: str, now: datetime) -> bool:
        """A socket closed; True where the subject is on no socket anywhere.

        What is to be said of it has to be said before the lease is dropped.
        """
        self._held[subject] -= 1
        if self._held[subject] > 0:
            return False
        del self._held[subject]
        return not await self._written.ask((subject, now))

    async def drop(self, subject: str, released_at: datetime) -> None:
        """Everybody was told what `release` answered: nothing is left to be said of that lease."""
        if subject not in self._held:
            await self._dropped.ask((subject, released_at))

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
        latest = dict(sorted(asked, key=lambda one: one[1]))
        now = max(latest.values())
        async with self._turn:
            held = {subject for subject in latest if subject in self._held}
            gone = [subject for subject in latest if subject not in held]
            said = [self._store.fetch(HOLD, (list(held), self._process, now))] if held else []
            long_ago = [latest[subject] - LONG_AGO for subject in gone]
            said += [self._store.fetch(LET_GO, (gone, long_ago, self._process))] if gone else []
            # Side by side, so that a renewal waits for one deadline; both are over before the next turn.
            for fault in await asyncio.gather(*said, return_exceptions=True):
                if isinstance(fault, BaseException):
                    raise fault
        # Asked after the commit: of two processes that let go at once, the later one sees that nobody is left.
        there = held | (await present(self._store, gone, now) if gone else set())
        return {(subject, at): subject in there for subject, at in asked}

    async def _drop(self, asked: Sequence[Asked]) -> dict[Asked, None]:
        """Drop leases as they were given back."""
        subjects, instants = [subject for subject, _ in asked], [at - LONG_AGO for _, at in asked]
        await self._store.fetch(DROP, (subjects, [self._process] * len(asked), instants))
        return dict.fromkeys(asked)

    async def _look(self, asked: Sequence[Asked]) -> dict[Asked, bool]:
        """Who of these is present."""
        there = await present(self._store, [subject for subject, _ in asked], max(at for _, at in asked))
        return {(subject, at): subject in there for subject, at in asked}


async def touch(store: Store, subject: str, process: str, now: datetime) -> bool:
    """Renew a lease that no socket holds; True where the subject had none in this name that was fresh."""
    return bool((await store.fetch(HOLD, ([subject], process, now)))[0][1])


async def present(store: Store, subjects: Sequence[str], now: datetime) -> set[str]:
    """Who of these is on a socket in any living process."""
    return {subject for (subject,) in await store.fetch(PRESENT, (list(subjects), now - STALE_AFTER))}


async def lapsed(store: Store, now: datetime) -> list[Lease]:
    """The leases that nobody holds any more: of processes that died, and of those that died while giving one back."""
    return [Lease(*row) for row in await store.fetch(LAPSED, {"stale": now - STALE_AFTER})]


async def drop(store: Store, leases: Sequence[Lease]) -> None:
    """Drop what lapsed, once the rooms know; a lease that was renewed meanwhile stays."""
    if leases:
        named = [one.subject for one in leases], [one.process for one in leases], [one.seen_at for one in leases]
        await store.fetch(DROP, named)
