"""A launcher ended by kill -9 takes its children along."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from launcher.children import Guardian
from launcher.places import ROOT
from tests.launcher.waiting import runs, until

LAUNCHER = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from launcher.children import GUARDIAN
from launcher.log import Log
from launcher.supervisor import Program, Supervisor
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)"
code = deaf + "; print('up', flush=True)" + chr(10) + "while 1: signal.pause()"
folder = Path(sys.argv[2])
polite = Program("polite", (sys.executable, "-c", "import signal; signal.pause()"))
log = Log(folder / "log")
supervisor = Supervisor([polite, Program("deaf", (sys.executable, "-c", code))], log)
supervisor.start()
while "up" not in log.tail("deaf"): supervisor.wait_for_death("deaf", 1, 0.01)
(folder / "scratch").mkdir()
GUARDIAN.throw_away(folder / "scratch")
print(supervisor.pid("polite"), supervisor.pid("deaf"), GUARDIAN.pid(), flush=True)
sys.stdin.read()
"""


def test_children_and_scratch_folders_do_not_outlive_a_killed_launcher(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(ROOT), str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as launcher:
        assert launcher.stdout is not None
        pids = [int(word) for word in launcher.stdout.readline().split()]
        assert len(pids) == 3
        assert all(runs(pid) for pid in pids)
        launcher.kill()
    assert until(lambda: not any(runs(pid) for pid in pids), 30)
    assert not (tmp_path / "scratch").exists()


def test_a_killed_guardian_is_replaced_and_knows_what_the_first_knew() -> None:
    guardian = Guardian()
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True) as child:
        guardian.watch(child.pid, signal.SIGTERM, group=True)
        first = guardian.pid()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert until(lambda: not runs(first))
        guardian.check()
        assert guardian.pid() != first
        guardian.dismiss()
        assert child.wait(20) == -signal.SIGTERM


def test_what_has_ended_is_not_touched_any_more() -> None:
    guardian = Guardian()
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as child:
        guardian.watch(child.pid, signal.SIGTERM, group=False)
        guardian.release(child.pid)
        guardian.dismiss()
        assert runs(child.pid)
