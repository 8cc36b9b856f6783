"""Real backups of the database under test: pg_basebackup, pg_dump, and a second server on what was backed up."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

from launcher.binaries import find
from launcher.places import Identity, engine_identity
from launcher.ports import free_port

START_WITHIN_S = 60.0


class Cluster:
    """The server that the tests run on, and a folder that its user can walk into."""

    def __init__(self, folder: Path) -> None:
        """Find the programs of the wheel."""
        self.folder = folder
        self.identity: Identity | None = engine_identity()
        self.programs = find(folder, self.identity).postgres.parent
        wanted = settings.DATABASES["default"]
        self.at = {name: str(wanted[name.upper()]) for name in ("host", "port", "user")}
        self.password, self.database = str(wanted["PASSWORD"]), str(wanted["NAME"])

    def conninfo(self, **changed: str) -> str:
        """How to reach the server, or another one with the same users."""
        return make_conninfo("", **{**self.at, "dbname": self.database, "password": self.password, **changed})

    def data(self) -> Path:
        """The folder the server keeps its files in, the write-ahead log included."""
        with psycopg.connect(self.conninfo(), autocommit=True) as link:
            link.execute("CHECKPOINT")
            row = link.execute("SHOW data_directory").fetchone()
        assert row is not None
        return Path(row[0])

    def _run(self, program: str, *args: str) -> None:
        env = {**os.environ, "PGPASSWORD": self.password}
        server = ("-h", self.at["host"], "-p", self.at["port"], "-U", self.at["user"])
        done = subprocess.run(
            [str(self.programs / program), *server, *args], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def backup(self, name: str) -> Path:
        """Take a base backup with the log it needs."""
        target = self.folder / name
        self._run("pg_basebackup", "-D", str(target), "-X", "stream", "-c", "fast")
        return target

    def dump(self, name: str) -> Path:
        """Dump the database as SQL."""
        target = self.folder / name
        self._run("pg_dump", "-f", str(target), self.database)
        return target

    @contextmanager
    def restored(self, backup: Path) -> Iterator[str]:
        """Run a second server on a copy of a backup; how to reach it."""
        home = backup.with_name(f"{backup.name}.restored")
        shutil.copytree(backup, home)
        if self.identity:
            for path in (home, *home.rglob("*")):
                os.chown(path, self.identity.uid, self.identity.gid)
        port = str(free_port())
        server = subprocess.Popen(
            [str(self.programs / "postgres"), "-D", str(home), "-p", port, "-c", "unix_socket_directories="],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=self.identity.uid if self.identity else None,
            group=self.identity.gid if self.identity else None,
        )
        try:
            conninfo = self.conninfo(host="127.0.0.1", port=port)
            self._await(conninfo)
            yield conninfo
        finally:
            server.send_signal(2)
            server.wait(30)

    def _await(self, conninfo: str) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            try:
                psycopg.connect(conninfo, connect_timeout=2).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "the restored server does not start"
                time.sleep(0.05)
            else:
                return
