"""The vault: sealed under keys of its own, found by pseudonym, gone with its last contact; entry tokens count once."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts import entry_tokens, vault
from accounts.domain.identity import Proof
from accounts.models import VaultEntry, VaultLink
from kernel.periods import Periods
from kernel.seal import MasterKeys, Tampered, Wrapped

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
LI = vault.Identity(Proof.NATIONAL_ID, "11010519491231002X", "李秀英")
SECRET = b"s" * 32


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> None:
    """A vault with a key that is not the contacts'."""
    settings.VAULT_KEYS, settings.MASTER_KEYS = {1: b"v" * 32}, {1: b"m" * 32}
    settings.KEYS_DIR = tmp_path / "keys"


def stored() -> str:
    """Every row of the vault, as a thief would have it."""
    found = []
    for table in ("accounts_vaultentry", "accounts_vaultlink"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT t::text FROM {table} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.promise("R12")
def test_nothing_of_who_it_is_stands_in_the_tables() -> None:
    vault.keep("c1", LI, T0)
    text = stored()
    for word in (LI.number, LI.name, hashlib.sha256(LI.number.encode()).hexdigest()):
        assert word not in text
        assert word.encode().hex() not in text
    assert vault.open_identity("c1") == LI
    assert vault.link_of("c1") == vault.Link(Proof.NATIONAL_ID, T0)
    assert vault.link_of("c2") is None
    assert vault.open_identity("c2") is None


@pytest.mark.promise("R12")
def test_the_contacts_master_key_does_not_open_the_vault(settings: Settings) -> None:
    vault.keep("c1", LI, T0)
    entry = VaultEntry.objects.get()
    wrapped = Wrapped(entry.master, entry.period, bytes(entry.wrapped))
    with pytest.raises(Tampered):
        MasterKeys(settings.MASTER_KEYS, Periods(settings.KEYS_DIR)).unwrap(entry.pseudonym, wrapped)
    settings.VAULT_KEYS = {1: b"v" * 32, 2: b"w" * 32}
    assert vault.open_identity("c1") == LI
    vault.keep("c2", LI, T0)
    assert VaultEntry.objects.count() == 1, "the pseudonym stays when keys are added"


def test_the_same_person_is_one_entry_and_another_proof_is_another() -> None:
    for contact in ("c1", "c2"):
        vault.keep(contact, LI, T0)
    vault.keep("c3", vault.Identity(Proof.UNION_CARD, "4111111111111111"), T0)
    assert VaultEntry.objects.count() == 2
    vault.keep("c1", vault.Identity(Proof.UNION_CARD, "4111111111111111"), T0 + timedelta(days=1))
    assert vault.open_identity("c1") == LI, "the first word stands"


@pytest.mark.promise("R6")
def test_an_identity_goes_with_its_last_contact() -> None:
    for contact in ("c1", "c2"):
        vault.keep(contact, LI, T0)
    assert vault.forget("c1") == 1
    assert vault.open_identity("c1") is None
    assert vault.open_identity("c2") == LI
    assert vault.forget("c2") == 2
    assert vault.forget("c2") == 0
    assert not VaultEntry.objects.exists()
    assert not VaultLink.objects.exists()


# --- a partner app's word -----------------------------------------------------------------------------


def coded(part: Any) -> str:
    """One part of a token."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def token(secret: bytes = SECRET, alg: str = "HS256", **changed: Any) -> str:
    """A token as an app would write it."""
    at = int(T0.timestamp())
    claims = {"iss": "app", "sub": "member-7", "iat": at, "exp": at + 300, "jti": "word-0001", **changed}
    told = f"{coded({'alg': alg, 'typ': 'JWT'})}.{coded(claims)}"
    return f"{told}.{coded(hmac.new(secret, told.encode(), hashlib.sha256).digest())}"


def read(text: str, now: datetime = T0) -> entry_tokens.Claims | None:
    """What the house makes of it."""
    return entry_tokens.verify(text, {"app": SECRET}, now)


def test_an_app_s_word_counts_once() -> None:
    claims = read(token())
    assert claims is not None
    assert (claims.iss, claims.sub) == ("app", "member-7")
    assert read(token()) is None
    assert read(token(jti="word-0002")) is not None


AT = int(T0.timestamp())
WRONG = {
    "another secret": token(b"x" * 32),
    "no algorithm": token(alg="none"),
    "another algorithm": token(alg="HS512"),
    "an unknown app": token(iss="portal"),
    "over": token(iat=AT - 400, exp=AT - 100),
    "from tomorrow": token(iat=AT + 3600, exp=AT + 3700),
    "meant to last": token(exp=AT + 3600),
    "no end": token(exp=0),
    "nobody": token(sub=""),
    "no number": token(jti=""),
    "half": token().rpartition(".")[0],
    "nothing": "",
    "not even text": "\x00.\x00.\x00",
    "letters": "心.桥.。",
    "long": token(sub="x" * 9000),
    "unsigned": token().rpartition(".")[0] + ".",
    "json of another shape": f"{coded([])}.{coded([])}.{coded(b'x')}",
}


@pytest.mark.promise("R8")
@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_else_is_shown_is_nobody_s_word(wrong: str) -> None:
    assert read(WRONG[wrong]) is None


def test_a_changed_claim_is_noticed() -> None:
    head, _, tag = token().split(".")
    body = {"iss": "app", "sub": "member-8", "iat": AT, "exp": AT + 300, "jti": "word-0003"}
    assert read(f"{head}.{coded(body)}.{tag}") is None


def test_numbers_of_words_are_forgotten_when_the_words_are_over() -> None:
    read(token())
    assert vault.sweep(T0) == 0
    assert vault.sweep(T0 + timedelta(hours=1)) == 1
