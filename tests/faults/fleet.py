"""The real processes of a drill: two webs, two clocks, PostgreSQL with fsync on, Valkey; and what may befall them."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from launcher.engines import Engines, throwaway_engines
from launcher.places import python
from launcher.ports import free_port, get
from launcher.service import run_manage, service_environment
from launcher.supervisor import Program, Supervisor
from tests.faults.entry import PATIENCE, PLANTED
from tests.faults.network import Network, network
from tests.faults.nursery import Nursery

READY_S = 180.0  # a machine with much else to do needs minutes for eight starts of Python
WEBS = 2

PREPARED = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from accounts.models import StaffMember
call_command("migrate", interactive=False, verbosity=0)
call_command("seed_demo")
cookies = {}
for number in range(%d):
    user = get_user_model().objects.create(username=f"drill{number}", is_active=True)
    user.set_unusable_password(); user.save()
    StaffMember.objects.create(user=user, staff_id=f"drill{number}", display_name=f"演练 {number}",
        role="counselor", languages=["zh-Hans"], lines=["main"])
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookies[f"drill{number}"] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
print("COOKIES " + json.dumps(cookies))
"""


class Fleet:
    """Processes by name. `webs` are the nodes' addresses, `ways` those that lead there through cables, if any."""

    def __init__(
        self,
        engines: Engines,
        cables: Network | None = None,
        *,
        server: str = "",
        planted: str = "",
        limits: Mapping[str, float] | None = None,
        forked: bool = False,
    ) -> None:
        """Prepare on running engines.

        `planted` names a bug of tests/faults/planted that the processes shall have, `limits` other numbers than those
        of server/limits.py. Where they are `forked` they share one environment: no cables, no bug, no other limits.
        """
        assert not (forked and (cables or planted or limits)), "one environment for all"
        self.engines = engines
        self.cables = cables.cables if cables is not None else {}
        self.env = service_environment(engines.environment()) | {PLANTED: planted}
        self.env |= {PATIENCE: json.dumps(limits)} if limits else {}
        self.env |= {"XINQIAO_SERVER": server} if server else {}
        self.cookies: dict[str, str] = {}
        self.ports = [free_port() for _ in range(WEBS)]
        self.webs = [f"http://127.0.0.1:{port}" for port in self.ports]
        self.ways = self.webs
        if cables is not None:
            self.ways = [f"http://127.0.0.1:{cables.lay(f'clients{n}', port)}" for n, port in enumerate(self.ports, 1)]
            for n in range(1, WEBS + 1):
                cables.lay(f"postgres{n}", _port(self.env["DATABASE_URL"]))
                cables.lay(f"valkey{n}", _port(self.env["REDIS_URL"]))
        manage = (python(), "-m", "tests.faults.entry")
        programs = [
            Program(f"web{n}", (*manage, "runweb", "--port", str(port)), env=self.wired(n))
            for n, port in enumerate(self.ports, start=1)
        ]
        programs += [Program(f"clock{n}", (*manage, "runclock"), env=self.env) for n in (1, 2)]
        self.supervisor = Supervisor(programs, engines.log)
        if forked:
            self.supervisor = Nursery(programs, self.env, engines.data, engines.log)

    def wired(self, number: int) -> dict[str, str]:
        """A web node's environment: its ways to the engines lead through its cables."""
        env = dict(self.env)
        for name, variable in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL")):
            if f"{name}{number}" in self.cables:
                cable = self.cables[f"{name}{number}"]
                env[variable] = env[variable].replace(f":{_port(env[variable])}/", f":{cable.port}/")
        return env

    def prepare(self, counselors: int, rules: str = "") -> dict[str, str]:
        """Migrate, seed, sign counselors in and run `rules`, all in one process; answers the counselors' cookies."""
        said = run_manage(self.env, self.engines.log, "shell", "--no-imports", "-c", PREPARED % counselors + rules)
        line = next(line for line in said.splitlines() if line.startswith("COOKIES "))
        self.cookies = json.loads(line.removeprefix("COOKIES "))
        return self.cookies

    def ready(self) -> bool:
        """Tell whether every node takes contacts."""
        return all(self.ready_nodes())

    def ready_nodes(self) -> list[bool]:
        """Which nodes take contacts."""
        return [get("127.0.0.1", port, "/readyz")[0] == 200 for port in self.ports]

    def answers(self, number: int) -> bool:
        """Whether a node, counted from 1, listens and its event loop turns, whatever it may be cut off from."""
        return get("127.0.0.1", self.ports[number - 1], "/livez")[0] == 200

    def of(self, name: str) -> Supervisor:
        """The supervisor a process belongs to."""
        return self.engines.supervisor if name in ("postgres", "valkey") else self.supervisor

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a process, and to the children PostgreSQL made."""
        pid = self.of(name).pid(name)
        if pid is None:
            return
        if number in (signal.SIGSTOP, signal.SIGCONT):
            for child in children(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, number)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _port(url: str) -> int:
    """The port of an engine's address."""
    port = urlsplit(url).port
    assert port is not None
    return port


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def backends(fleet: Fleet) -> list[int]:
    """PostgreSQL's own processes, one of which a fault may kill."""
    pid = fleet.of("postgres").pid("postgres")
    return children(pid) if pid else []


@contextlib.contextmanager
def fleet(
    *,
    server: str = "",
    planted: str = "",
    cables: bool = False,
    limits: Mapping[str, float] | None = None,
    forked: bool = False,
) -> Iterator[Fleet]:
    """A fleet on engines of its own (and a network, where it shall be injured) that are gone afterwards."""
    with throwaway_engines() as engines, network() if cables else contextlib.nullcontext() as lines:
        yield Fleet(engines, lines, server=server, planted=planted, limits=limits, forked=forked)


@contextlib.contextmanager
def running(ships: Fleet) -> Iterator[Fleet]:
    """Start its processes and wait until every node takes contacts."""
    ships.supervisor.start()
    try:
        deadline = time.monotonic() + READY_S
        while not ships.ready():
            assert time.monotonic() < deadline, f"the fleet did not become ready (see {ships.engines.log.path})"
            time.sleep(0.1)
        yield ships
    finally:
        ships.supervisor.stop()
