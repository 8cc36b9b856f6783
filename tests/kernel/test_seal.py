"""What is stored cannot be read without the key, cannot be moved, and is gone with the key."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from kernel.decider import Address
from kernel.engine import Engine
from kernel.seal import Erased, KeyCache, MasterKeys, Tampered, Wrapped, seal, unseal
from kernel.terms import Actor, Role
from tests.kernel.conftest import MASTERS, Start, fresh
from tests.kernel.toy import Add

Run = Callable[[Any], None]
NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
ANNA = Actor(Role.VISITOR, "anna")
KEY = AESGCM(b"k" * 32)
SECRET = "我不想让任何人知道的这句话"


@given(plain=st.binary(max_size=200), place=st.text(max_size=20), other=st.text(max_size=20))
def test_a_sealed_blob_opens_at_its_own_place_only(plain: bytes, place: str, other: str) -> None:
    blob = seal(KEY, plain, place)
    assert unseal(KEY, blob, place) == plain
    assert len(plain) < 4 or plain not in blob
    if other != place:
        with pytest.raises(Tampered):
            unseal(KEY, blob, other)
    with pytest.raises(Tampered):
        unseal(AESGCM(b"x" * 32), blob, place)
    with pytest.raises(Erased):
        unseal(None, blob, place)


@given(plain=st.binary(min_size=1, max_size=50), flip=st.integers(1, 10_000))
def test_one_flipped_bit_is_noticed(plain: bytes, flip: int) -> None:
    blob = bytearray(seal(KEY, plain, "p"))
    place = 1 + flip % (len(blob) - 1)
    blob[place] ^= 1 << (flip % 8)
    with pytest.raises(Tampered):
        unseal(KEY, bytes(blob), "p")


def test_the_same_words_never_look_the_same() -> None:
    assert len({seal(KEY, b"same", "p") for _ in range(50)}) == 50


def test_data_keys_are_wrapped_for_one_contact_and_rewrapped_by_the_newest_master() -> None:
    old = MasterKeys({1: b"a" * 32})
    both = MasterKeys({1: b"a" * 32, 2: b"b" * 32})
    wrapped, key = old.wrap("c1")
    assert (wrapped.master, wrapped.period) == (1, 0)
    assert both.unwrap("c1", wrapped) == key
    with pytest.raises(Tampered):
        both.unwrap("c2", wrapped)
    for unknown in (Wrapped(3, 0, wrapped.blob), Wrapped(1, 4, wrapped.blob)):
        with pytest.raises(Tampered):
            both.unwrap("c1", unknown)
    again = both.rewrap("c1", wrapped)
    assert again.master == 2
    assert MasterKeys({2: b"b" * 32}).unwrap("c1", again) == key
    for wrong in ({}, {1: b"short"}):
        with pytest.raises(ValueError, match="MASTER_KEYS"):
            MasterKeys(wrong)


def test_the_cache_of_keys_is_bounded_and_forgets() -> None:
    cache = KeyCache(2)
    for name in "abc":
        cache.put(name, KEY)
    assert [cache.get(name) is not None for name in "abc"] == [False, True, True]
    cache.forget("b")
    assert cache.get("b") is None


async def dump(engine: Engine) -> bytes:
    """Every byte of every table of the database, as a thief with a copy of it would have them."""
    tables = await engine.store.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", ())
    bytes_ = b""
    for (table,) in tables:
        for (row,) in await engine.store.fetch(f'SELECT t::text FROM "{table}" t', ()):
            bytes_ += str(row).encode()
    return bytes_


@pytest.mark.promise("R12")
def test_a_stolen_dump_shows_no_word(start: Start, run: Run) -> None:
    async def story() -> None:
        kind, name = fresh()
        plain = Address("open", name)
        async with start() as engine:
            await engine.submit(Address(kind, name), Add((SECRET, "13800138000")), ANNA, NOW, "a")
            await engine.submit(Address("lasting", name), Add((SECRET, "13800138000")), ANNA, NOW, "a")
            await engine.submit(plain, Add(("PLAINLY",)), ANNA, NOW, "a")
            stolen = await dump(engine)
            hexed = stolen.decode("utf-8", "replace")
            assert b"PLAINLY".hex() in hexed, "the search itself must be able to find"
            for word in (SECRET, "13800138000"):
                assert word not in hexed
                assert word.encode().hex() not in hexed
                assert word.encode("unicode_escape").hex() not in hexed

    run(story())


@pytest.mark.promise("R12")
def test_ciphertexts_of_two_rows_cannot_be_exchanged(start: Start, run: Run) -> None:
    async def story() -> None:
        to = Address(*fresh())
        async with start() as engine:
            await engine.submit(to, Add(("yes", "no")), ANNA, NOW, "a")
            await engine.store.run(
                "UPDATE kernel_logrow a SET payload = b.payload FROM kernel_logrow b"
                " WHERE a.feed = b.feed AND a.seq = 1 AND b.seq = 2 AND a.feed = %s",
                (to.feed,),
            )
            with pytest.raises(Tampered):
                await engine.read(to.feed, 0)

    run(story())


@pytest.mark.promise("R6")
def test_without_the_data_key_nothing_can_be_read_again(start: Start, run: Run) -> None:
    async def story() -> None:
        to = Address(*fresh())
        async with start() as engine:
            await engine.submit(to, Add((SECRET,)), ANNA, NOW, "a")
            await engine.store.run("DELETE FROM kernel_datakey WHERE contact = %s", (to.id,))
            engine.forget(to.id)
            for reading in (engine.read(to.feed, 0), engine.state(to)):
                with pytest.raises(Erased):
                    await reading
            with pytest.raises(Erased):
                await engine.submit(to, Add(("again",)), ANNA, NOW, "b")
            rows = await engine.store.fetch("SELECT 1 FROM kernel_datakey WHERE contact = %s", (to.id,))
            assert rows == [], "an erased contact gets no new key"

    run(story())


def test_two_processes_that_mint_at_once_agree_on_one_key(start: Start, run: Run) -> None:
    async def story() -> None:
        async with start() as one, start() as two:
            for _ in range(5):
                _, name = fresh()
                await asyncio.gather(*(e.codec.keyring.mint(name) for e in (one, two, one, two)))
                blob = seal(await one.codec.keyring.find(name), b"x", "p")
                assert unseal(await two.codec.keyring.find(name), blob, "p") == b"x"

    run(story())


def test_a_key_wrapped_by_a_lost_master_is_an_error_and_not_an_empty_page(start: Start, run: Run) -> None:
    async def story() -> None:
        to = Address(*fresh())
        async with start(masters=MASTERS) as engine:
            await engine.submit(to, Add((SECRET,)), ANNA, NOW, "a")
        async with start(masters=MasterKeys({7: b"z" * 32})) as engine:
            with pytest.raises(Tampered):
                await engine.read(to.feed, 0)

    run(story())
