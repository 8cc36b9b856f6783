"""Wraps the data keys that live anew, under the newest master and period: what is not here any more stays behind."""

from django.db import connection, transaction

from kernel.seal import LASTING, MasterKeys, Wrapped

PAGE = 500


def rewrap(table: str, name: str, masters: MasterKeys) -> int:
    """Go through a table with columns (`name`, master, period, wrapped); the number of keys wrapped anew.

    `name` holds what each key was wrapped for. A row that changed or went meanwhile is left alone.
    """
    newest, period = masters.newest, masters.period
    wanted = f"CASE WHEN starts_with({name}, '{LASTING}') THEN 0 ELSE %s END"
    page = f"SELECT {name}, master, period, wrapped FROM {table} WHERE (master, period) <> (%s, {wanted}) LIMIT {PAGE}"  # noqa: S608 - names of our own tables
    done = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{page} FOR UPDATE SKIP LOCKED", [newest, period])
            rows = cursor.fetchall()
            for owner, master, old, blob in rows:
                fresh = masters.rewrap(owner, Wrapped(master, old, bytes(blob)))
                cursor.execute(
                    f"UPDATE {table} SET master = %s, period = %s, wrapped = %s WHERE {name} = %s",  # noqa: S608
                    [fresh.master, fresh.period, fresh.blob, owner],
                )
        done += len(rows)
        if len(rows) < PAGE:
            return done


def still_wrapped(table: str, period: int) -> bool:
    """Tell whether any row of a table still needs this period's key."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE period = %s)", [period])  # noqa: S608
        row = cursor.fetchone()
    return bool(row and row[0])
