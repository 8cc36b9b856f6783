"""`dev.py` itself, in a checkout of its own with a stand-in for the service: two commands, one sentence each."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.places import ROOT, site_packages
from launcher.ports import free_port, get
from launcher.scratch import scratch
from tests.launcher.waiting import processes_in, until

MANAGE = """
import os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
command = sys.argv[1]
class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
if command == "runweb":
    HTTPServer(("127.0.0.1", int(sys.argv[5])), Answer).serve_forever()
elif command == "runclock":
    signal.pause()
elif command == "seed_demo":
    print("counselor chen one-time-word")
elif command == "migrate":
    print("migrated", file=open("migrations.txt", "a"))
elif command == "triage_score":
    sys.stdout.write(sys.stdin.read().upper())
elif command == "ask":
    import psycopg
    print(os.environ["DATABASE_URL"], flush=True)
    word = sys.stdin.read()
    with psycopg.connect(os.environ["DATABASE_URL"]) as link:
        print(link.execute("SELECT %s::text", (word,)).fetchone()[0])
    sys.exit(7)
"""
CELERY = "import signal; print('worker here', flush=True); signal.pause()\n"


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A checkout with the real launcher and packages and a stand-in service."""
    with scratch() as folder:
        shutil.copy(ROOT / "dev.py", folder)
        for name in ("launcher", "requirements"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "manage.py").write_text(MANAGE)
        (folder / "celery.py").write_text(CELERY)  # found before the real one, being in the working directory
        commands = folder / "server" / "management" / "commands"
        commands.mkdir(parents=True)
        (commands / "seed_demo.py").touch()
        make_environment(folder / ".venv")
        remember_packages(folder)
        yield folder
        assert until(lambda: not processes_in(folder), 30)


def make_environment(venv: Path) -> None:
    """A virtual environment that borrows the packages of the one we run in."""
    packages = venv / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    packages.parent.mkdir(parents=True)
    packages.symlink_to(site_packages())
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    home = Path(sys.executable).resolve().parent
    (venv / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")


def remember_packages(folder: Path) -> None:
    """Stamp the environment as complete, the way the launcher does."""
    code = "import json; from launcher.packages import lock_digest; print(json.dumps({'run': lock_digest('run')}))"
    told = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=True)
    assert json.loads(told.stdout)["run"]
    (folder / ".venv" / "xinqiao.json").write_bytes(told.stdout)


def dev(checkout: Path, *args: str, said: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run a command of dev.py to its end."""
    return subprocess.run(
        [sys.executable, "dev.py", *args],
        cwd=checkout,
        env=environment(),
        input=said,
        capture_output=True,
        timeout=90,
        check=False,
    )


def environment() -> dict[str, str]:
    """A newcomer's environment: no engines of one's own."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


class Up:
    """A running `dev.py up`."""

    def __init__(self, checkout: Path, port: int) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "dev.py", "up", "--port", str(port)],
            cwd=checkout,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.read_until("log:")

    def read_until(self, start: str) -> None:
        """Collect what it prints up to a line that begins so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith(start):
                return
        pytest.fail(f"it ended: {''.join(self.lines)}")

    def end(self, number: int) -> int:
        """Send a signal; the exit status."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        self.lines.append(rest)
        return self.process.returncode


def test_up_says_when_all_of_it_is_ready_and_ctrl_c_leaves_nothing(checkout: Path) -> None:
    port = free_port()
    up = Up(checkout, port)
    text = "".join(up.lines)
    assert f"\nready: http://127.0.0.1:{port}\n" in text
    for page in ("/", "/console/", "/wallboard/", "/admin/"):
        assert f" http://127.0.0.1:{port}{page}\n" in text
    assert "counselor chen one-time-word" in text
    assert get("127.0.0.1", port, "/readyz")[0] == 200

    again = dev(checkout, "up", "--port", str(free_port()))
    assert again.returncode == 1
    assert again.stderr.decode().startswith("dev.py: This checkout is already running")
    assert up.end(signal.SIGINT) == 0
    assert not processes_in(checkout)
    assert (checkout / "migrations.txt").read_text() == "migrated\n"

    second = Up(checkout, port)
    assert second.end(signal.SIGTERM) == 0
    assert not processes_in(checkout)
    assert (checkout / "migrations.txt").read_text() == "migrated\n"


def test_a_killed_up_leaves_nothing_and_does_not_hinder_the_next(checkout: Path) -> None:
    port = free_port()
    up = Up(checkout, port)
    assert up.end(signal.SIGKILL) == -signal.SIGKILL
    next_up = Up(checkout, port)
    assert next_up.end(signal.SIGINT) == 0


def test_manage_passes_stdin_stdout_and_exit_status_through_and_joins_a_running_up(checkout: Path) -> None:
    alone = dev(checkout, "manage", "ask", said="心桥".encode())
    assert alone.returncode == 7
    assert alone.stdout.decode().endswith("\n心桥\n")
    assert not processes_in(checkout)

    up = Up(checkout, free_port())
    first = dev(checkout, "manage", "ask")
    second = dev(checkout, "manage", "ask")
    assert first.returncode == 7
    assert first.stdout == second.stdout != alone.stdout
    assert up.end(signal.SIGINT) == 0


def asking(checkout: Path) -> "subprocess.Popen[str]":
    """A command that has its engines and waits for its stdin."""
    process = subprocess.Popen(
        [sys.executable, "dev.py", "manage", "ask"],
        cwd=checkout,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


def test_the_first_of_two_commands_keeps_the_engines_until_the_second_has_ended(checkout: Path) -> None:
    with asking(checkout) as owner, asking(checkout) as guest:
        assert owner.stdin is not None
        owner.stdin.close()
        assert owner.stdout is not None
        assert owner.stdout.readline() == "\n"
        assert guest.stdin is not None
        guest.stdin.write("still here")
        guest.stdin.close()
        assert guest.stdout is not None
        assert guest.stdout.read() == "still here\n"
    assert (owner.returncode, guest.returncode) == (7, 7)


def test_a_command_that_needs_no_engines_gets_none_and_an_untouched_stdout(checkout: Path) -> None:
    done = dev(checkout, "manage", "triage_score", said=b"one\ntwo")
    assert (done.returncode, done.stdout) == (0, b"ONE\nTWO")
    assert not (checkout / ".data" / "postgres").exists()


def test_a_taken_port_is_one_sentence_and_nothing_is_set_up(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = dev(checkout, "up", "--port", str(listener.getsockname()[1]))
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().count("\n") == 1
    assert "is taken" in done.stderr.decode()
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("args", [[], ["dance"]])
def test_without_a_known_command_the_usage_is_shown(checkout: Path, args: list[str]) -> None:
    done = dev(checkout, *args)
    assert done.returncode == 2
    assert b"dev.py up" in done.stdout + done.stderr
