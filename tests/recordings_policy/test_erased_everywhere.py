"""Erased means everywhere (R6): 20 canaries, looked for in files, log, dumps, and a restored older backup."""

import asyncio
import base64
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from pytest_django import Settings

from chat.messages import OpenContact, PostMessage
from chat.voice.contract import RecordingDecision
from chat.voice.recorder import Sealer
from kernel.codec import Keyring
from kernel.decider import Elapse
from kernel.engine import Engine
from kernel.periods import Periods
from kernel.seal import Erased, MasterKeys, Tampered, Wrapped, unseal
from kernel.terms import Actor, Medium, Role
from launcher.scratch import scratch
from recordings_policy import recordings, store, tasks
from recordings_policy.messages import CloseRecord, OpenRecord, RequestRecording
from recordings_policy.models import KeyReceipt, PurgeReceipt, Recording
from server.tasks import turn
from tests.recordings_policy.canaries import hits
from tests.recordings_policy.cluster import Cluster
from tests.recordings_policy.people import DAY, T0, consent, policy
from tests.recordings_policy.test_purge import DECIDERS, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("R6")]
CANARIES = tuple(f"金丝雀{number:02d}在七号车间哭过" for number in range(20))
ALIVE = "这一句要留着的话"
HORIZON, MASTERS = timedelta(days=30), {1: b"m" * 32}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a database server can walk into."""
    with scratch() as made:
        yield made


@pytest.fixture
def keys(folder: Path, settings: Settings) -> MasterKeys:
    """An installation of its own: master key, period keys, a place for recordings."""
    settings.KEYS_DIR, settings.RECORDINGS_DIR = folder / "wrapping-keys", folder / "recordings"
    settings.KEY_HORIZON, settings.KEY_PERIOD = HORIZON, DAY
    settings.MASTER_KEYS = MASTERS
    periods = Periods(folder / "wrapping-keys")
    periods.mint(T0)
    return MasterKeys(MASTERS, periods)


@pytest.fixture
def house(keys: MasterKeys) -> Iterator[House]:
    """A house that records on the visitor's word, kept 30 to 90 days."""
    for medium in Medium:
        store.publish_policy(policy(medium), T0 - DAY, "sun", T0 - DAY)
    with asyncio.Runner() as runner:
        built = House(runner)
        built.engine = Engine(built.store, DECIDERS, Keyring(built.store, keys))
        yield built
        runner.run(built.store.close())


def talk(house: House, contact: str, words: str) -> None:
    """Somebody says something, on text and on tape."""
    by = Actor(Role.VISITOR, contact)
    house.do(f"session.{contact}", OpenContact("main"), by)
    house.do(f"session.{contact}", PostMessage(words), by)
    house.do(f"record.{contact}", OpenRecord("main", store.rules_in_force("main", house.now)))
    house.do(f"record.{contact}", consent(), by)
    house.do(f"record.{contact}", RequestRecording())
    facts: dict[str, Any] = {"call": "k1", "policy_version": 1, "consents": ("rec-2",), "tracks": ("visitor",)}
    kept = recordings.begin(contact, 1, now=house.now, **facts)
    with kept.path.open("xb") as file:
        decision = RecordingDecision(kept.call, kept.recording, kept.policy_version, kept.consents)
        sealer = Sealer(file, kept.key, decision)
        sealer.write(words.encode())
        sealer.flush(last=True)
    recordings.ended(contact, 1, house.now)


def close_and_purge(house: House, contacts: list[str]) -> None:
    """Their contacts end, the ceiling passes, and the task destroys what is ordered."""
    for contact in contacts:
        house.do(f"record.{contact}", CloseRecord(house.now))
    house.now = T0 + 90 * DAY
    for contact in contacts:
        house.do(f"record.{contact}", Elapse(), cid=f"wake.{contact}")
    assert tasks.purge_all(house.submit, house.now) == 2 * len(contacts)
    assert PurgeReceipt.objects.count() == 2 * len(contacts)


KEYS = "SELECT contact, master, period, wrapped FROM kernel_datakey"
TAPES = "SELECT name, master, period, wrapped FROM recordings_policy_recording"
WORDS = "SELECT feed, seq, kind, payload FROM kernel_logrow WHERE feed = %s AND kind = 'message.posted'"


