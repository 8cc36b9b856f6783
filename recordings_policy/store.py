"""What is in force, who looked, what stands in the records, and destruction: all SQL of this room."""

import hashlib
import hmac
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Q

from kernel.periods import Tombstone
from kernel.terms import Actor, Medium
from recordings_policy.domain import chain
from recordings_policy.domain.access import Answer, Circumstances, Need, Reason, Resource, may_open
from recordings_policy.domain.retention import Closing
from recordings_policy.domain.state import RecordState
from recordings_policy.models import AccessHead, AccessLog, KeyReceipt, PolicyRollout, PurgeReceipt, RecordPolicyVersion
from recordings_policy.policy import RecordPolicy, Rule

ONE_LOOK = timedelta(minutes=10)
"""How long a page that asks again and again counts as one look."""

# --- policies -----------------------------------------------------------------------------------------


def rules_in_force(line: str, now: datetime) -> tuple[Rule, ...]:
    """Read the rules of a line at `now`, one per medium at most; none means: no recording, kept 30 days."""
    rows = RecordPolicyVersion.objects.filter(line=line).order_by("medium", "version")
    found: dict[str, Rule] = {}
    for row in rows:
        if row.effective_from <= now:
            found[row.medium] = row.rule
        elif (rule := found.get(row.medium)) and rule.effective_until is None:
            found[row.medium] = msgspec.structs.replace(rule, effective_until=row.effective_from)
    return tuple(found[medium] for medium in sorted(found))


def publish_policy(
    policy: RecordPolicy, effective_from: datetime, by: str, now: datetime, note: str = ""
) -> RecordPolicyVersion:
    """Publish the next version; raises ValidationError. It never takes effect before versions already published."""
    mine = RecordPolicyVersion.objects.filter(line=policy.line, medium=policy.medium.value)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"record_policy.{policy.line}"])
        newest = mine.aggregate(version=Max("version"), at=Max("effective_from"))
        row = RecordPolicyVersion(
            line=policy.line,
            medium=policy.medium.value,
            version=(newest["version"] or 0) + 1,
            effective_from=max(filter(None, (effective_from, now, newest["at"]))),
            content=msgspec.to_builtins(policy),
            note=note,
            created_at=now,
            created_by=by,
        )
        row.save()
    return row


def rollouts_due(now: datetime) -> tuple[RecordPolicyVersion, ...]:
    """List the versions that records have not been told of: once when published, once when in force."""
    told = Q(policyrollout__isnull=False)
    ruling = Q(effective_from__lte=now, policyrollout__done_at__lt=F("effective_from"))
    return tuple(RecordPolicyVersion.objects.filter(~told | ruling))


def rolled_out(versions: tuple[RecordPolicyVersion, ...], now: datetime) -> None:
    """Note that every record has been told of these versions."""
    for version in versions:
        PolicyRollout.objects.update_or_create(version=version, defaults={"done_at": now})


def note_key_destroyed(stone: Tombstone) -> None:
    """Keep the proof that a period's wrapping key is gone; told again, the first proof stays."""
    facts = {"minted_at": stone.minted_at, "destroyed_at": stone.destroyed_at, "digest": stone.digest}
    KeyReceipt.objects.get_or_create(period=stone.number, defaults=facts)


# --- records ------------------------------------------------------------------------------------------

_RECORDS = "SELECT feed, state FROM kernel_aggregate WHERE kind = 'record' AND feed > %s ORDER BY feed LIMIT 500"
_NEWS = "SELECT DISTINCT feed FROM kernel_logrow WHERE kind = %s AND at > %s"
_STATE = "SELECT state FROM kernel_aggregate WHERE feed = %s"
_state = msgspec.json.Decoder(RecordState)


def read(contact: str, *, held: bool = False) -> RecordState | None:
    """Read one record; None where there is none. Records are stored plain behind one zero byte.

    `held`, it stays as it is read until the open transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_STATE} FOR SHARE" if held else _STATE, [f"record.{contact}"])
        row = cursor.fetchone()
    return _state.decode(bytes(row[0])[1:]) if row else None


def records(line: str) -> Iterator[tuple[str, RecordState]]:
    """Go through the records of a line that are not wholly destroyed, as (contact, state), in pages."""
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_RECORDS, [last])
            page = cursor.fetchall()
        for feed, blob in page:
            state = _state.decode(bytes(blob)[1:])
            if state.line == line and not state.gone:
                yield feed.removeprefix("record."), state
        if not page:
            return
        last = page[-1][0]


def closings(line: str, medium: Medium) -> Iterator[Closing]:
    """Tell, for the preview, of every closed contact of a line that still holds this medium."""
    for _, state in records(line):
        here = any(keep.span.medium is medium and not keep.begun for keep in state.keeps)
        if state.closed_at is not None and here:
            yield Closing(state.closed_at, state.frozen, state.erase_at)


def news(kind: str, since: datetime) -> tuple[str, ...]:
    """Name the contacts in whose record an event of this kind was written after `since`."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, [kind, since])
        return tuple(feed.removeprefix("record.") for (feed,) in cursor.fetchall())


