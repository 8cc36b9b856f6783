"""Remembers that the kept database has this checkout's shape, so that a second start need not ask Django."""

from launcher.engines import Engines
from launcher.log import Log
from launcher.packages import LOCKS
from launcher.places import DATA, ROOT, digest, stamp, stamped
from launcher.service import run_manage

_STAMP = DATA / "schema.stamp"
_SHAPING = frozenset({"migrate", "flush", "sqlflush", "dbshell", "shell", "loaddata"})


def _value() -> str:
    """What the shape follows from: our migrations, and by the lock everybody else's."""
    return digest([*sorted(ROOT.glob("*/migrations/*.py")), LOCKS["run"]])


def ensure(engines: Engines, env: dict[str, str], log: Log, *, kept: bool) -> bool:
    """Migrate unless the stamp says it is done; True when there was something to do.

    `kept` is False for a database that is not ours to remember: one behind DATABASE_URL is always asked.
    """
    value = _value()
    if kept and not engines.created and stamped(_STAMP, value):
        return False
    run_manage(env, log, "migrate", "--noinput", "--verbosity", "0")
    if kept:
        stamp(_STAMP, value)
    return True


def touched_by(command: str) -> bool:
    """Whether a command may change the shape behind our back, or must see it as it is."""
    return command in _SHAPING


def forget() -> None:
    """The next start has to ask Django again."""
    _STAMP.unlink(missing_ok=True)
