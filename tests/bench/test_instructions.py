"""Instructions are counted of who was named and of whom they started, between two words; nowhere they stop a bench."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.text.instructions import counter

LOOP = "import sys\nfor line in sys.stdin:\n    sum(range(int(line)))\n    print('done', flush=True)"


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    """A process that adds up as many numbers as it is told."""
    found = subprocess.Popen([sys.executable, "-c", LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield found
    found.kill()
    found.communicate()


def adds(worker: "subprocess.Popen[str]", numbers: int) -> None:
    """Let it work, and wait."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(f"{numbers}\n")
    worker.stdin.flush()
    assert worker.stdout.readline() == "done\n"


def counted(worker: "subprocess.Popen[str]", numbers: int) -> int:
    """What that cost; skips, loudly, where this machine does not tell."""
    with counter([worker.pid]) as counting:
        if counting is None:
            pytest.skip("no perf that may look here: apt-get install linux-perf, kernel.perf_event_paranoid <= 2")
        adds(worker, numbers)
        found = counting.read()
    if not found:
        pytest.skip("this processor does not tell its instructions, as in many virtual machines")
    return found


def test_twice_the_work_is_twice_the_instructions(worker: "subprocess.Popen[str]") -> None:
    adds(worker, 1000)
    once, twice = counted(worker, 1_000_000), counted(worker, 2_000_000)
    assert 1.8 < twice / once < 2.2


def test_what_is_done_after_the_last_word_does_not_count(worker: "subprocess.Popen[str]") -> None:
    adds(worker, 1000)
    once = counted(worker, 1_000_000)
    with counter([worker.pid]) as counting:
        assert counting is not None
        adds(worker, 1_000_000)
        counting.tell("disable")
        adds(worker, 5_000_000)
        assert 0.8 < counting.read() / once < 1.2


def test_without_perf_there_is_no_counter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with counter([1]) as counting:
        assert counting is None


def test_a_perf_that_may_not_look_is_no_counter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = tmp_path / "perf"
    refusing.write_text("#!/bin/sh\nexit 255\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with counter([1]) as counting:
        assert counting is None


def test_a_perf_that_counts_nothing_says_0(monkeypatch: pytest.MonkeyPatch) -> None:
    with counter([999_999_999]) as counting:  # nobody has that number
        assert counting is None or counting.read() == 0


def test_every_counter_lets_go_of_its_pipes(worker: "subprocess.Popen[str]") -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with counter([worker.pid]):
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before
