"""CPU seconds of process trees, cores to run on, and how steady the machine was meanwhile."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
SERVERS, LOAD = CORES[0], CORES[-1]
PROBE_LOOPS = 150_000
SCHEDULED = 2  # Linux's clock of the CPU time of another process, in nanoseconds


def tree(pids: list[int]) -> Iterator[int]:
    """Processes and everything below them."""
    todo = list(pids)
    while todo:
        pid = todo.pop()
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            todo += map(int, children)
            yield pid


def cpu_s(pids: list[int]) -> float:
    """CPU seconds of processes and everything below them, children that ended included."""
    total = 0.0
    for pid in tree(pids):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[13:15])) / TICKS + time.clock_gettime((~pid << 3) | SCHEDULED)
    return total


def rss_bytes(pids: list[int]) -> int:
    """Memory that is in use by these processes alone, not shared with others."""
    total = 0
    for pid in tree(pids):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024
    return total


def pin(pids: list[int], core: int) -> None:
    """Put processes and everything below them, every thread, on one core."""
    for pid in tree(pids):
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(task), {core})


def probe_s() -> float:
    """CPU seconds of a fixed loop on the servers' core: when it moves, the machine has changed under us."""
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVERS})
    try:
        return min(_loop_s() for _ in range(2))
    finally:
        os.sched_setaffinity(0, here)


def _loop_s() -> float:
    began, total = time.thread_time(), 0
    for number in range(PROBE_LOOPS):
        total += number & 7
    return time.thread_time() - began


def stolen_s() -> float:
    """CPU seconds the hypervisor has given to others since the start of this machine."""
    return int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8]) / TICKS
