"""PostgreSQL and Valkey for one data folder: started on free ports, kept running, stopped cleanly."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from launcher.binaries import find
from launcher.errors import LaunchError, explain
from launcher.keys import Keys, load_keys
from launcher.locks import Lock
from launcher.log import Log
from launcher.places import engine_home, engine_identity, prepare, python
from launcher.ports import free_port
from launcher.postgres import Postgres
from launcher.scratch import scratch
from launcher.supervisor import Program, Supervisor
from launcher.valkey import Valkey

_START_WITHIN = 90.0  # seconds; recovery after a crash takes its time
_ATTEMPTS = 5  # another program may take a port between our look and the engine's start


class EnginesBusyError(LaunchError):
    """Another process runs the engines of this data folder."""


@dataclass(frozen=True)
class Urls:
    """Where the two engines answer."""

    database: str
    redis: str

    def with_database(self, name: str) -> "Urls":
        """The same engines, another database."""
        parts = urlsplit(self.database)
        return replace(self, database=urlunsplit(parts._replace(path=f"/{name}")))

    def environment(self, keys: Keys, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment every process of the service gets; what the caller has set himself stays."""
        told = dict(os.environ if base is None else base)
        secrets = (("SECRET_KEY", keys.secret_key), ("MASTER_KEYS", keys.master_keys), ("VAULT_KEYS", keys.vault_keys))
        for name, value in secrets:
            if f"{name}_FILE" not in told:
                told.setdefault(name, value)
        told = {name: value for name, value in told.items() if name not in ("DATABASE_URL_FILE", "REDIS_URL_FILE")}
        return told | {"DATABASE_URL": self.database, "REDIS_URL": self.redis, "PYTHONUNBUFFERED": "1"}


def outside(environ: Mapping[str, str]) -> Urls:
    """The engines the caller brings along, by NAME or by the file NAME_FILE; empty where none is named."""
    found = []
    for name in ("DATABASE_URL", "REDIS_URL"):
        file = environ.get(f"{name}_FILE", "")
        found.append(environ.get(name, "") or (Path(file).read_text().strip() if file else ""))
    return Urls(*found)


class Engines:
    """The engines of a data folder; those given as addresses are used and none is started in their place.

    `start()` returns the addresses; `supervisor` takes the engines down and up again for those who test that.
    """

    supervisor: Supervisor

    def __init__(
        self,
        data: Path,
        *,
        given: Urls = Urls("", ""),
        log: Log | None = None,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.data = prepare(data).resolve()
        self.log = log or Log(data / "log" / "xinqiao.log")
        self._own_log = log is None
        self.keys = load_keys(self.data)
        self.lock = Lock(self.data / "engines.lock")
        self.created = False
        self._given = given
        self._report = report
        self._urls: Urls | None = None

    @property
    def urls(self) -> Urls:
        """The addresses, once started."""
        if self._urls is None:
            raise LaunchError("The engines are not started.")
        return self._urls

    @property
    def owned(self) -> bool:
        """Whether they were started here and are not stopped yet."""
        return self._urls is not None

    def start(self) -> Urls:
        """Start what is not given and wait until it answers."""
        if not self.lock.take():
            raise EnginesBusyError(f"The engines of {self.data} are in use by {self.lock.holder()}.")
        try:
            self._urls = self._start()
        except BaseException:
            self.lock.release()
            raise
        return self._urls

    def stop(self, patience: float | None = None) -> None:
        """Stop what was started, and let others have the folder."""
        if self._urls is not None:
            self.supervisor.stop(patience)
        self._urls = None
        self.lock.release()
        if self._own_log:
            self.log.close()

    def environment(self, database: str | None = None) -> dict[str, str]:
        """The environment for a process that works on these engines, on another database if you like."""
        urls = self.urls if database is None else self.urls.with_database(database)
        told = urls.environment(self.keys)
        # Files that belong to this data and never into its database.
        told.setdefault("KEYS_DIR", str(self.data / "wrapping-keys"))
        told.setdefault("RECORDINGS_DIR", str(self.data / "recordings"))
        return told

    def create_database(self, name: str, like: str = "template1") -> str:
        """Make a database, empty or like another one, replacing one of that name; returns its address."""
        copy = f'CREATE DATABASE "{name}" TEMPLATE "{like}"'
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', copy)
        return self.urls.with_database(name).database

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _start(self) -> Urls:
        identity = engine_identity()
        wanted = not (self._given.database and self._given.redis)
        home = engine_home(self.data, identity) if wanted else self.data
        if home != self.data:
            self._report(f"User `nobody`, as whom PostgreSQL runs, cannot reach {self.data}: its files are in {home}")
        binaries = find(home, identity) if wanted else None
        postgres = valkey = None
        if binaries and not self._given.database:
            postgres = Postgres(home / "postgres", binaries, identity, self.keys.postgres_password)
            self.created = postgres.prepare()
        if binaries and not self._given.redis:
            valkey = Valkey(binaries.valkey, home, identity, self.keys.valkey_password)
        for _ in range(_ATTEMPTS):
            urls = self._attempt(postgres, valkey)
            if urls:
                return urls
        raise LaunchError("No free port was found for the engines: other programs take them as fast as we look.")

    def _attempt(self, postgres: Postgres | None, valkey: Valkey | None) -> Urls | None:
        """One start on ports that look free; None when one of them was taken meanwhile."""
        programs: list[Program] = []
        ready: dict[str, Callable[[], bool]] = {}
        urls = self._given
        if postgres:
            port = free_port()
            urls = replace(urls, database=postgres.url(port))
            programs.append(postgres.program(port))
            ready["postgres"] = lambda: postgres.ready(self.supervisor.pid("postgres"))
        if valkey:
            valkey_port = free_port()
            urls = replace(urls, redis=valkey.url(valkey_port))
            programs.append(valkey.program(valkey_port))
            ready["valkey"] = lambda: valkey.ready(valkey_port)
        self.supervisor = Supervisor(programs, self.log, self._report)
        self.supervisor.start()
        try:
            if all(self._wait(name, condition) for name, condition in ready.items()):
                return urls
        except BaseException:
            self.supervisor.stop()
            raise
        self.supervisor.stop()
        return None

    def _wait(self, name: str, ready: Callable[[], bool]) -> bool:
        """Wait for one engine; False when its port was taken."""
        deadline = time.monotonic() + _START_WITHIN
        while not ready():
            if self.supervisor.deaths(name) or time.monotonic() > deadline:
                said = self.log.tail(name)
                self.log.forget(name)
                if "Address already in use" in said:
                    return False
                last = said.splitlines()[-1] if said else "it said nothing"
                raise LaunchError(explain(said) or f"The engine {name} does not start: {last} (see {self.log.path}).")
            self.supervisor.wait_for_death(name, 1, 0.02)
        return True

    def _sql(self, *statements: str) -> None:
        """Run statements outside a transaction; by the environment's psycopg, so that TLS works too."""
        script = (
            "import os, sys, psycopg\n"
            "with psycopg.connect(os.environ['DATABASE_URL'], autocommit=True) as link:\n"
            "    for line in sys.argv[1:]: link.execute(line)\n"
        )
        done = subprocess.run(
            [python(), "-c", script, *statements],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LaunchError(f"The database refused: {done.stderr.strip().splitlines()[-1]}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextlib.contextmanager
def throwaway_engines() -> Iterator[Engines]:
    """Both engines on a folder of their own that is gone afterwards: for tests, drills and benches."""
    with scratch() as folder, Engines(folder) as engines:
        yield engines
