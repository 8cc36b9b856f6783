"""ORM calls off the event loop: bounded in number and in time."""

import asyncio
import threading
import time
from typing import Any, cast

import pytest
from django.db import OperationalError, connection

from accounts import orm
from kernel.errors import NotPermitted, Unavailable

pytestmark = pytest.mark.django_db(transaction=True)
HANGS_S = 4


@pytest.mark.promise("R11")
async def test_a_frozen_database_costs_its_threads_and_never_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orm, "DEADLINE_S", 0.2)
    thaw = threading.Event()
    loop = asyncio.get_running_loop()
    frozen = [asyncio.create_task(orm.off_loop(thaw.wait, 20)) for _ in range(orm.THREADS * 2)]
    gaps = []
    while not all(task.done() for task in frozen):
        began = loop.time()
        await asyncio.sleep(0)
        gaps.append(loop.time() - began)
    answers = await asyncio.gather(*frozen, return_exceptions=True)
    assert {type(answer) for answer in answers} == {Unavailable}
    assert max(gaps) < 1.0  # seconds; a loop that waited for the database would have stood still for 20
    thaw.set()
    monkeypatch.setattr(orm, "DEADLINE_S", 5.0)
    assert await orm.off_loop(lambda: "back") == "back"


@pytest.mark.promise("R11")
async def test_a_call_whose_answer_does_not_come_gives_its_thread_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A way to the database that is dead without a word held all four threads for good, and nobody could sign in."""

    def ask(statement: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()

    assert await orm.off_loop(ask, "SELECT 1") == (1,)
    monkeypatch.setattr(orm, "DEADLINE_S", 0.5)
    hung = [orm.off_loop(ask, f"SELECT pg_sleep({HANGS_S})") for _ in range(orm.THREADS)]
    answers = await asyncio.gather(*hung, return_exceptions=True)
    assert {type(answer) for answer in answers} == {Unavailable}
    monkeypatch.setattr(orm, "DEADLINE_S", HANGS_S / 2)
    assert await asyncio.gather(*(orm.off_loop(ask, "SELECT 1") for _ in range(orm.THREADS))) == [(1,)] * orm.THREADS
    sleeping = (
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()"
    )
    async with asyncio.timeout(10):  # PostgreSQL itself notices that they have gone
        while await orm.off_loop(ask, sleeping):
            await asyncio.sleep(0.05)


@pytest.mark.promise("R11")
async def test_a_call_that_is_only_slow_costs_nobody_else_their_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody was answered meanwhile: PostgreSQL is there, and to connect anew would make it slower still."""
    drained: list[bool] = []
    pool = cast(Any, connection).pool
    monkeypatch.setattr(pool, "drain", lambda: drained.append(True))
    monkeypatch.setattr(orm, "DEADLINE_S", 0.5)

    def ask(statement: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()

    hung = asyncio.create_task(orm.off_loop(ask, f"SELECT pg_sleep({HANGS_S})"))
    await asyncio.sleep(0)  # it has begun, with its own deadline
    monkeypatch.setattr(orm, "DEADLINE_S", 30.0)
    while not hung.done():
        assert await orm.off_loop(ask, "SELECT 1") == (1,)
    assert isinstance(hung.exception(), Unavailable)
    assert drained == []


def test_a_thread_of_somebody_elses_is_given_back_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orm, "DEADLINE_S", 0.5)

    def hang() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")

    began = time.monotonic()
    with pytest.raises(Unavailable):
        orm.in_time(hang)
    assert time.monotonic() - began < 1.5
    assert orm.in_time(lambda: "back") == "back"


async def test_too_many_waiting_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orm, "BACKLOG", 2)
    thaw = threading.Event()
    waiting = [asyncio.create_task(orm.off_loop(thaw.wait, 20)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await orm.off_loop(lambda: "no room")
    thaw.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await orm.off_loop(lambda: "room again") == "room again"


async def test_a_failing_database_is_unavailable_and_its_words_are_dropped() -> None:
    def fail() -> None:
        raise OperationalError("Key (text)=(我不想活了) already exists")

    with pytest.raises(Unavailable) as fault:
        await orm.off_loop(fail)
    assert str(fault.value) == "OperationalError"
    assert fault.value.__cause__ is None


async def test_an_answer_no_passes_through_unchanged() -> None:
    def refuse() -> None:
        raise NotPermitted("sign_in")

    with pytest.raises(NotPermitted) as no:
        await orm.off_loop(refuse)
    assert no.value.code == "sign_in"
