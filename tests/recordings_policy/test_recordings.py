"""Decision, then key, then writer; a key for each recording; and the sweep takes nothing that somebody still writes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_django import Settings

from kernel.errors import Refused
from kernel.terms import Medium
from recordings_policy import recordings, store
from recordings_policy.messages import (
    ApplyPolicy,
    CloseRecord,
    GiveConsent,
    OpenRecord,
    RequestErasure,
    RequestRecording,
    StopRecording,
    WithdrawConsent,
)
from recordings_policy.models import Recording
from recordings_policy.policy import Purpose
from server.wiring import conninfo
from tests.recordings_policy.people import DAY, T0, WORKER_LI, consent, policy
from tests.recordings_policy.test_purge import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("R5")]
LI = WORKER_LI.id
FACTS: dict[str, Any] = {"call": "k1", "policy_version": 1, "consents": ("rec-2",), "tracks": ("visitor",)}


@pytest.fixture
def house(tmp_path: Path, settings: Settings) -> Iterator[House]:
    """A line with a policy for voice, and a record that was opened."""
    settings.RECORDINGS_DIR, settings.KEYS_DIR = tmp_path / "recordings", tmp_path / "keys"
    store.publish_policy(policy(Medium.VOICE), T0 - DAY, "sun", T0 - DAY)
    with asyncio.Runner() as runner:
        built = House(runner)
        built.do(f"record.{LI}", OpenRecord("main", store.rules_in_force("main", built.now)))
        yield built
        runner.run(built.store.close())


def begin(house: House, number: int = 1) -> recordings.Kept:
    """What whoever records asks for."""
    return recordings.begin(LI, number, now=house.now, **FACTS)


def nothing_is_there() -> bool:
    """Neither a key nor a folder."""
    return not Recording.objects.exists() and not recordings.folder().exists()


def test_before_the_record_has_said_yes_there_is_neither_key_nor_place(house: House) -> None:
    for command, by in ((RequestRecording(), None), (consent(), WORKER_LI)):
        house.do(f"record.{LI}", command, *((by,) if by else ()))
        with pytest.raises(Refused, match="not_open"):
            begin(house)
    assert nothing_is_there()
    house.do(f"record.{LI}", RequestRecording(), cid="again")
    assert begin(house).path.parent.is_dir()


@pytest.mark.parametrize(
    "taken",
    [
        (WithdrawConsent(Purpose.RECORDING), WORKER_LI),
        (StopRecording(), WORKER_LI),
        (ApplyPolicy(()),),
        (RequestErasure(), WORKER_LI),
        (CloseRecord(T0),),
    ],
    ids=lambda taken: type(taken[0]).__name__,
)
def test_after_the_yes_is_gone_there_is_no_key_for_it_any_more(house: House, taken: tuple[Any, ...]) -> None:
    house.do(f"record.{LI}", consent(), WORKER_LI)
    house.do(f"record.{LI}", RequestRecording())
    house.do(f"record.{LI}", *taken)
    with pytest.raises(Refused, match="not_open"):
        begin(house)
    assert nothing_is_there()


def test_asked_twice_it_is_the_same_key_and_another_recording_has_another(house: House) -> None:
    yes: GiveConsent = consent()
    house.do(f"record.{LI}", yes, WORKER_LI)
    house.do(f"record.{LI}", RequestRecording())
    first = begin(house)
    assert begin(house) == first
    house.do(f"record.{LI}", StopRecording(), WORKER_LI)
    house.do(f"record.{LI}", RequestRecording(), cid="second")
    second = begin(house, 2)
    assert (second.key, second.path) != (first.key, first.path)
    assert second.key != first.key
    assert all(kept.key not in bytes(row.wrapped) for kept in (first, second) for row in Recording.objects.all())


def test_nothing_is_written_to_a_record_between_the_look_at_it_and_the_key(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a purge that was ordered in between found no row, and the key that followed outlived the receipt."""
    house.do(f"record.{LI}", consent(), WORKER_LI)
    house.do(f"record.{LI}", RequestRecording())
    tried: list[bool] = []

    def meanwhile() -> str:
        """Another process tries to write to the record, and is told to wait."""
        with psycopg.connect(conninfo(), autocommit=True) as other, pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT 1 FROM kernel_aggregate WHERE feed = %s FOR UPDATE NOWAIT", [f"record.{LI}"])
        tried.append(True)
        return "name"

    monkeypatch.setattr("recordings_policy.recordings.ids.token", meanwhile)
    assert begin(house).path.name == "name.xqr"
    assert tried


def test_the_sweep_removes_what_no_row_names_and_nothing_of_a_call_that_begins_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.do(f"record.{LI}", consent(), WORKER_LI)
    house.do(f"record.{LI}", RequestRecording())
    recordings.folder().mkdir(parents=True)
    stray = recordings.folder() / "left.xqr"
    stray.write_bytes(b"of a process that died")
    begun: list[Path] = []
    rows = Recording.objects.values_list

    def meanwhile(*fields: str, flat: bool) -> Any:
        """The rows as they are at one instant; in the next one a call begins to be written."""
        found = list(rows(*fields, flat=flat))
        begun.append(begin(house).path)
        begun[0].write_bytes(b"sealed")
        return found

    monkeypatch.setattr(Recording.objects, "values_list", meanwhile)
    assert recordings.sweep_files() == 1
    assert (stray.exists(), begun[0].exists()) == (False, True)
