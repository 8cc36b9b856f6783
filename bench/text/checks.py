"""What must be true before a figure counts: every message stored once, on disk before its acknowledgement."""

import importlib.metadata
import platform
import time
from typing import Any

import psycopg

from bench.text.arm import Rig, shown

SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "commit_delay")
PACKAGES = ("daphne", "uvicorn", "uvloop", "channels", "channels-redis", "redis", "hiredis", "psycopg", "Django")
SLOW_COMMIT_US = 2000


def settings(rig: Rig) -> dict[str, Any]:
    """How an arm's database keeps its word, and how long a lone commit takes here."""
    told: dict[str, Any] = dict(shown(rig.database, *SETTINGS))
    if (told["fsync"], told["synchronous_commit"]) != ("on", "on"):
        raise SystemExit(f"not durable: {told}")
    with psycopg.connect(rig.database, autocommit=True) as link:
        link.execute("CREATE TABLE IF NOT EXISTS bench_probe (at timestamptz)")
        waits = []
        for _ in range(20):
            began = time.perf_counter()
            link.execute("INSERT INTO bench_probe VALUES (now())")
            waits.append(time.perf_counter() - began)
        link.execute("DROP TABLE bench_probe")
    return told | {"lone_commit_ms": round(1000 * sorted(waits)[10], 2)}


def slow_commits(rig: Rig) -> None:
    """Make every commit wait as on a slower disk: a fast one hides what a commit per message costs."""
    with psycopg.connect(rig.database, autocommit=True) as link:
        link.execute(f"ALTER SYSTEM SET commit_delay = {SLOW_COMMIT_US}")
        link.execute("ALTER SYSTEM SET commit_siblings = 0")
        link.execute("SELECT pg_reload_conf()")


def versions() -> dict[str, str]:
    """Of the interpreter and of what matters."""
    found = {"python": platform.python_version(), "kernel": platform.release()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
