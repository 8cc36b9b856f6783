"""The roof's own late work: the worker's sign of life, and the keys that end."""

import logging
from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.db import connection

from accounts import vault
from kernel import clock
from kernel.lease import HOLD
from kernel.redact import loggable
from kernel.rewrap import rewrap, still_wrapped
from kernel.seal import MasterKeys
from recordings_policy import recordings, store
from server.wiring import masters

log = logging.getLogger("xinqiao.keys")

WRAPPED = (("kernel_datakey", "contact"), (recordings.TABLE, recordings.NAME))
"""Tables that hold keys wrapped under the master keys, and the column that says what each was wrapped for."""
TABLES = (*(table for table, _ in WRAPPED), vault.TABLE)


@shared_task
def beat() -> None:
    """Renew the worker's lease; /readyz reads it."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, (["worker"], "celery", clock.now()))


@shared_task
def turn_keys() -> int:
    """Every hour."""
    return turn(masters(), clock.now())


def turn(keys: MasterKeys, now: datetime) -> int:
    """Begin a period where one is due, wrap what lives anew, destroy the keys past the horizon; how many.

    A key that something still needs is never destroyed: then a row could not be wrapped anew, and somebody must look.
    """
    periods = keys.periods
    if periods is None:
        return 0
    periods.turn(now, settings.KEY_PERIOD)
    for table, name in WRAPPED:
        rewrap(table, name, keys)
    if vault.is_open():
        rewrap(vault.TABLE, vault.NAME, vault.masters())
    destroyed = 0
    for old in periods.overdue(now, settings.KEY_HORIZON):
        if any(still_wrapped(table, old.number) for table in TABLES):
            log.critical("a period past its horizon is still needed %s", loggable({"seq": old.number}))
            continue
        store.note_key_destroyed(periods.destroy(old.number, now))
        destroyed += 1
    return destroyed
