"""Wrapping keys that end: minted once, found by every process, destroyed for good, never confused with lost ones."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from kernel.models import DataKey
from kernel.periods import DestroyedKey, LostKey, Periods
from kernel.rewrap import rewrap, still_wrapped
from kernel.seal import Erased, MasterKeys, Tampered, Wrapped

pytestmark = pytest.mark.promise("R6")
T0 = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MASTER = {1: b"m" * 32}


def kept(folder: Path) -> dict[str, bytes]:
    """What lies in the folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_first_key_is_minted_at_first_need_and_only_we_may_read_it(tmp_path: Path) -> None:
    periods = Periods(tmp_path / "keys")
    key = periods.newest()
    assert key.number == 1
    assert periods.key(1) == key.key
    assert Periods(tmp_path / "keys").newest() == key, "another process finds the same"
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()] == [0o600]


def test_processes_that_begin_a_period_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        minted = list(pool.map(lambda _: Periods(tmp_path).newest(), range(16)))
    assert len({Periods(tmp_path).key(key.number) for key in minted}) == len({key.number for key in minted})
    assert not list(tmp_path.glob("*.draft"))
    for key in minted:
        assert Periods(tmp_path).key(key.number) == key.key


def test_a_period_turns_when_it_is_old_enough(tmp_path: Path) -> None:
    periods = Periods(tmp_path)
    periods.mint(T0)
    assert not periods.turn(T0 + DAY - timedelta(seconds=1), DAY)
    assert periods.turn(T0 + DAY, DAY)
    assert periods.newest().number == 2
    assert periods.overdue(T0 + 30 * DAY, 30 * DAY) == ()
    assert [key.number for key in periods.overdue(T0 + 31 * DAY, 30 * DAY)] == [1]


def test_a_destroyed_key_leaves_its_digest_and_no_byte_of_itself(tmp_path: Path) -> None:
    periods = Periods(tmp_path)
    key = periods.mint(T0)
    periods.mint(T0 + DAY)
    stone = periods.destroy(1, T0 + 40 * DAY)
    assert (stone.digest, stone.minted_at, stone.destroyed_at) == (key.digest, T0, T0 + 40 * DAY)
    assert sorted(kept(tmp_path)) == ["1.gone", "2.key"]
    assert key.key not in b"".join(kept(tmp_path).values())
    for process in (periods, Periods(tmp_path)):
        with pytest.raises(DestroyedKey):
            process.key(1)
    assert periods.mint(T0 + 41 * DAY).number == 3, "a number is never given twice"


def test_a_missing_file_is_a_fault_and_not_an_erasure(tmp_path: Path) -> None:
    masters = MasterKeys(MASTER, Periods(tmp_path))
    wrapped, _ = masters.wrap("c1")
    (tmp_path / "1.key").unlink()
    other = MasterKeys(MASTER, Periods(tmp_path))
    with pytest.raises(LostKey):
        Periods(tmp_path).key(1)
    with pytest.raises(Tampered):
        other.unwrap("c1", wrapped)


def test_neither_the_master_key_nor_the_period_opens_alone(tmp_path: Path) -> None:
    masters = MasterKeys(MASTER, Periods(tmp_path))
    wrapped, key = masters.wrap("c1")
    assert wrapped.period == 1
    assert masters.unwrap("c1", wrapped) == key
    for thief in (MasterKeys(MASTER), MasterKeys({1: b"x" * 32}, Periods(tmp_path))):
        with pytest.raises(Tampered):
            thief.unwrap("c1", wrapped)
        with pytest.raises(Tampered):
            thief.unwrap("c1", Wrapped(1, 0, wrapped.blob))


@pytest.mark.django_db
def test_what_lives_is_wrapped_anew_and_what_was_kept_elsewhere_dies_with_its_period(tmp_path: Path) -> None:
    masters = MasterKeys(MASTER, Periods(tmp_path))
    keys = {}
    for number in range(1200):  # more than two pages
        wrapped, keys[f"c{number}"] = masters.wrap(f"c{number}")
        DataKey.objects.create(contact=f"c{number}", master=1, period=wrapped.period, wrapped=wrapped.blob)
    before = {row.contact: Wrapped(row.master, row.period, bytes(row.wrapped)) for row in DataKey.objects.all()}
    DataKey.objects.filter(contact="c7").delete()
    assert rewrap("kernel_datakey", "contact", masters) == 0
    assert masters.periods is not None
    masters.periods.mint(T0)
    assert still_wrapped("kernel_datakey", 1)
    assert rewrap("kernel_datakey", "contact", masters) == 1199
    assert not still_wrapped("kernel_datakey", 1)
    masters.periods.destroy(1, T0)
    for row in DataKey.objects.all():
        assert masters.unwrap(row.contact, Wrapped(row.master, row.period, bytes(row.wrapped))) == keys[row.contact]
    for contact, wrapped in before.items():
        with pytest.raises(Erased):
            masters.unwrap(contact, wrapped)
    assert connection.vendor == "postgresql"


@pytest.mark.django_db
def test_the_houses_own_keys_outlive_every_period_and_follow_the_newest_master(tmp_path: Path) -> None:
    periods = Periods(tmp_path)
    masters = MasterKeys(MASTER, periods)
    wrapped, key = masters.wrap("@desk.main")
    DataKey.objects.create(contact="@desk.main", master=1, period=wrapped.period, wrapped=wrapped.blob)
    periods.mint(T0)
    assert rewrap("kernel_datakey", "contact", masters) == 0
    assert masters.unwrap("@desk.main", wrapped) == key, "an older backup brings back a desk that can be read"
    both = MasterKeys({**MASTER, 2: b"n" * 32}, periods)
    assert rewrap("kernel_datakey", "contact", both) == 1
    row = DataKey.objects.get()
    assert (row.master, row.period) == (2, 0)
    assert MasterKeys({2: b"n" * 32}).unwrap(row.contact, Wrapped(2, 0, bytes(row.wrapped))) == key
