"""A desk's log read for reports: ids and times only, kept plain; never for a decision."""

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_

import msgspec
from django.db import connection

from kernel.seal import unseal
from kernel.wire import Event
from queueing.messages import EVENTS

_event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(reduce(or_, EVENTS))
PAGE = 2000


def desk_log(line: str, since: datetime) -> Iterator[tuple[datetime, Event]]:
    """Every event of a line's desk from an instant on, in order, with its own instant."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seq, at, payload FROM kernel_logrow WHERE feed = %s AND at >= %s AND seq > %s"
                " ORDER BY seq LIMIT %s",
                [f"desk.{line}", since, after, PAGE],
            )
            rows = cursor.fetchall()
        for seq, at, payload in rows:
            after = seq
            yield at, _event.decode(unseal(None, bytes(payload), line))
        if len(rows) < PAGE:
            return
