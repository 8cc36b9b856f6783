"""The identity vault 身份库: who a verified visitor is, sealed under keys of its own; contacts carry a pseudonym.

The pseudonym is a keyed hash of the number, so the same person is the same pseudonym and nobody can try numbers
against a stolen table. Nothing here decides who may look: recordings_policy's gate was asked before `open_identity`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from accounts.domain.identity import Proof
from accounts.models import SpentToken, VaultEntry, VaultLink
from kernel.periods import Periods
from kernel.seal import MasterKeys, Wrapped, seal, unseal

TABLE, NAME = "accounts_vaultentry", "pseudonym"


class Identity(msgspec.Struct, frozen=True):
    """Who somebody is, as they or their app said; `issuer` for an app's word."""

    proof: Proof
    number: str
    name: str = ""
    issuer: str = ""


class Link(msgspec.Struct, frozen=True):
    """That a contact is verified, how and when; never as whom."""

    proof: Proof
    verified_at: datetime


def is_open() -> bool:
    """Tell whether this installation has a vault: without keys nobody can be verified here."""
    return bool(settings.VAULT_KEYS)


def masters() -> MasterKeys:
    """The vault's own keys; they open nothing of a contact, and a contact's open nothing here."""
    return MasterKeys(settings.VAULT_KEYS, Periods(settings.KEYS_DIR))


def keep(contact: str, who: Identity, now: datetime) -> Link:
    """Seal who somebody is and tie the contact to it; told again for the same contact, the first stands."""
    pseudonym = _pseudonym(who)
    with transaction.atomic():
        known = VaultLink.objects.filter(pk=contact).first()
        if known is None:
            _seal_entry(pseudonym, who, now)
            known = VaultLink.objects.create(
                contact=contact, pseudonym=pseudonym, proof=who.proof.value, verified_at=now
            )
    return Link(Proof(known.proof), known.verified_at)


def link_of(contact: str) -> Link | None:
    """Tell whether a contact is verified."""
    row = VaultLink.objects.filter(pk=contact).first()
    return Link(Proof(row.proof), row.verified_at) if row else None


def open_identity(contact: str) -> Identity | None:
    """Read who a contact is. Only for whom the gate has opened it; raises Erased where its key is gone."""
    row = VaultLink.objects.filter(pk=contact).first()
    entry = VaultEntry.objects.filter(pk=row.pseudonym).first() if row else None
    if entry is None:
        return None
    key = masters().unwrap(entry.pseudonym, Wrapped(entry.master, entry.period, bytes(entry.wrapped)))
    return msgspec.json.decode(unseal(AESGCM(key), bytes(entry.sealed), _place(entry.pseudonym)), type=Identity)


def forget(contact: str) -> int:
    """Untie a contact, as on erasure; the identity goes with its last contact. How many rows went."""
    with transaction.atomic():
        row = VaultLink.objects.select_for_update().filter(pk=contact).first()
        if row is None:
            return 0
        row.delete()
        if VaultLink.objects.filter(pseudonym=row.pseudonym).exists():
            return 1
        return 1 + VaultEntry.objects.filter(pk=row.pseudonym).delete()[0]


def sweep(now: datetime) -> int:
    """Forget the numbers of entry tokens that are over anyway; how many."""
    return SpentToken.objects.filter(expires_at__lte=now).delete()[0]


def _seal_entry(pseudonym: str, who: Identity, now: datetime) -> None:
    """Write a new entry; the same person coming again is the entry there is."""
    if VaultEntry.objects.select_for_update().filter(pk=pseudonym).exists():
        return
    wrapped, key = masters().wrap(pseudonym)
    sealed = seal(AESGCM(key), msgspec.json.encode(who), _place(pseudonym))
    facts: Mapping[str, object] = {"master": wrapped.master, "period": wrapped.period, "wrapped": wrapped.blob}
    VaultEntry.objects.get_or_create(pk=pseudonym, defaults={**facts, "sealed": sealed, "created_at": now})


def _pseudonym(who: Identity) -> str:
    """Name a person by a keyed hash; the first key makes it, so that it stays when keys are added."""
    key = hashlib.blake2b(b"pseudonym", key=settings.VAULT_KEYS[min(settings.VAULT_KEYS)], digest_size=32).digest()
    return hmac.new(key, f"{who.proof}|{who.issuer}|{who.number}".encode(), hashlib.sha256).hexdigest()[:40]


def _place(pseudonym: str) -> str:
    return f"vault|{pseudonym}"
