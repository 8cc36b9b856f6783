"""Destruction on the real engine and database: nothing readable is left, a receipt proves it, a hold wins (R6)."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from chat.domain import session
from chat.messages import OpenContact, PostMessage
from kernel.codec import Keyring
from kernel.decider import Address, Decider, Elapse
from kernel.engine import Engine
from kernel.errors import Refused, Unavailable
from kernel.models import Aggregate, DataKey, LogRow
from kernel.seal import Erased, MasterKeys
from kernel.store import Store
from kernel.terms import SYSTEM, Actor, Medium, Role
from kernel.wire import Command
from recordings_policy import destruction, store, tasks
from recordings_policy.domain import record
from recordings_policy.messages import (
    CloseRecord,
    OpenRecord,
    PlaceHold,
    RequestErasure,
)
from recordings_policy.models import PurgeReceipt
from server.wiring import conninfo
from tests.recordings_policy.people import DAY, SUPERVISOR_ZHAO, T0, WORKER_LI, policy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("R6")]
CANARY = "我叫李秀英,住在三号楼"
LI = WORKER_LI.id
DECIDERS: dict[str, Decider[Any]] = {"session": session.DECIDER, "record": record.DECIDER}


class House:
    """An engine on the test database, driven from plain code."""

    def __init__(self, runner: asyncio.Runner) -> None:
        """Open the store."""
        self.runner, self.now = runner, T0
        self.store = Store(conninfo())
        runner.run(self.store.open())
        self.engine = Engine(self.store, DECIDERS, Keyring(self.store, MasterKeys(settings.MASTER_KEYS)))

    def do(self, feed: str, command: Command, by: Actor = SYSTEM, cid: str = "") -> int:
        """Give one command."""
        name = cid or f"{type(command).__name__}.{self.now.timestamp()}"
        return self.runner.run(self.engine.submit(Address.of(feed), command, by, self.now, name))

    def submit(self, contact: str, command: Command, cid: str) -> int:
        """The way the tasks reach the engine."""
        return self.do(f"record.{contact}", command, cid=cid)

    def wake(self, now: datetime) -> None:
        """The clock runs at `now`."""
        self.now = now
        self.do(f"record.{LI}", Elapse())

    def a_talk_that_ended(self) -> None:
        """Li says something and the contact closes."""
        by = Actor(Role.VISITOR, LI)
        self.do(f"session.{LI}", OpenContact("main"), by)
        self.do(f"session.{LI}", PostMessage(CANARY), by)
        self.do(f"record.{LI}", OpenRecord("main", store.rules_in_force("main", self.now)))
        self.do(f"record.{LI}", CloseRecord(self.now))


@pytest.fixture
def house() -> Iterator[House]:
    """A house with a policy for text: 30 to 90 days."""
    store.publish_policy(policy(Medium.TEXT), T0 - DAY, "sun", T0 - DAY)
    with asyncio.Runner() as runner:
        built = House(runner)
        yield built
        runner.run(built.store.close())


def everything() -> str:
    """Every row of every table, as text."""
    found = []
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall()]
    return "\n".join(found)


def test_after_the_ceiling_key_and_words_are_gone_and_a_receipt_proves_it(house: House) -> None:
    house.a_talk_that_ended()
    key = DataKey.objects.get().wrapped
    words = LogRow.objects.get(kind="message.posted").payload
    assert tasks.purge_all(house.submit, house.now) == 0
    house.wake(T0 + 90 * DAY)
    assert tasks.purge_all(house.submit, house.now) == 1
    assert not DataKey.objects.exists()
    left = everything()
    assert CANARY not in left
    assert str(bytes(key)) not in left
    assert str(bytes(words)) not in left
    house.engine.forget(LI)
    with pytest.raises(Erased):
        house.runner.run(house.engine.read(f"session.{LI}", 0))
    receipt = PurgeReceipt.objects.get()
    assert receipt.digest == destruction.digest_of(receipt)
    assert (receipt.policy_version, receipt.destroyed["rows"]) == (1, 2)
    state = store.read(LI)
    assert state is not None
    assert state.gone
    assert state.keeps[0].receipt == receipt.digest
    assert record.DECIDER.due(state) is None


def test_a_process_that_still_holds_the_contact_in_memory_cannot_add_to_it(house: House) -> None:
    house.a_talk_that_ended()
    house.wake(T0 + 90 * DAY)
    tasks.purge_all(house.submit, house.now)
    with pytest.raises(Refused, match="unknown_feed"):
        house.do(f"session.{LI}", PostMessage("again"), Actor(Role.VISITOR, LI))
    assert not Aggregate.objects.filter(feed=f"session.{LI}").exists()


def test_purging_twice_destroys_once_and_keeps_the_first_receipt(house: House) -> None:
    house.a_talk_that_ended()
    house.wake(T0 + 90 * DAY)
    first = tasks.purge(LI, Medium.TEXT, 1, house.submit, house.now)
    assert tasks.purge(LI, Medium.TEXT, 1, house.submit, house.now + DAY) == first
    assert tasks.purge_all(house.submit, house.now) == 0
    assert PurgeReceipt.objects.count() == 1


@pytest.mark.parametrize("dies_before", ["purge.begin", "purge.confirm"])
def test_a_task_that_dies_half_way_is_healed_by_the_next_order(house: House, dies_before: str) -> None:
    house.a_talk_that_ended()
    house.wake(T0 + 90 * DAY)

    def dying(contact: str, command: Command, cid: str) -> int:
        if command.__struct_config__.tag == dies_before:
            raise Unavailable
        return house.submit(contact, command, cid)

    assert tasks.purge_all(dying, house.now) == 0
    assert DataKey.objects.exists() == (dies_before == "purge.begin")
    house.wake(T0 + 91 * DAY)
    assert tasks.purge_all(house.submit, house.now) == 1
    assert not DataKey.objects.exists()
    assert PurgeReceipt.objects.count() == 1


def test_a_hold_that_comes_between_order_and_task_keeps_everything(house: House) -> None:
    house.a_talk_that_ended()
    house.wake(T0 + 90 * DAY)
    house.do(f"record.{LI}", PlaceHold("court-4", "2026-118", house.now + 30 * DAY), SUPERVISOR_ZHAO)
    assert tasks.purge_all(house.submit, house.now) == 0
    assert tasks.purge(LI, Medium.TEXT, 1, house.submit, house.now) is None
    assert DataKey.objects.exists()
    texts = [getattr(row.event, "text", "") for row in house.runner.run(house.engine.read(f"session.{LI}", 0))]
    assert CANARY in texts


def test_erasure_before_the_floor_waits_sealed_and_is_done_at_the_floor(house: House) -> None:
    house.a_talk_that_ended()
    house.do(f"record.{LI}", RequestErasure(), WORKER_LI)
    state = store.read(LI)
    assert state is not None
    assert state.sealed
    assert tasks.purge_all(house.submit, house.now) == 0
    house.wake(T0 + 30 * DAY)
    assert tasks.purge_all(house.submit, house.now) == 1


def test_what_nobody_can_destroy_is_not_claimed_to_be_destroyed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.a_talk_that_ended()
    house.wake(T0 + 90 * DAY)
    monkeypatch.delitem(destruction.DESTROYERS, Medium.VOICE)
    assert destruction.destroy(LI, Medium.VOICE, 1, house.now) is None
    assert not PurgeReceipt.objects.exists()


def test_a_new_version_reaches_the_records_that_are_kept(house: House) -> None:
    house.a_talk_that_ended()
    assert tasks.roll_out(house.submit, house.now) == 0
    store.publish_policy(policy(Medium.TEXT, retention_ceiling_days=40), T0 + DAY, "sun", T0)
    tasks.roll_out(house.submit, T0)
    house.now = T0 + DAY
    assert tasks.roll_out(house.submit, house.now) == 1
    assert tasks.roll_out(house.submit, house.now) == 0
    state = store.read(LI)
    assert state is not None
    assert state.keeps[0].span.purge_at == T0 + 40 * DAY


def test_a_record_that_was_opened_without_rules_learns_them(house: House) -> None:
    house.do(f"record.{LI}", OpenRecord("main"))
    assert tasks.roll_out(house.submit, house.now) == 1
    state = store.read(LI)
    assert state is not None
    assert state.rules == store.rules_in_force("main", house.now)


def test_the_preview_reads_the_closed_contacts_of_the_line(house: House) -> None:
    assert list(store.closings("main", Medium.TEXT)) == []
    house.a_talk_that_ended()
    (closing,) = store.closings("main", Medium.TEXT)
    assert (closing.closed_at, closing.held, closing.erase_at) == (T0, False, None)
    assert list(store.closings("main", Medium.VOICE)) == []
    assert list(store.closings("night", Medium.TEXT)) == []
