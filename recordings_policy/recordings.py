"""Where recordings lie: a sealed file and a wrapped key each; whoever records asks here for a place and a key.

Decision, then key, then writer: nothing here decides. `recording.allowed` has been said by the record before, and its
number is what makes asking twice harmless.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction

from kernel import ids
from kernel.errors import Refused
from kernel.periods import Periods
from kernel.seal import MasterKeys, Wrapped
from kernel.terms import Medium
from recordings_policy import store
from recordings_policy.destruction import DESTROYERS
from recordings_policy.models import Recording

TABLE, NAME = "recordings_policy_recording", "name"


class Kept(msgspec.Struct, frozen=True):
    """One recording as its writer and its reader know it; `call` to `consents` stand in the associated data of its
    chunks, `ended` says that its end was written."""

    path: Path
    key: bytes
    tracks: tuple[str, ...]
    call: str
    recording: str
    policy_version: int
    consents: tuple[str, ...]
    ended: bool = False


class Listed(msgspec.Struct, frozen=True):
    """One recording as people are told of it."""

    number: int
    begun_at: datetime
    ended_at: datetime | None
    tracks: tuple[str, ...]


def begin(
    contact: str,
    number: int,
    *,
    call: str,
    policy_version: int,
    consents: tuple[str, ...],
    tracks: tuple[str, ...],
    now: datetime,
) -> Kept:
    """Give a recording its place and its key; asked again for the same number, the same ones.

    Raises Refused(`erased`) where the record no longer takes anything, `not_open` where it never allowed this number.
    """
    with transaction.atomic():
        # Held until the row is there: what ends this call's permission follows it, and its purge will find the row.
        state = store.read(contact, held=True)
        if state is None or not any(each.recording == number for each in state.running):
            raise Refused("erased" if state is not None and (state.gone or state.sealed) else "not_open")
        row = _row(
            contact,
            number,
            {"call": call, "policy_version": policy_version, "consents": list(consents), "tracks": list(tracks)},
            now,
        )
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    return _kept(row)


def _row(contact: str, number: int, facts: dict[str, Any], now: datetime) -> Recording:
    """The row of a recording, made where there is none yet; of two who make it at once, one finds the other's."""
    name = f"{contact}.{number}"
    known = Recording.objects.filter(pk=name).first()
    if known is not None:
        return known
    wrapped, _ = _masters().wrap(name)
    key = {"master": wrapped.master, "period": wrapped.period, "wrapped": wrapped.blob}
    file = f"{ids.token()}.xqr"
    try:
        with transaction.atomic():
            return Recording.objects.create(
                name=name, contact=contact, number=number, file=file, begun_at=now, **facts, **key
            )
    except IntegrityError:
        return Recording.objects.get(pk=name)


def ended(contact: str, number: int, now: datetime) -> None:
    """Note that the file is whole: from now on a missing end means that somebody cut it off."""
    Recording.objects.filter(pk=f"{contact}.{number}", ended_at=None).update(ended_at=now)


def find(contact: str, number: int) -> Kept | None:
    """Find a recording for whoever may hear it; the gate was asked before. Raises Erased where its key is gone."""
    row = Recording.objects.filter(pk=f"{contact}.{number}").first()
    return _kept(row) if row is not None else None


def listed(contact: str) -> tuple[Listed, ...]:
    """List the recordings of a contact, without their sound."""
    rows = Recording.objects.filter(contact=contact).order_by("number")
    return tuple(Listed(row.number, row.begun_at, row.ended_at, tuple(row.tracks)) for row in rows)


def destroy(contact: str) -> dict[str, Any]:
    """Destroy every recording of a contact: row and key in the open transaction, then the file.

    A file that is left over by a crash cannot be opened: its key is gone; the next sweep removes it.
    """
    rows = list(Recording.objects.select_for_update().filter(contact=contact).order_by("number"))
    keys = hashlib.sha256(b"".join(bytes(row.wrapped) for row in rows)).hexdigest()
    sizes = [_remove(folder() / row.file) for row in rows]
    Recording.objects.filter(contact=contact).delete()
    return {"keys": keys, "recordings": len(rows), "bytes": sum(sizes)}


def sweep_files() -> int:
    """Remove files that no row names any more; how many there were."""
    found = tuple(
        folder().glob("*.xqr")
    )  # before the rows: the file of a call that begins meanwhile has its row by then
    known = set(Recording.objects.values_list("file", flat=True))
    return sum(_remove(path) >= 0 for path in found if path.name not in known)


def folder() -> Path:
    """The folder recordings lie in."""
    return Path(settings.RECORDINGS_DIR)


def _remove(path: Path) -> int:
    """Remove a file; its size, 0 where there was none."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def _masters() -> MasterKeys:
    return MasterKeys(settings.MASTER_KEYS, Periods(settings.KEYS_DIR))


def _kept(row: Recording) -> Kept:
    key = _masters().unwrap(row.name, Wrapped(row.master, row.period, bytes(row.wrapped)))
    tracks, consents = tuple(row.tracks), tuple(row.consents)
    path, ended = folder() / row.file, row.ended_at is not None
    return Kept(path, key, tracks, row.call, row.name, row.policy_version, consents, ended)


DESTROYERS[Medium.VOICE] = destroy
