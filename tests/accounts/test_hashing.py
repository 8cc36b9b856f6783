"""Passwords under Argon2id, a few at a time."""

import threading

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, identify_hasher, make_password

from accounts import hashing
from accounts.passwords import fresh_password


def test_passwords_are_kept_as_argon2id_with_64_mib() -> None:
    encoded = make_password("a long enough secret")
    assert encoded.startswith("argon2$argon2id$v=19$m=65536,t=3,p=2$")
    assert isinstance(identify_hasher(encoded), hashing.BoundedArgon2)
    assert check_password("a long enough secret", encoded)
    assert not check_password("another secret", encoded)


def test_a_storm_of_sign_ins_hashes_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = most = 0
    lock, gate = threading.Lock(), threading.Event()

    def slow(_self: object, _password: str, _salt: str) -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        gate.wait(0.05)
        with lock:
            inside -= 1
        return "x"

    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    threads = [threading.Thread(target=hashing.BoundedArgon2().encode, args=("p", "s" * 8)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == hashing.AT_ONCE


def test_drawn_passwords_differ_and_can_be_typed() -> None:
    drawn = {fresh_password() for _ in range(200)}
    assert len(drawn) == 200
    assert all(set(one) <= set("abcdefghijklmnopqrstuvwxyz234567-") and len(one) == 19 for one in drawn)
