"""The service's own processes on given engines: database first, then web, clock, worker and voice."""

import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from launcher.errors import LaunchError, explain
from launcher.log import Log
from launcher.places import ROOT, python
from launcher.ports import free_port, get, own_addresses, url
from launcher.supervisor import Program, Supervisor

_READY_WITHIN = 120.0  # seconds
_HOPELESS = 6  # deaths of one process before the first `ready`
PAGES = (("visitor", "/"), ("counselor", "/console/"), ("wallboard", "/wallboard/"), ("admin", "/admin/"))


def process_table(env: Mapping[str, str], *, host: str, port: int, data: Path) -> list[Program]:
    """Every process of the service, in the order of their start."""
    manage = (python(), "manage.py")
    celery = (python(), "-m", "celery", "-A", "server.celery", "worker", "--beat", "--concurrency", "1")
    table = [
        ("web", (*manage, "runweb", "--host", host, "--port", str(port))),
        ("clock", (*manage, "runclock")),
        ("worker", (*celery, "-s", str(data / "beat"), "--loglevel", "WARNING")),
        ("voice", (*manage, "runvoice")),
    ]
    return [Program(name, argv, env=env) for name, argv in table]


def service_environment(engines: Mapping[str, str], *, host: str = "127.0.0.1", demo: bool = True) -> dict[str, str]:
    """The engines' environment plus what plain HTTP on one's own machine needs; what is set already stays.

    But for PYTHONDONTWRITEBYTECODE: every process would compile the whole house again before it is ready, after each
    crash too. Where the checkout is read-only nothing is written anyway; PYTHONPYCACHEPREFIX keeps it out of there.
    """
    env = {name: value for name, value in engines.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env.setdefault("XINQIAO_HTTPS", "false")
    if demo:
        env.setdefault("XINQIAO_DEMO", "true")
        env.setdefault("XINQIAO_MFA_REQUIRED", "false")
    names = ["localhost", "127.0.0.1", "[::1]"]
    names.append(socket.gethostname() if host in ("0.0.0.0", "::") else host)  # noqa: S104 -- only compared
    env.setdefault("ALLOWED_HOSTS", ",".join(dict.fromkeys(names)))
    env.setdefault("VOICE_HOST", host)
    if env["VOICE_HOST"] == host:
        env.setdefault("VOICE_ANNOUNCE", ",".join(own_addresses(host)))
    return env


def run_manage(env: Mapping[str, str], log: Log, *args: str) -> str:
    """Run a manage.py command to its end and return its stdout; a failure becomes a sentence."""
    done = subprocess.run(
        [python(), "manage.py", *args],
        env=dict(env),
        cwd=ROOT,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    said = done.stderr.decode(errors="replace")
    for line in said.splitlines():
        log.line(args[0], line)
    if done.returncode != 0:
        last = (said.strip().splitlines() or ["it said nothing"])[-1]
        raise LaunchError(explain(said) or f"manage.py {args[0]} failed: {last} (all of it: {log.path})")
    return done.stdout.decode(errors="replace")


def known_commands() -> set[str]:
    """The names of this project's own management commands."""
    return {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}


class Service:
    """Web, clock, worker and voice on one database. Port 0 takes a free one; `env` is Engines.environment()."""

    def __init__(
        self,
        env: Mapping[str, str],
        data: Path,
        log: Log,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        demo: bool = True,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.host = host
        self.port = port or free_port()
        self.env = service_environment(env, host=host, demo=demo)
        self.log = log
        self.supervisor = Supervisor(process_table(self.env, host=host, port=self.port, data=data), log, report)

    @property
    def url(self) -> str:
        """The address of the visitor's page, without the slash."""
        return url(self.host, self.port)

    def migrate(self) -> None:
        """Bring the database to the newest shape."""
        run_manage(self.env, self.log, "migrate", "--noinput", "--verbosity", "0")

    def seed(self) -> str:
        """Lay out the demo line and its staff; the text with their one-time sign-ins."""
        return run_manage(self.env, self.log, "seed_demo").strip()

    def start(self) -> None:
        """Start the processes; `await_ready` tells when they serve."""
        self.supervisor.start()

    def ready(self) -> bool:
        """Whether the service says of itself that all of it is there."""
        return get(self.host, self.port, "/readyz")[0] == 200

    def await_ready(self, seconds: float = _READY_WITHIN) -> None:
        """Wait for readiness, or say what stands in its way."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            for name in ("web", "clock", "worker", "voice"):
                if self.supervisor.deaths(name) >= _HOPELESS:
                    raise LaunchError(f"The {name} process keeps ending: {self._last(name)} (see {self.log.path}).")
            if time.monotonic() > deadline:
                raise LaunchError(f"The service is not ready after {seconds:.0f} s: {self._obstacle()}")
            self.supervisor.wait_for_death("web", self.supervisor.deaths("web") + 1, 0.05)

    def stop(self, patience: float | None = None) -> None:
        """Stop the processes, last started first."""
        self.supervisor.stop(patience)

    def _obstacle(self) -> str:
        status, body = get(self.host, self.port, "/readyz")
        told = f"/readyz says {status}: {' '.join(body.split())[:300]}" if status else self._last("web")
        return f"{told} (see {self.log.path})."

    def _last(self, name: str) -> str:
        lines = [line for line in self.log.tail(name).splitlines() if line and not line.startswith("ended: ")]
        return lines[-1] if lines else "it said nothing"

    def __enter__(self) -> Self:
        self.start()
        try:
            self.await_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
