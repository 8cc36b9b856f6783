"""What dies is started again with back-off; what is stopped leaves nothing behind."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.log import Log
from launcher.supervisor import FIRST_DELAY, LONGEST_DELAY, STABLE_AFTER, Backoff, Program, Supervisor
from tests.launcher.waiting import runs, until

SLEEPER = "import signal; print('here', flush=True); signal.pause()"
DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\nwhile 1: signal.pause()"
)
PARENT = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE)\n"
    "child.stdout.readline(); print('child', child.pid, flush=True); child.wait()"
)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A log of the test's own."""
    log = Log(tmp_path / "log" / "xinqiao.log")
    yield log
    log.close()


def script(name: str, code: str, *args: str, stop_within: float = 10.0) -> Program:
    """A small Python program."""
    return Program(name, (sys.executable, "-c", code, *args), stop_within=stop_within)


def test_what_dies_is_started_again(log: Log) -> None:
    with Supervisor([script("web", SLEEPER)], log) as supervisor:
        first = supervisor.pid("web")
        supervisor.kill("web", signal.SIGKILL)
        assert supervisor.wait_for_start("web", 2, 20)
        assert supervisor.pid("web") not in (None, first)
        assert supervisor.deaths("web") == 1


def test_what_keeps_dying_is_started_ever_more_slowly(log: Log) -> None:
    said: list[str] = []
    with Supervisor([script("web", "raise SystemExit(3)")], log, said.append) as supervisor:
        assert supervisor.wait_for_death("web", 3, 30)
        assert until(lambda: len(said) >= 3)
    assert said[0] == "web ended (exit status 3); starting it again in 0.2 s"
    assert said[1].endswith("0.4 s")
    assert said[2].endswith("0.8 s")


@given(st.lists(st.floats(0, STABLE_AFTER - 1), min_size=1, max_size=12))
def test_the_back_off_doubles_up_to_its_bound(lives: list[float]) -> None:
    backoff = Backoff()
    delays = [backoff.after(lived) for lived in lives]
    assert delays == [min(FIRST_DELAY * 2**count, LONGEST_DELAY) for count in range(len(lives))]
    assert backoff.after(STABLE_AFTER) == FIRST_DELAY


def test_what_cannot_be_started_is_reported_and_tried_again(log: Log) -> None:
    said: list[str] = []
    with Supervisor([Program("web", ("/nonexistent/program",))], log, said.append) as supervisor:
        assert supervisor.wait_for_death("web", 2, 20)
        assert supervisor.pid("web") is None
    assert "cannot start" in said[0]


def test_stop_leaves_no_process_grandchildren_included(log: Log) -> None:
    with Supervisor([script("worker", PARENT, DEAF)], log) as supervisor:
        assert until(lambda: "child" in log.tail("worker"))
        grandchild = int(log.tail("worker").split()[-1])
        leader = supervisor.pid("worker")
        assert leader is not None
        assert runs(grandchild)
    assert until(lambda: not runs(grandchild))
    assert not runs(leader)


def test_a_killed_leader_s_children_do_not_outlive_it(log: Log) -> None:
    with Supervisor([script("worker", PARENT, DEAF)], log) as supervisor:
        assert until(lambda: "child" in log.tail("worker"))
        grandchild = int(log.tail("worker").split()[-1])
        supervisor.kill("worker", signal.SIGKILL)
        assert until(lambda: not runs(grandchild))


def test_what_does_not_hear_is_killed_after_its_time(log: Log) -> None:
    with Supervisor([script("web", DEAF, stop_within=0.1)], log) as supervisor:
        assert until(lambda: "deaf" in log.tail("web"))
        pid = supervisor.pid("web")
        assert pid is not None
    assert not runs(pid)
    assert "killed" in log.tail("web")


def test_a_frozen_process_is_stopped_too(log: Log) -> None:
    with Supervisor([script("web", SLEEPER)], log) as supervisor:
        pid = supervisor.pid("web")
        assert pid is not None
        supervisor.kill("web", signal.SIGSTOP)
    assert not runs(pid)
    assert "SIGTERM" in log.tail("web")


def test_hold_keeps_down_and_release_starts_again(log: Log) -> None:
    with Supervisor([script("valkey", SLEEPER), script("web", SLEEPER)], log) as supervisor:
        web = supervisor.pid("web")
        supervisor.hold("valkey", signal.SIGKILL)
        assert supervisor.pid("valkey") is None
        supervisor.release("valkey")
        assert supervisor.pid("valkey") is not None
        assert supervisor.deaths("valkey") == 0
        assert supervisor.pid("web") == web


def test_restart_gives_a_new_process_at_once_and_is_no_death(log: Log) -> None:
    with Supervisor([script("web", SLEEPER)], log) as supervisor:
        first = supervisor.pid("web")
        supervisor.restart("web")
        assert supervisor.pid("web") not in (None, first)
        assert supervisor.deaths("web") == 0


def test_a_held_process_does_not_hinder_the_end(log: Log) -> None:
    supervisor = Supervisor([script("web", SLEEPER)], log)
    supervisor.start()
    supervisor.hold("web")
    supervisor.stop()
    supervisor.stop()
    assert supervisor.pid("web") is None


def test_every_line_in_the_log_has_its_time_and_its_process(log: Log) -> None:
    with Supervisor([script("web", SLEEPER), script("clock", SLEEPER)], log):
        assert until(lambda: "here" in log.tail("web") and "here" in log.tail("clock"))
    lines = log.path.read_text().splitlines()
    assert {line.split()[1] for line in lines} == {"web", "clock"}
    assert all(line[10] == "T" and line[23] == "Z" for line in lines)
    assert log.path.stat().st_mode & 0o777 == 0o600
