"""A lock tells who has it, and goes away with its holder."""

import subprocess
import sys
from pathlib import Path

import pytest

from launcher.errors import LaunchError
from launcher.locks import Lock
from launcher.places import ROOT

HOLDER = "import sys; sys.path.insert(0, sys.argv[1]); from launcher.locks import Lock; from pathlib import Path\n"
HOLDER += "assert Lock(Path(sys.argv[2])).take(); print('held', flush=True); sys.stdin.read()"


def test_the_second_is_told_who_has_it(tmp_path: Path) -> None:
    with Lock(tmp_path / "up.lock"), pytest.raises(LaunchError, match=r"\(process \d+\) is at work"):
        Lock(tmp_path / "up.lock").__enter__()


def test_a_released_lock_is_free_and_not_orphaned(tmp_path: Path) -> None:
    with Lock(tmp_path / "up.lock"):
        pass
    again = Lock(tmp_path / "up.lock")
    assert again.take()
    assert not again.orphaned
    again.release()


def test_readers_share_and_keep_an_owner_out(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "guests.lock")
    with lock.shared() as first, lock.shared() as second:
        assert first
        assert second
        assert not lock.take()
    assert lock.take()
    with lock.shared() as late:
        assert not late
    lock.release()


def test_a_killed_holder_leaves_the_lock_free_and_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(ROOT), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        mine = Lock(path)
        assert not mine.take()
        assert mine.holder_pid() == holder.pid
        holder.kill()
    assert mine.take()
    assert mine.orphaned
    mine.release()
