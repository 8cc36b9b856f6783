"""Adaptive group commit: what queued while a batch was being written is the next one; nobody waits for company."""

import asyncio

import psycopg

from kernel.errors import Unavailable
from kernel.store import Append, Store

BATCH_LIMIT = 64


class Writer:
    """Takes appends from many tasks and writes them in few statements, through one connection at a time."""

    def __init__(self, store: Store) -> None:
        """Write to this store."""
        self._store = store
        self._waiting: list[tuple[Append, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, append: Append) -> bool:
        """Write one append; True once committed, False if the aggregate had moved or the id was known."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await answer

    async def _drain(self) -> None:
        """Write batch after batch until nothing waits."""
        while self._waiting:
            batch = self._take()
            try:
                written = await self._store.append([append for append, _ in batch])
            except psycopg.Error:
                await self._one_by_one(batch)
            except Exception as fault:
                _fail(batch, fault)  # whatever it was, nobody is left waiting for an answer
            else:
                for append, answer in batch:
                    _answer(answer, append.feed in written)

    def _take(self) -> list[tuple[Append, asyncio.Future[bool]]]:
        """Take what waits, each feed at most once, in order; the rest stays."""
        batch: list[tuple[Append, asyncio.Future[bool]]] = []
        rest: list[tuple[Append, asyncio.Future[bool]]] = []
        feeds: set[str] = set()
        for append, answer in self._waiting:
            if append.feed in feeds or len(batch) >= BATCH_LIMIT:
                rest.append((append, answer))
            else:
                feeds.add(append.feed)
                batch.append((append, answer))
        self._waiting = rest
        return batch

    async def _one_by_one(self, batch: list[tuple[Append, asyncio.Future[bool]]]) -> None:
        """A row of the batch broke a constraint (a command id given twice at once): find out whose it was."""
        for append, answer in batch:
            try:
                _answer(answer, append.feed in await self._store.append([append]))
            except psycopg.errors.UniqueViolation:
                _answer(answer, False)
            except (Unavailable, psycopg.Error) as fault:
                _fail([(append, answer)], fault)


def _answer(answer: asyncio.Future[bool], written: bool) -> None:
    """Answer a task that may have gone."""
    if not answer.done():
        answer.set_result(written)


def _fail(batch: list[tuple[Append, asyncio.Future[bool]]], fault: Exception) -> None:
    """Tell every waiting task that the outcome is unknown."""
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(Unavailable(type(fault).__name__))
