"""What the person at the keyboard sees: one line per step, with the seconds since the start."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from launcher.children import finish, spawn
from launcher.errors import LaunchError, explain
from launcher.log import Log

_SPEAK_EVERY = 3.0  # seconds between two lines of a chatty step
_ALIVE_EVERY = 5.0  # seconds after which a silent step says that it is alive
_WIDTH = 110
_SHOWN = 30  # last lines of a failed step


@dataclass(frozen=True)
class Outcome:
    """How a step's program ended and all it said."""

    code: int
    output: str


class Console:
    """Prints progress on one stream and keeps everything in the log."""

    def __init__(self, stream: TextIO, log: Log) -> None:
        self._stream = stream
        self.log = log
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """One line with the elapsed seconds; a reader that went away does not stop us."""
        self.plain(f"[{time.monotonic() - self._began:6.1f} s] {text}")
        self.log.line("dev", text)

    def plain(self, text: str) -> None:
        """Text as it is, not kept in the log."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            print(text, file=self._stream, flush=True)

    def run(self, label: str, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, loud: bool = True) -> Outcome:
        """Run a long step: say that it begins, that it is alive, and how long it took."""
        began = time.monotonic()
        self.say(f"{label} ...")
        lines: queue.Queue[str | None] = queue.Queue()
        try:
            process = spawn(argv, env=env, cwd=cwd)
        except OSError as error:
            raise LaunchError(f"Cannot start {argv[0]}: {error.strerror}.") from error
        reader = threading.Thread(target=_pump, args=(process, lines), daemon=True)
        reader.start()
        try:
            output = self._follow(label, lines, loud=loud)
            code = process.wait()
        except BaseException:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(3)
            raise
        finally:
            finish(process)
            process.wait()
        took = time.monotonic() - began
        self.say(f"{label}: {'done' if code == 0 else 'FAILED'} after {took:.1f} s")
        return Outcome(code, output)

    def must(self, label: str, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, name: str) -> str:
        """Run a step the rest depends on; its output, or a sentence about why it failed."""
        outcome = self.run(label, argv, env=env, cwd=cwd)
        if outcome.code != 0:
            known = explain(outcome.output)
            if not known:
                self.plain("\n".join(outcome.output.splitlines()[-_SHOWN:]))
            raise LaunchError(known or f"{name} failed: {_gist(outcome.output)} (all of it: {self.log.path})")
        return outcome.output

    def _follow(self, label: str, lines: "queue.Queue[str | None]", *, loud: bool) -> str:
        """Collect a program's lines; show the newest now and then."""
        heard: list[str] = []
        spoke = time.monotonic()
        while True:
            try:
                line = lines.get(timeout=0.5)
            except queue.Empty:
                if time.monotonic() - spoke >= _ALIVE_EVERY:
                    self.say(f"    {label}: still at it")
                    spoke = time.monotonic()
                continue
            if line is None:
                return "\n".join(heard)
            heard.append(line)
            self.log.line("setup", line)
            if loud and line.strip() and time.monotonic() - spoke >= _SPEAK_EVERY:
                self.say(f"    {line.strip()[:_WIDTH]}")
                spoke = time.monotonic()


def _pump(process: "subprocess.Popen[bytes]", lines: "queue.Queue[str | None]") -> None:
    """Move a program's output to a queue, then end it with None."""
    if process.stdout:
        with process.stdout as raw:
            for line in raw:
                lines.put(line.decode(errors="replace").rstrip())
    lines.put(None)


def _gist(output: str) -> str:
    """The line that says most about a failure: the last with `error` in it, else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "error" in line.lower()]
    return (told or lines or ["it said nothing"])[-1][:300]


def open_console(data: Path, *, quiet: bool) -> Console:
    """The console of one command: on stderr if stdout belongs to the command itself."""
    return Console(sys.stderr if quiet else sys.stdout, Log(data / "log" / "xinqiao.log"))


def child_environment() -> dict[str, str]:
    """Our environment for the tools of the setup: pip's certificate serves Node too."""
    told = dict(os.environ)
    authority = told.get("PIP_CERT") or told.get("SSL_CERT_FILE")
    if authority:
        told.setdefault("NODE_EXTRA_CA_CERTS", authority)
    told["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    told["PYTHONUNBUFFERED"] = told["NO_COLOR"] = "1"
    return told
