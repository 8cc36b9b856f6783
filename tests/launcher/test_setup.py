"""The steps of the setup: progress, sentences, and nothing done twice."""

import importlib.util
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import console as console_module
from launcher import packages
from launcher.console import Console, child_environment
from launcher.errors import LaunchError
from launcher.log import Log
from launcher.passthrough import needs_engines
from launcher.places import digest, stamp, stamped


@pytest.fixture
def screen() -> io.StringIO:
    """What is printed."""
    return io.StringIO()


@pytest.fixture
def console(tmp_path: Path, screen: io.StringIO) -> Iterator[Console]:
    """A console that prints on `screen`."""
    console = Console(screen, Log(tmp_path / "log"))
    yield console
    console.log.close()


def python_code(code: str) -> list[str]:
    """A step that runs some Python."""
    return [sys.executable, "-c", code]


def test_a_step_says_that_it_begins_and_ends_and_how_long_it_took(
    console: Console, screen: io.StringIO, tmp_path: Path
) -> None:
    outcome = console.run("Counting", python_code("print('one'); print('two')"), env=child_environment(), cwd=tmp_path)
    assert (outcome.code, outcome.output) == (0, "one\ntwo")
    begins, ends = screen.getvalue().splitlines()
    assert begins.endswith(" s] Counting ...")
    assert "Counting: done after" in ends
    assert "| two" in (tmp_path / "log").read_text()


def test_a_silent_step_shows_that_it_is_alive(
    console: Console, screen: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_module, "_ALIVE_EVERY", 0.0)
    waiter = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.05)"

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            if "still at it" in text:
                (tmp_path / "go").touch()
            return screen.write(text)

    quiet = Console(Watched(), console.log)
    done = quiet.run("Thinking", [*python_code(waiter), str(tmp_path / "go")], env=child_environment(), cwd=tmp_path)
    assert done.code == 0
    assert "Thinking: still at it" in screen.getvalue()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "does not match its hash"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: something nobody has seen", "pip failed: ERROR: something nobody has seen"),
    ],
)
def test_a_failed_step_becomes_a_sentence(console: Console, tmp_path: Path, said: str, sentence: str) -> None:
    step = python_code(f"print({said!r}); raise SystemExit(1)")
    with pytest.raises(LaunchError, match=sentence.replace("[", r"\[")):
        console.must("Installing", step, env=child_environment(), cwd=tmp_path, name="pip")


def test_a_python_without_ensurepip_is_told_what_to_install(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(LaunchError, match=r"has no ensurepip.*apt install python3-venv"):
        packages.create(console)


def test_a_disk_without_room_is_refused_before_the_download(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="The disk is full"):
        packages.require_room(10**18, tmp_path)


def test_a_stamp_matches_until_an_input_changes(tmp_path: Path) -> None:
    source = tmp_path / "lock.txt"
    source.write_text("one")
    value = digest([source, tmp_path / "absent"])
    stamp(tmp_path / "new" / "stamp", value)
    assert stamped(tmp_path / "new" / "stamp", digest([source, tmp_path / "absent"]))
    source.write_text("two")
    assert not stamped(tmp_path / "new" / "stamp", digest([source, tmp_path / "absent"]))
    assert not stamped(tmp_path / "nothing", value)


def test_pip_s_certificate_serves_node_unless_it_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    monkeypatch.setenv("PIP_CERT", "/some/ca.pem")
    assert child_environment()["NODE_EXTRA_CA_CERTS"] == "/some/ca.pem"
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/its/own.pem")
    assert child_environment()["NODE_EXTRA_CA_CERTS"] == "/its/own.pem"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", False),
        ("--version", False),
        ("help migrate", False),
        ("migrate --help", False),
        ("triage_needs --check", False),
        ("triage_score", False),
        ("export_protocol --check", False),
        ("check", False),
        ("check --database default", True),
        ("migrate", True),
        ("drill --faults 1", False),
        ("something_new", True),
    ],
)
def test_engines_are_started_for_all_but_the_commands_known_to_need_none(line: str, expected: bool) -> None:
    assert needs_engines(line.split()) is expected
