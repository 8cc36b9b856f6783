"""A database engine that refuses with one clear sentence."""

from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.dummy import base as dummy

SENTENCE = (
    "DATABASE_URL is not set. `python3 dev.py up` starts everything with its own PostgreSQL, "
    "`python3 dev.py manage ...` runs one command that way; or set "
    "DATABASE_URL=postgresql://user:password@host:port/database to use your own."
)


def refuse(*_args: object, **_kwargs: object) -> NoReturn:
    """Say what to do."""
    raise ImproperlyConfigured(SENTENCE)


class DatabaseOperations(dummy.DatabaseOperations):
    """Refuses to quote as well, since that is the first thing some queries ask."""

    quote_name = refuse


class DatabaseWrapper(dummy.DatabaseWrapper):
    """Looks like a database until somebody needs one."""

    vendor = "none"
    display_name = "no database"
    ops_class = DatabaseOperations
    ensure_connection = refuse
    cursor = refuse
    _cursor = refuse
    _commit = refuse
