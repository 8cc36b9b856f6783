"""Keeps programs running: starts them in order, restarts what dies with back-off, stops in reverse."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from launcher.children import describe, finish, spawn
from launcher.errors import LaunchError
from launcher.log import Log
from launcher.places import ROOT, Identity

FIRST_DELAY = 0.2  # seconds before the first restart
LONGEST_DELAY = 10.0  # seconds
STABLE_AFTER = 20.0  # seconds of life after which the next death counts as the first


@dataclass(frozen=True)
class Program:
    """One line of a process table."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = ROOT
    stop_signal: int = signal.SIGTERM
    stop_within: float = 10.0  # seconds between asking and SIGKILL
    identity: Identity | None = None
    stdin: bytes | None = None
    before: Callable[[], None] | None = None  # runs before each start, e.g. to clear a stale file


class Backoff:
    """How long to wait before the next start: doubling, forgotten after a stable stretch."""

    def __init__(self) -> None:
        self._next = FIRST_DELAY

    def after(self, lived: float) -> float:
        """Seconds to wait after a life of that many seconds."""
        if lived >= STABLE_AFTER:
            self._next = FIRST_DELAY
        delay, self._next = self._next, min(self._next * 2, LONGEST_DELAY)
        return delay


class _Runner:
    """One program's lives, on a thread of its own."""

    def __init__(self, program: Program, log: Log, report: Callable[[str], None]) -> None:
        self.program = program
        self.starts = 0
        self.ends = 0
        self.deaths = 0  # the ends nobody asked for
        self.process: subprocess.Popen[bytes] | None = None
        self._log = log
        self._report = report
        self._backoff = Backoff()
        self._changed = threading.Condition()
        self._wanted = True
        self._ended = False
        self._living = False
        self._asked = False  # this death was asked for: neither counted nor waited for
        self._thread = threading.Thread(target=self._live, name=program.name, daemon=True)

    def begin(self) -> None:
        """Start the thread and wait for the first start."""
        self._thread.start()
        self.wait_for(lambda: self.starts > 0, 60)

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a change of this program's state."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def signal(self, number: int) -> None:
        """Send a signal to the program's leader, if it lives."""
        process = self.process
        if process:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    def ask(self, *, again: bool, end: bool = False, number: int | None = None) -> int:
        """Ask the program to stop: to be started again, to be held, or for good.

        Returns the count of `ends` that will mean it has stopped.
        """
        with self._changed:
            self._wanted, self._asked = again, True
            self._ended = self._ended or end
            target = self.ends + self._living
            self._changed.notify_all()
        self.signal(self.program.stop_signal if number is None else number)
        self.signal(signal.SIGCONT)  # one that was frozen must hear it too
        return target

    def make(self, ends: int, patience: float) -> None:
        """Wait until the program has stopped as asked; after that many seconds, make it."""
        if not self.wait_for(lambda: self.ends >= ends, patience):
            self._log.line(self.program.name, f"did not stop within {patience:g} s: killed")
            self.signal(signal.SIGKILL)
            self.wait_for(lambda: self.ends >= ends, 10)

    def join(self) -> None:
        """Wait for the thread after the end was asked for."""
        self._thread.join(10)

    def release(self) -> None:
        """Start again after a hold."""
        with self._changed:
            self._wanted = True
            before = self.starts
            self._changed.notify_all()
        self.wait_for(lambda: self.starts > before, 60)

    def _live(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._ended)
                if self._ended:
                    return
                self._asked, self._living = False, True
            began = time.monotonic()
            code = self._life()
            delay = self._death(code, time.monotonic() - began)
            with self._changed:
                self._changed.wait_for(lambda: self._asked or self._ended, delay)

    def _life(self) -> str:
        """One start to its end; how it ended, as a person says it."""
        try:
            if self.program.before:
                self.program.before()
            process = self._start()
        except (OSError, LaunchError) as error:
            self._log.line(self.program.name, f"cannot start: {error}")
            self._set(None)
            return f"cannot start: {error}"
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        self._set(process)
        code = process.wait()
        finish(process)
        reader.join(2)
        return describe(code)

    def _start(self) -> subprocess.Popen[bytes]:
        program = self.program
        return spawn(
            program.argv,
            env=program.env,
            cwd=program.cwd,
            identity=program.identity,
            stdin=program.stdin,
            stop_signal=program.stop_signal,
        )

    def _set(self, process: subprocess.Popen[bytes] | None) -> None:
        with self._changed:
            self.process = process
            self.starts += 1
            ended = self._ended or not self._wanted
            self._changed.notify_all()
        if ended:  # asked to stop between the decision to start and the start
            self.signal(self.program.stop_signal)

    def _death(self, how: str, lived: float) -> float:
        with self._changed:
            self.process, self._living = None, False
            asked = self._asked
            self.ends += 1
            self.deaths += not asked
            delay = 0.0 if asked else self._backoff.after(lived)
            self._changed.notify_all()
        self._log.line(self.program.name, f"ended: {how}")
        if not asked:
            self._report(f"{self.program.name} ended ({how}); starting it again in {delay:.1f} s")
        return delay

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout:
            with process.stdout as lines, contextlib.suppress(OSError, ValueError):
                for line in lines:
                    self._log.line(self.program.name, line.decode(errors="replace").rstrip())


