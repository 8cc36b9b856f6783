"""Waiting for a condition about processes."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_PAUSE = threading.Event()


def until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Poll a condition; whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        _PAUSE.wait(0.01)  # yields the processor to what is waited for
    return True


def runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def processes_in(folder: Path) -> list[str]:
    """The command lines of running processes that mention a folder."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid() and runs(int(entry)):
            try:
                line = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(folder) in line:
                found.append(line)
    return found
