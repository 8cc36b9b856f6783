"""Sharing the kept engines between commands: one dev.py owns them, others at the same time join."""

import contextlib
import json
import os
import time
from collections.abc import Iterator

from launcher.console import Console
from launcher.engines import Engines, EnginesBusyError, Urls, outside
from launcher.locks import Lock
from launcher.places import DATA

_FILE = DATA / "running.json"
_JOIN_WITHIN = 180.0  # seconds: an owner may be initialising the cluster


def announce(urls: Urls) -> None:
    """Tell other commands of this checkout where the engines are; for our own eyes, it holds passwords."""
    draft = _FILE.with_name(f"{_FILE.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"pid": os.getpid(), "database": urls.database, "redis": urls.redis}, file)
    draft.replace(_FILE)


def withdraw() -> None:
    """The engines are about to stop."""
    _FILE.unlink(missing_ok=True)


def _announced(owner: int) -> Urls | None:
    try:
        told = json.loads(_FILE.read_text())
        return Urls(str(told["database"]), str(told["redis"])) if int(told["pid"]) == owner else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def own_when_free(engines: Engines, console: Console, seconds: float) -> None:
    """Start the engines; while another command of this checkout has them, wait that long for it to end."""
    deadline = time.monotonic() + seconds
    told = False
    while True:
        try:
            engines.start()
        except EnginesBusyError:
            if time.monotonic() > deadline:
                raise
            if not told:
                console.say(f"Waiting for {engines.lock.holder()}, which uses the engines")
            told = True
            time.sleep(0.1)
        else:
            announce(engines.urls)
            return


@contextlib.contextmanager
def joined_or_own(console: Console) -> Iterator[tuple[Engines, Urls]]:
    """The kept engines: those another dev.py has running, else our own, stopped when the last guest has left.

    The second value is where they answer; `engines.owned` tells whether they are ours.
    """
    guests = Lock(DATA / "guests.lock")
    engines = Engines(DATA, given=outside(os.environ), log=console.log, report=console.say)
    deadline = time.monotonic() + _JOIN_WITHIN
    while True:
        try:
            engines.start()
            break
        except EnginesBusyError:
            with guests.shared() as got:
                urls = _announced(engines.lock.holder_pid()) if got else None
                if urls:
                    yield engines, urls
                    return
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    try:
        announce(engines.urls)
        yield engines, engines.urls
        guests.take(wait=True)
    finally:
        withdraw()
        engines.stop()
        guests.release()
