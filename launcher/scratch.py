"""Throw-away folders in which `nobody` can run an engine."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from launcher.children import GUARDIAN
from launcher.errors import LaunchError
from launcher.places import can_reach, engine_identity, prepare


@contextlib.contextmanager
def scratch(prefix: str = "xinqiao-") -> Iterator[Path]:
    """A folder for throw-away engines; gone afterwards, even if we are killed."""
    identity = engine_identity()
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 -- mkdtemp makes a name nobody can guess
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        if can_reach(prepare(folder), identity):
            break
        folder.rmdir()
    else:
        raise LaunchError("User `nobody` can reach no temporary folder: run the command as an ordinary user.")
    GUARDIAN.throw_away(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        GUARDIAN.keep(folder)
