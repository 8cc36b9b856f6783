"""File locks that vanish with their holder, kill -9 included."""

import contextlib
import fcntl
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from launcher.errors import LaunchError


def _command() -> str:
    """How the person who started us would name us."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:3]]).strip() or "python"


class Lock:
    """An exclusive lock on a file that tells who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        self.orphaned = False  # the one who had it before us was killed

    def take(self, *, wait: bool = False) -> bool:
        """Take the lock if it is free, or wait for it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(file)
            return False
        self.orphaned = os.fstat(file).st_size > 0
        os.ftruncate(file, 0)
        os.write(file, json.dumps({"pid": os.getpid(), "command": _command()}).encode())
        self._file = file
        return True

    @contextlib.contextmanager
    def shared(self) -> Iterator[bool]:
        """Hold it together with other readers; False when somebody has it alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(file)

    def holder(self) -> str:
        """Who has it, as far as the file tells."""
        told = self._told()
        return f"`{told['command']}` (process {told['pid']})" if told else "another dev.py"

    def holder_pid(self) -> int:
        """The process that has it or had it last; 0 if the file does not tell."""
        return int(self._told().get("pid", "0"))

    def _told(self) -> dict[str, str]:
        try:
            told = json.loads(self.path.read_text())
            return {"pid": str(int(told["pid"])), "command": str(told["command"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        if not self.take():
            raise LaunchError(f"{self.holder()} is at work on this checkout: wait for it or stop it first.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
