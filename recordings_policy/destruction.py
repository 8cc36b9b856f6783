"""Destroys what a contact left and keeps the proof; the one place where anything is ever deleted."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from accounts import vault
from kernel.terms import Medium
from recordings_policy.models import PurgeReceipt

# Destroys one medium of a contact inside the open transaction; answers what it destroyed, as digests and counts.
Destroyer = Callable[[str], dict[str, Any]]

_KEY = "SELECT wrapped FROM kernel_datakey WHERE contact = %s FOR UPDATE"
_FEEDS = "SELECT feed FROM kernel_aggregate WHERE contact = %s ORDER BY feed FOR UPDATE"
_ROWS = "SELECT feed, seq, payload FROM kernel_logrow WHERE feed = ANY(%s) ORDER BY feed, seq"
# A payload of one byte 1 is a sealed one without a ciphertext: it reads as erased. Rows stay, so that counts and
# times stay true; snapshots go, so that no process can append to the contact from memory.
_SCRUB = "UPDATE kernel_logrow SET payload = '\\x01'::bytea WHERE feed = ANY(%s)"
_GONE = (
    "DELETE FROM kernel_aggregate WHERE feed = ANY(%s)",
    "DELETE FROM kernel_handled WHERE feed = ANY(%s)",
    "DELETE FROM kernel_unreacted WHERE feed = ANY(%s)",
)
_DESTROY_KEY = "DELETE FROM kernel_datakey WHERE contact = %s"


def destroy(contact: str, medium: Medium, policy_version: int, now: datetime) -> str | None:
    """Destroy one medium of a contact and write the receipt; its digest. Asked again, the first receipt answers.

    None where this installation knows no way to destroy the medium: then nothing was done and nothing is claimed.
    """
    destroyer = DESTROYERS.get(medium)
    if destroyer is None:
        return None
    with transaction.atomic():
        known = PurgeReceipt.objects.filter(contact=contact, medium=medium.value).first()
        if known is not None:
            return known.digest
        # Its wrapped key may stand in a backup, which opens as long as the period it was wrapped in has a key.
        last = now + settings.KEY_PERIOD + settings.KEY_HORIZON
        destroyed = {**destroyer(contact), "in_backups_until": last.isoformat()}
        receipt = PurgeReceipt(
            contact=contact,
            medium=medium.value,
            at=now,
            policy_version=policy_version,
            destroyed=destroyed,
        )
        receipt.digest = digest_of(receipt)
        receipt.save()
    return receipt.digest


def digest_of(receipt: PurgeReceipt) -> str:
    """Hash what a receipt states, so that the record's log vouches for it."""
    fields = (
        receipt.contact,
        receipt.medium,
        receipt.at,
        receipt.policy_version,
        sorted(receipt.destroyed.items()),
    )
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()


def destroy_written(contact: str) -> dict[str, Any]:
    """Destroy the data key of a contact and everything sealed under it: log payloads and snapshots."""
    payloads, rows = hashlib.sha256(), 0
    with connection.cursor() as cursor:
        cursor.execute(_KEY, [contact])
        key = cursor.fetchone()
        cursor.execute(_FEEDS, [contact])
        feeds = [feed for (feed,) in cursor.fetchall()]
        cursor.execute(_ROWS, [feeds])
        for feed, seq, payload in cursor.fetchall():
            payloads.update(f"{feed}|{seq}|".encode() + hashlib.sha256(payload).digest())
            rows += 1
        cursor.execute(_SCRUB, [feeds])
        for statement in _GONE:
            cursor.execute(statement, [feeds])
        cursor.execute(_DESTROY_KEY, [contact])
    return {
        "identity": vault.forget(contact),
        "key": hashlib.sha256(key[0]).hexdigest() if key else "",
        "feeds": feeds,
        "rows": rows,
        "payloads": payloads.hexdigest(),
    }


DESTROYERS: dict[Medium, Destroyer] = {Medium.TEXT: destroy_written}
"""How each medium is destroyed; whoever stores recordings adds theirs."""