# --- who looked ---------------------------------------------------------------------------------------


def keyed(number: int, content: bytes) -> str:
    """Hash under the access log's own key, derived from a master key; an unknown number matches nothing."""
    master = settings.MASTER_KEYS.get(number)
    if master is None:
        return ""
    key = hmac.digest(master, b"xinqiao access log", "sha256")
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def ask(
    by: Actor,
    resource: Resource,
    contact: str,
    reason: Reason,
    circumstances: Circumstances,
    now: datetime,
    reference: str = "",
) -> Answer:
    """Ask to open something: where the answer is yes, the look is in the log before the answer is given."""
    paper = {Need.REFERENCE} if reference else set()
    met = (circumstances.met - {Need.REFERENCE}) | paper
    answer = may_open(by.role, resource, reason, msgspec.structs.replace(circumstances, met=met))
    if not answer.opened:
        return answer
    look = append_access(by, resource, contact, reason, now, reference)
    return msgspec.structs.replace(answer, look=look)


def ask_again(
    by: Actor,
    resource: Resource,
    contact: str,
    reason: Reason,
    circumstances: Circumstances,
    now: datetime,
    reference: str = "",
) -> Answer:
    """As `ask`, for a page that reads on: looks within ten minutes of the last one for the same are that look."""
    known = AccessLog.objects.filter(who=by.id, role=by.role.value, what=resource.value, contact=contact)
    last = known.filter(why=reason.value, reference=reference, at__gt=now - ONE_LOOK).order_by("-seq").first()
    answer = may_open(by.role, resource, reason, circumstances)
    if last is None or not answer.opened:
        return ask(by, resource, contact, reason, circumstances, now, reference)
    return msgspec.structs.replace(answer, look=last.seq)


def append_access(
    by: Actor, resource: Resource, contact: str, reason: Reason, now: datetime, reference: str = ""
) -> int:
    """Write one look behind the last; its number."""
    entry = chain.Entry(
        seq=0,
        who=by.id,
        role=by.role.value,
        what=resource.value,
        contact=contact,
        why=reason.value,
        reference=reference,
        at=now.astimezone(UTC),
        key=max(settings.MASTER_KEYS),
    )
    with transaction.atomic():
        AccessHead.objects.get_or_create(pk=1, defaults={"digest": chain.START})
        row = AccessHead.objects.select_for_update().get(pk=1)
        placed = chain.link(entry, _head(row), keyed)
        AccessLog(**msgspec.structs.asdict(placed)).save()
        after = chain.head_after(placed, keyed)
        AccessHead.objects.filter(pk=1).update(**msgspec.structs.asdict(after))
    return placed.seq


def head() -> chain.Head:
    """Tell where the access log ends."""
    row = AccessHead.objects.filter(pk=1).first()
    return _head(row) if row else chain.Head()


def verify_log(anchor: chain.Head | None = None) -> chain.Fault | None:
    """Hold the whole access log against its digests; the first fault, or None."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_WHOLE)  # one statement sees end and rows at one instant, while others append
        first = cursor.fetchone()
        end = chain.Head() if first is None or first[0] is None else chain.Head(*first[:4])
        rows = itertools.chain([first] if first else [], iter(cursor.fetchone, None))
        entries = (chain.Entry(*row[4:]) for row in rows if row[4] is not None)
        return chain.verify(entries, end, keyed, anchor)


def looks(contact: str) -> tuple[chain.Entry, ...]:
    """Tell who opened what of a contact, in order, for a visitor who asks."""
    rows = AccessLog.objects.filter(contact=contact).order_by("seq")
    return tuple(chain.Entry(**values) for values in rows.values(*_FIELDS))


def is_look(seq: int, by: Actor, resource: Resource, contact: str, since: datetime) -> bool:
    """Tell whether this number in the log is this person's look at this, not older than `since`."""
    mine = AccessLog.objects.filter(pk=seq, who=by.id, role=by.role.value, what=resource.value, contact=contact)
    return mine.filter(at__gte=since).exists()


class Receipt(msgspec.Struct, frozen=True):
    """One medium that was destroyed, and until when a backup may still hold it under a key that lives."""

    medium: str
    at: datetime
    digest: str
    in_backups_until: str


def receipts(contact: str) -> tuple[Receipt, ...]:
    """Tell what was destroyed of a contact."""
    rows = PurgeReceipt.objects.filter(contact=contact).order_by("at")
    return tuple(Receipt(row.medium, row.at, row.digest, row.destroyed.get("in_backups_until", "")) for row in rows)


def _head(row: AccessHead) -> chain.Head:
    return chain.Head(row.count, row.digest, row.key, row.seal)


_FIELDS = chain.Entry.__struct_fields__
_WHOLE = f"""
SELECT h.count, h.digest, h.key, h.seal, {", ".join(f'l."{field}"' for field in _FIELDS)}
FROM (VALUES (1)) AS one(id) LEFT JOIN recordings_policy_accesshead h ON h.id = one.id
LEFT JOIN recordings_policy_accesslog l ON true ORDER BY l.seq
"""  # noqa: S608 - names of our own fields
