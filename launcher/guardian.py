"""The guardian: a tiny process that outlives a killed launcher just long enough to end its children.

Runs alone (`python -I -S guardian.py`) and imports nothing of ours. On stdin it reads
`+ pid signal group|single`, `- pid`, `folder PATH` and `kept PATH`; when stdin ends, the launcher is gone:
whatever is still listed is asked to stop, then made to, and throw-away folders still listed are removed.
"""

import os
import shutil
import signal
import sys
import time

_PATIENCE = 8.0  # seconds between asking and SIGKILL


def _send(pid: int, number: int, group: bool) -> bool:
    """Signal a process or its group; False when nobody is there any more."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _lives(pid: int, group: bool) -> bool:
    """Whether a process or any of its group still runs; one that only waits to be reaped does not count."""
    if not _send(pid, 0, group):
        return False
    if not os.path.exists("/proc/self/stat"):
        return True
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (group or int(entry) == pid):
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    state, _, its_group = file.read().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if state not in "ZX" and (not group or int(its_group) == pid):
                return True
    return False


def _read(listed: dict[int, tuple[int, bool]], folders: set[str]) -> None:
    """Keep the lists as the launcher tells it, until its end of the pipe closes."""
    for line in sys.stdin:
        words = line.split()
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "folder":
            folders.add(rest)
        elif verb == "kept":
            folders.discard(rest)
        elif len(words) == 4 and words[0] == "+":
            listed[int(words[1])] = (int(words[2]), words[3] == "group")
        elif len(words) == 2 and words[0] == "-":
            listed.pop(int(words[1]), None)


def main() -> None:
    """Watch, and at the end clear up, youngest first."""
    for deaf_to in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(deaf_to, signal.SIG_IGN)
    listed: dict[int, tuple[int, bool]] = {}
    folders: set[str] = set()
    _read(listed, folders)
    remaining = dict(reversed(listed.items()))
    for pid, (number, group) in remaining.items():
        _send(pid, number, group)
        _send(pid, signal.SIGCONT, group)
    deadline = time.monotonic() + _PATIENCE
    while remaining and time.monotonic() < deadline:
        remaining = {pid: how for pid, how in remaining.items() if _lives(pid, how[1])}
        time.sleep(0.02)
    for pid, (_, group) in remaining.items():
        _send(pid, signal.SIGKILL, group)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