class Supervisor:
    """A process table at work. Every method may be called from any thread."""

    def __init__(self, programs: Sequence[Program], log: Log, report: Callable[[str], None] = lambda _: None) -> None:
        self.log = log
        self._runners = {program.name: _Runner(program, log, report) for program in programs}
        self._running = False

    def start(self) -> None:
        """Start everything in the table's order."""
        self._running = True
        for runner in self._runners.values():
            runner.begin()

    def pid(self, name: str) -> int | None:
        """The process id of a program's leader, None while it is down."""
        process = self._runners[name].process
        return process.pid if process else None

    def deaths(self, name: str) -> int:
        """How often a program has ended without being asked to."""
        return self._runners[name].deaths

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a program's leader a signal; what it does with it, and what follows, is the game."""
        self._runners[name].signal(number)

    def restart(self, name: str) -> None:
        """Stop a program in the orderly way and start it again at once; returns when it is started."""
        runner = self._runners[name]
        ends = runner.ask(again=True)
        runner.make(ends, runner.program.stop_within)
        runner.wait_for(lambda: runner.starts > ends, 60)

    def hold(self, name: str, number: int | None = None) -> None:
        """Take a program down and keep it down; by a signal of your choice, else in the orderly way."""
        runner = self._runners[name]
        runner.make(runner.ask(again=False, number=number), runner.program.stop_within)

    def release(self, name: str) -> None:
        """Start a held program again; returns when it is started."""
        self._runners[name].release()

    def wait_for_death(self, name: str, deaths: int, seconds: float) -> bool:
        """Wait until a program has died that often."""
        runner = self._runners[name]
        return runner.wait_for(lambda: runner.deaths >= deaths, seconds)

    def wait_for_start(self, name: str, starts: int, seconds: float) -> bool:
        """Wait until a program has been started that often and runs."""
        runner = self._runners[name]
        return runner.wait_for(lambda: runner.starts >= starts and runner.process is not None, seconds)

    def stop(self, patience: float | None = None) -> None:
        """Ask all to stop, last started first, and make those that do not within their time."""
        runners = list(reversed(self._runners.values()))
        if not self._running:
            return
        asked = [(runner, runner.ask(again=False, end=True)) for runner in runners]
        began = time.monotonic()
        for runner, ends in asked:
            within = runner.program.stop_within if patience is None else patience
            runner.make(ends, max(0.0, within - (time.monotonic() - began)))
            runner.join()
        self._running = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
