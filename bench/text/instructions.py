"""Instructions that processes execute in user space, counted by the processor (`perf stat`).

A neighbour on the machine changes how long they take, and not how many they are. Counting has a price: at each switch
from process to process the counters are switched too; in a virtual machine a message seemed to take half as long again
(two runs, not side by side). So it is asked for, and the times of such a run are worth nothing; the kernel's
instructions, among them that switching, are left out.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Iterator

from bench.text.cpu import tree

EVENT = "instructions:u"
ANSWER_S = 5.0
ACK = b"ack\n\0"


class Counter:
    """`perf` beside some processes; counts only between `enable` and `disable`."""

    def __init__(self, pids: list[int]) -> None:
        """Attach to processes and everything below them, what they start later included."""
        commands, self._say = os.pipe()
        self._hear, answers = os.pipe()
        when = ("-D", "-1", "--control", f"fd:{commands},{answers}")
        self._perf = subprocess.Popen(
            ["perf", "stat", "-x", ",", "-e", EVENT, *when, "-p", ",".join(map(str, tree(pids)))],
            pass_fds=(commands, answers),
            stderr=subprocess.PIPE,
            env=os.environ | {"LC_ALL": "C"},
        )
        os.close(commands)
        os.close(answers)

    def tell(self, word: str) -> None:
        """Say `enable` or `disable`, and wait until it is done; raises OSError where perf does not answer."""
        os.write(self._say, f"{word}\n".encode())
        if not select.select([self._hear], [], [], ANSWER_S)[0] or not os.read(self._hear, len(ACK)).startswith(b"ack"):
            raise OSError("perf does not answer")

    def read(self) -> int:
        """End, and answer what was counted; 0 where nothing was."""
        self._perf.send_signal(signal.SIGINT)
        told = self._perf.communicate(timeout=ANSWER_S)[1].decode()
        counts = [line.split(",")[0] for line in told.splitlines() if f",{EVENT}" in line]
        return sum(int(count) for count in counts if count.isdigit())

    def close(self) -> None:
        """Let go of everything, whatever happened before."""
        self._perf.kill()
        with contextlib.suppress(ValueError):  # it was read already
            self._perf.communicate()
        os.close(self._say)
        os.close(self._hear)


@contextlib.contextmanager
def counter(pids: list[int]) -> Iterator[Counter | None]:
    """A counter of these processes, or None where this machine has no `perf` that may look."""
    if shutil.which("perf") is None:
        yield None
        return
    counting = Counter(pids)
    try:
        counting.tell("enable")
    except OSError:
        counting.close()
        yield None
        return
    try:
        yield counting
    finally:
        counting.close()
