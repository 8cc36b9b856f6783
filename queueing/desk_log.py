"""A desk's log read for reports; never for a decision."""

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection

from kernel.seal import LASTING, MasterKeys, Wrapped, unseal
from kernel.wire import Event
from queueing.messages import EVENTS

_event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(reduce(or_, EVENTS))
PAGE = 2000


def desk_log(line: str, since: datetime) -> Iterator[tuple[datetime, Event]]:
    """Every event of a line's desk from an instant on, in order, with its own instant."""
    feed, after = f"desk.{line}", 0
    key = _key(feed)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seq, at, kind, payload FROM kernel_logrow WHERE feed = %s AND at >= %s AND seq > %s"
                " ORDER BY seq LIMIT %s",
                [feed, since, after, PAGE],
            )
            rows = cursor.fetchall()
        for seq, at, kind, payload in rows:
            after = seq
            yield at, _event.decode(unseal(key, bytes(payload), f"{feed}|{seq}|{kind}"))
        if len(rows) < PAGE:
            return


def _key(feed: str) -> AESGCM | None:
    """Open the desk's lasting key; None before its first event."""
    name = LASTING + feed
    with connection.cursor() as cursor:
        cursor.execute("SELECT master, period, wrapped FROM kernel_datakey WHERE contact = %s", [name])
        row = cursor.fetchone()
    if row is None:
        return None
    return AESGCM(MasterKeys(settings.MASTER_KEYS).unwrap(name, Wrapped(row[0], row[1], bytes(row[2]))))
