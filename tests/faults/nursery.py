"""Starts processes by forking one that has imported the house already, so that kill after kill finds them back soon.

A node needs seconds of processor time to import everything and a fifth of one to begin: a drill of a thousand kills is
mostly imports otherwise. What is killed is a process of its own as ever, and nothing that a process draws or opens is
drawn or opened before the fork (no socket, no thread, no reactor, no hub).
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Never

from launcher.children import finish, spawn
from launcher.log import Log
from launcher.places import ROOT, python
from launcher.supervisor import Program, Supervisor

LOOK_S = 0.1
"""How often the nursery looks for those that ended by themselves; they begin again then."""
READY_S = 120.0
EARLY = (
    *("server.routing", "server.clockwork", "server.management.commands.runweb", "server.management.commands.runclock"),
    *("autobahn.websocket.protocol", "twisted.web.http", "twisted.web.server"),
    *("twisted.internet.asyncioreactor", "twisted.internet.endpoints", "twisted.protocols.policies"),
)
"""What every process imports sooner or later. Daphne itself makes a reactor, so it comes after the fork."""
Asked = dict[str, Any]


class Nursery(Supervisor):
    """A process table whose programs are all `python -m tests.faults.entry ...`; deaths and starts are not counted."""

    def __init__(self, programs: Sequence[Program], env: Mapping[str, str], folder: Path, log: Log) -> None:
        """`env` is everybody's; `folder` holds the socket over which the nursery is spoken to."""
        super().__init__(programs, log)
        self._programs = {program.name: program for program in programs}
        self._env, self._at = dict(env), folder / "nursery"
        self._speaking = threading.Lock()
        self._lines: Any = None

    def start(self) -> None:
        """Import everything once, then start everybody."""
        process = spawn((python(), "-m", "tests.faults.nursery", str(self._at)), env=self._env, cwd=ROOT)
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()
        self._process = process
        connection = _reached(self._at, process)
        self._lines = connection.makefile("rw", encoding="utf-8")
        for name in self._programs:
            self.release(name)

    def _read(self, lines: Any) -> None:
        """Keep what they all print."""
        with contextlib.suppress(OSError, ValueError):
            for line in lines:
                self.log.line("nursery", line.decode(errors="replace").rstrip())

    def pid(self, name: str) -> int | None:
        """The process id of a program, None while it is down."""
        found = self._say({"do": "find", "name": name})
        return int(found) if found else None

    def hold(self, name: str, number: int | None = None) -> None:
        """Take a program down by a signal and keep it down; returns when it has ended."""
        self._say({"do": "end", "name": name, "signal": int(number or signal.SIGTERM)})

    def release(self, name: str) -> None:
        """Start a program, or one that was held again."""
        self._say({"do": "bear", "name": name, "argv": list(self._programs[name].argv[3:])})

    def restart(self, name: str) -> None:
        """Stop a program in the orderly way and start it again."""
        self.hold(name)
        self.release(name)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a program a signal; one that ends of it begins again."""
        pid = self.pid(name)
        if pid:
            os.kill(pid, number)

    def stop(self, patience: float | None = None) -> None:
        """End everybody, and the nursery."""
        for name in self._programs:
            self.hold(name)
        self._lines.close()
        self._process.terminate()
        self._process.wait()
        finish(self._process)

    def _say(self, asked: Asked) -> Any:
        """One question at a time."""
        with self._speaking:
            self._lines.write(json.dumps(asked) + "\n")
            self._lines.flush()
            return json.loads(self._lines.readline())


def _reached(at: Path, process: Any) -> socket.socket:
    """The nursery's socket, once it has imported everything."""
    waiting = threading.Event()
    for _ in range(int(READY_S / LOOK_S)):
        assert process.poll() is None, "the nursery ended before it began"
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(str(at))
        except OSError:
            line.close()
            waiting.wait(LOOK_S)
        else:
            return line
    raise TimeoutError("nursery")


class _Cradles:
    """The nursery's own side: who lives, and who is to live again."""

    def __init__(self) -> None:
        """Nobody lives."""
        self._wanted: dict[str, list[str]] = {}
        self._alive: dict[str, int] = {}

    def answer(self, asked: Asked) -> int:
        """Do as asked; a process id, or 0 where none lives."""
        name = asked["name"]
        if asked["do"] == "bear":
            self._wanted[name] = asked["argv"]
            self._bear(name)
        elif asked["do"] == "end":
            self._wanted.pop(name, None)
            self._end(name, asked["signal"])
        self.look()
        return self._alive.get(name, 0)

    def look(self) -> None:
        """Whoever ended by themselves begins again."""
        for name, pid in list(self._alive.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._alive[name]
        for name in self._wanted.keys() - self._alive.keys():
            self._bear(name)

    def _end(self, name: str, number: int) -> None:
        """One signal, and wait for the end."""
        pid = self._alive.pop(name, 0)
        if pid:
            os.kill(pid, number)
            os.waitpid(pid, 0)

    def _bear(self, name: str) -> None:
        """Fork one that runs a command of manage.py."""
        if name not in self._alive:
            pid = os.fork()
            if pid == 0:
                _live(self._wanted[name])
            self._alive[name] = pid


def _live(argv: Sequence[str]) -> Never:
    """Be a process of the house."""
    from django.core.management import execute_from_command_line

    os.closerange(3, 64)
    code = 1
    try:
        execute_from_command_line(["manage.py", *argv])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _prepared() -> None:
    """Import what every process of the house imports, but nothing that opens or draws anything."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django

    django.setup()
    from django.urls import get_resolver

    from triage.screening import ready

    assert get_resolver().url_patterns  # reading it imports every page
    ready()
    for name in EARLY:
        importlib.import_module(name)
    gc.freeze()  # what is shared stays shared
    assert threading.active_count() == 1, "a thread does not survive a fork"
    assert "twisted.internet.reactor" not in sys.modules, "a reactor is one process's own"


def main(at: str) -> None:
    """Import, listen, and do as one is asked until the asker has gone."""
    _prepared()
    cradles = _Cradles()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(at)
        door.listen(1)
        line, _ = door.accept()
        with line, line.makefile("rw", encoding="utf-8") as lines:
            while True:
                if select.select([line], [], [], LOOK_S)[0]:
                    asked = lines.readline()
                    if not asked:
                        return
                    lines.write(json.dumps(cradles.answer(json.loads(asked))) + "\n")
                    lines.flush()
                cradles.look()


if __name__ == "__main__":
    main(sys.argv[1])
