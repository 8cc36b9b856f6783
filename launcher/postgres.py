"""The embedded PostgreSQL: one cluster in a folder, passwords only, reachable from this machine only."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from launcher.binaries import Binaries
from launcher.errors import LaunchError, explain
from launcher.places import Identity
from launcher.supervisor import Program

USER = "xinqiao"
DATABASE = "xinqiao"

# No fsync=off, not even for tests: what is tested is what runs. The log must never carry what a person wrote.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class Postgres:
    """A cluster's folder and the programs and user it runs with."""

    folder: Path
    binaries: Binaries
    identity: Identity | None
    password: str

    @property
    def env(self) -> dict[str, str]:
        """All a PostgreSQL program sees of the environment."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def url(self, port: int, database: str = DATABASE) -> str:
        """The address of a database on this cluster."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{port}/{database}"

    def prepare(self) -> bool:
        """Make the cluster with its empty database if there is none yet; True when it was made now."""
        version = self.folder / "PG_VERSION"
        if version.exists():
            self._require_same_major(version.read_text().strip())
            return False
        if self.folder.exists() and any(self.folder.iterdir()):
            raise LaunchError(f"{self.folder} holds something that is not a PostgreSQL cluster: move it away.")
        draft = self.folder.with_name(f"{self.folder.name}.new")  # renamed when whole: no half cluster stays
        shutil.rmtree(draft, ignore_errors=True)
        self._own(draft)
        secret = draft.with_name(f"{draft.name}.pw")
        try:
            self._write_secret(secret)
            self._run(
                str(self.binaries.initdb),
                *("-D", str(draft), "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
            )
        finally:
            secret.unlink(missing_ok=True)
        self._run(
            str(self.binaries.postgres),
            "--single",
            "-D",
            str(draft),
            "postgres",
            told=f"CREATE DATABASE {DATABASE};\n",
        )
        draft.replace(self.folder)
        return True

    def program(self, port: int) -> Program:
        """The line of the process table that serves this cluster."""
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=(str(self.binaries.postgres), "-D", str(self.folder), "-p", str(port), *settings),
            env=self.env,
            cwd=self.folder,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            stop_within=20.0,
            identity=self.identity,
            before=self.clear_stale_pid,
        )

    def ready(self, pid: int | None) -> bool:
        """Whether the server with that process id says in its pid file that it accepts connections."""
        lines = self._pid_file()
        return bool(pid) and len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def clear_stale_pid(self) -> None:
        """Deal with the pid file a killed server left behind.

        The caller holds the folder's lock, so a server that still lives is an orphan about to end: it
        is asked to, then waited for. If the number is another program's by now,
        PostgreSQL would refuse to start.
        """
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return
        pid = int(lines[0])
        if self._is_ours(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            if not _until(lambda: not self._is_ours(pid), 15):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
                _until(lambda: not self._is_ours(pid), 5)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _is_ours(self, pid: int) -> bool:
        """Whether that process is a PostgreSQL server on this very folder."""
        command = _command_line(pid)
        return "postgres" in command and str(self.folder) in command

    def _require_same_major(self, found: str) -> None:
        told = subprocess.run([str(self.binaries.postgres), "--version"], capture_output=True, text=True, check=True)
        ours = told.stdout.split()[-1].split(".")[0]
        if found != ours:
            raise LaunchError(
                f"{self.folder} was made by PostgreSQL {found} and this is {ours}: "
                "dump it with the older version first, or move it away."
            )

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        if self.identity:
            os.chown(folder, self.identity.uid, self.identity.gid)

    def _write_secret(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.password)
        if self.identity:
            os.chown(path, self.identity.uid, self.identity.gid)

    def _run(self, *argv: str, told: str = "") -> None:
        done = subprocess.run(
            argv,
            input=told.encode(),
            env=self.env,
            cwd=self.folder.parent,
            user=self.identity.uid if self.identity else None,
            group=self.identity.gid if self.identity else None,
            extra_groups=[] if self.identity else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = done.stdout.decode(errors="replace").strip()
        if done.returncode != 0 or "ERROR:" in output:
            last = output.splitlines()[-1] if output else "no output"
            raise LaunchError(explain(output) or f"PostgreSQL's {Path(argv[0]).name} failed: {last}")


def _command_line(pid: int) -> str:
    """The command line of a process, empty if there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    told = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition until it holds or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