def opened(conninfo_: str, contacts: list[str], keys: MasterKeys) -> tuple[int, int]:
    """What a thief reads who has a server, the master keys and every period key there still is: words, tapes."""
    words = tapes = 0
    with psycopg.connect(conninfo_) as link:
        for owner, master, period, blob in (*link.execute(KEYS).fetchall(), *link.execute(TAPES).fetchall()):
            if owner.partition(".")[0] not in contacts:
                continue
            try:
                key = keys.unwrap(owner, Wrapped(master, period, bytes(blob)))
            except (Erased, Tampered):
                continue
            if "." in owner:
                tapes += 1
                continue
            for feed, seq, kind, payload in link.execute(WORDS, [f"session.{owner}"]).fetchall():
                words += "posted" in unseal(AESGCM(key), bytes(payload), f"{feed}|{seq}|{kind}").decode()
    return words, tapes


def test_twenty_canaries_are_gone_from_files_log_dumps_and_an_older_backup(
    house: House, keys: MasterKeys, folder: Path
) -> None:
    cluster = Cluster(folder)
    contacts = [f"c-canary{number:02d}" for number in range(len(CANARIES))]
    for contact, canary in zip(contacts, CANARIES, strict=True):
        talk(house, contact, canary)
    talk(house, "c-alive", ALIVE)
    wrapped = {name: (m, p, bytes(w)) for name, m, p, w in rows(KEYS) + rows(TAPES)}
    assert len(wrapped) == 2 * 21
    older, older_dump = cluster.backup("older"), cluster.dump("older.sql")
    with cluster.restored(older) as server:
        assert opened(server, contacts, keys) == (20, 20), "the thief must be able to, or nothing is shown below"

    close_and_purge(house, contacts)
    newer, newer_dump = cluster.backup("newer"), cluster.dump("newer.sql")
    with cluster.restored(newer) as server:
        assert opened(server, contacts, keys) == (0, 0)
    live = cluster.data()
    places = [live, older, newer, older_dump, newer_dump, folder / "recordings", folder / "wrapping-keys"]
    assert hits(places, (*CANARIES, ALIVE)) == []
    assert len(list((folder / "recordings").glob("*.xqr"))) == 1

    # The wrapped keys are still in the write-ahead log and in the older backup: this is what the horizon is for.
    kept = [name for name, (_, _, blob) in wrapped.items() if holds([live, older], blob) and name[:8] == "c-canary"]
    assert len(kept) == 40

    now, destroyed = house.now, 0
    while now <= T0 + 90 * DAY + DAY + HORIZON:
        destroyed += turn(keys, now)
        now += DAY
    assert destroyed == KeyReceipt.objects.count() >= 1
    for name, (master, period, blob) in wrapped.items():
        with pytest.raises(Erased):
            keys.unwrap(name, Wrapped(master, period, blob))
    again = Path(shutil.copytree(older, folder / "older.again"))
    with cluster.restored(again) as server:
        assert opened(server, contacts, keys) == (0, 0)
        assert opened(server, ["c-alive"], keys) == (0, 0), "an older backup is of no use past the horizon, to nobody"

    # Who is alive is untouched: the keys that live were wrapped anew each time.
    house.engine = Engine(house.store, DECIDERS, Keyring(house.store, keys))
    texts = [getattr(row.event, "text", "") for row in house.runner.run(house.engine.read("session.c-alive", 0))]
    assert ALIVE in texts
    assert recordings.find("c-alive", 1) is not None
    assert Recording.objects.count() == 1


def rows(statement: str) -> list[Any]:
    """Rows of the database as it is now."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def holds(places: list[Path], blob: bytes) -> bool:
    """Tell whether these very bytes stand in any file of these places."""
    return any(blob in path.read_bytes() for place in places for path in place.rglob("*") if path.is_file())


def test_the_search_finds_what_is_there(folder: Path) -> None:
    spelled: list[Callable[[str], bytes]] = [
        lambda words: words.encode(),
        lambda words: words.encode().hex().encode(),
        lambda words: base64.b64encode(b"{'text': '" + words.encode() + b"'}"),
        lambda words: words.encode("unicode_escape"),
        lambda words: words.encode("utf-16-le"),
    ]
    for number, spell in enumerate(spelled):
        (folder / f"{number}.bin").write_bytes(b"before" + spell(CANARIES[number]) + b"after")
    assert {(Path(path).stem, word) for path, word in hits([folder], CANARIES)} == {
        (str(number), CANARIES[number]) for number in range(len(spelled))
    }
