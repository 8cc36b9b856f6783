"""One log file for everything the launcher starts: a time, the process's name, its line."""

import os
import threading
from collections import defaultdict, deque
from datetime import UTC, datetime
from pathlib import Path

_ROTATE_AT = 20_000_000  # bytes; one older file is kept
_REMEMBERED = 60  # lines per process kept in memory, to show when it dies


class Log:
    """Appends lines from many threads; remembers the last lines of each process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._tails: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def line(self, name: str, text: str) -> None:
        """Write one line; a full disk must not stop what is running, so that line is dropped."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        record = f"{stamp}Z {name:<9}| {text}\n".encode(errors="replace")
        with self._lock:
            self._tails[name].append(text)
            try:
                if os.fstat(self._file).st_size > _ROTATE_AT:
                    self._rotate()
                os.write(self._file, record)
            except OSError:
                return

    def tail(self, name: str, lines: int = _REMEMBERED) -> str:
        """The last lines a process wrote, newest last."""
        with self._lock:
            return "\n".join(list(self._tails[name])[-lines:])

    def forget(self, name: str) -> None:
        """Drop the remembered lines of a process (the file keeps them)."""
        with self._lock:
            self._tails[name].clear()

    def close(self) -> None:
        """Close the file; lines that still come are only remembered."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def _rotate(self) -> None:
        self.path.replace(self.path.with_name(self.path.name + ".1"))
        os.close(self._file)
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
