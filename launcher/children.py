"""Starting child processes so that none outlives the launcher, even one ended by kill -9."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.places import Identity


class Guardian:
    """The launcher's end of the pipe to launcher/guardian.py, which is started with the first child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._listed: dict[int | Path, str] = {}

    def watch(self, pid: int, stop_signal: int, *, group: bool) -> None:
        """See to it that this process (or its group) ends when we do."""
        line = f"+ {pid} {int(stop_signal)} {'group' if group else 'single'}\n"
        with self._lock:
            self._listed[pid] = line
            self._tell(line)

    def release(self, pid: int) -> None:
        """This process has ended: its number may soon belong to somebody else."""
        with self._lock:
            if self._listed.pop(pid, None):
                self._tell(f"- {pid}\n")

    def throw_away(self, folder: Path) -> None:
        """See to it that this folder is removed when we end without having done so."""
        with self._lock:
            self._listed[folder] = f"folder {folder}\n"
            self._tell(self._listed[folder])

    def keep(self, folder: Path) -> None:
        """This folder is removed already."""
        with self._lock:
            if self._listed.pop(folder, None):
                self._tell(f"kept {folder}\n")

    def check(self) -> None:
        """Start the guardian again if something has killed it."""
        with self._lock:
            if self._process and self._process.poll() is not None:
                self._renew()

    def pid(self) -> int | None:
        """The guardian's process id while it runs."""
        return self._process.pid if self._process else None

    def dismiss(self) -> None:
        """Let the guardian go; it clears up whatever is still listed."""
        with self._lock:
            process, self._process = self._process, None
            self._listed.clear()
        if process and process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.wait()

    def _tell(self, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            self._renew()
            return
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except OSError:
            self._renew()

    def _renew(self) -> None:
        if self._process:
            if self._process.stdin:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()
            self._process.wait()
        script = Path(__file__).with_name("guardian.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
        if self._process.stdin:
            self._process.stdin.write("".join(self._listed.values()).encode())
            self._process.stdin.flush()


GUARDIAN = Guardian()
atexit.register(GUARDIAN.dismiss)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    identity: Identity | None = None,
    stdin: bytes | None = None,
    stop_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a watched child in its own session, its output on one pipe; `stdin` is written and closed."""
    process = subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=identity.uid if identity else None,
        group=identity.gid if identity else None,
        extra_groups=[] if identity else None,
    )
    GUARDIAN.watch(process.pid, stop_signal, group=True)
    if process.stdin and stdin is not None:
        with contextlib.suppress(OSError):  # it died at once; its end is noticed by whoever waits for it
            process.stdin.write(stdin)
            process.stdin.close()
    return process


def finish(process: subprocess.Popen[bytes]) -> None:
    """The leader has ended: end what is left of its group and take it off the guardian's list."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    GUARDIAN.release(process.pid)


def describe(code: int) -> str:
    """An exit status as a person says it."""
    if code >= 0:
        return f"exit status {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
