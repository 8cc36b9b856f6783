"""The embedded Valkey: doorbell and broker, nothing on disk, password only, from this machine only."""

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from launcher.places import Identity
from launcher.supervisor import Program


@dataclass(frozen=True)
class Valkey:
    """The server's program, user and password."""

    program_file: Path
    home: Path
    identity: Identity | None
    password: str

    def url(self, port: int) -> str:
        """The address clients use."""
        return f"redis://:{self.password}@127.0.0.1:{port}/0"

    def program(self, port: int) -> Program:
        """The line of the process table; the settings go in by stdin, lest `ps` shows the password."""
        settings = (
            f"port {port}",
            "bind 127.0.0.1",
            f"requirepass {self.password}",
            'save ""',
            "appendonly no",
            "maxmemory-policy noeviction",
            "daemonize no",
            "loglevel warning",
            f"dir {self.home}" if " " not in str(self.home) else 'dir "' + str(self.home) + '"',
        )
        return Program(
            name="valkey",
            argv=(str(self.program_file), "-"),
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            cwd=self.home,
            stop_signal=signal.SIGTERM,
            stop_within=5.0,
            identity=self.identity,
            stdin="\n".join(settings).encode() + b"\n",
        )

    def ready(self, port: int) -> bool:
        """Whether it answers a ping with our password."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
                link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                with link.makefile("rb") as answer:
                    return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
        except OSError:
            return False
