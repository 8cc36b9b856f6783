"""The Node arm: ws and pg as they come, two processes that hear each other through Valkey (bench/peers/node)."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator

import psycopg

from bench.text.arm import Rig, answering, count, parties, reach
from bench.text.cpu import SERVERS, pin
from bench.text.pairs import Pair
from bench.text.tutorial import TutorialLine
from launcher.engines import Engines, throwaway_engines
from launcher.places import ROOT
from launcher.ports import free_port
from launcher.supervisor import Program, Supervisor

FOLDER = ROOT / "bench" / "peers" / "node"
TABLE = (
    "CREATE TABLE node_message (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room text NOT NULL,"
    " author text NOT NULL, client_id text NOT NULL, text text NOT NULL, at timestamptz NOT NULL DEFAULT now(),"
    " UNIQUE (room, author, client_id))"
)


class NodeRig(Rig):
    """Two Node processes, running."""

    rows_per_message = 1

    def __init__(self, engines: Engines, nodes: Supervisor, ports: list[int]) -> None:
        """Processes and where they listen."""
        self._engines, self._nodes, self._ports = engines, nodes, ports
        self.database = engines.urls.database

    def pids(self) -> list[int]:
        """Node, PostgreSQL, Valkey."""
        engines = self._engines.supervisor
        found = self._nodes.pid("node1"), self._nodes.pid("node2"), engines.pid("postgres"), engines.pid("valkey")
        return [pid for pid in found if pid]

    def stored(self) -> int:
        """Messages inserted."""
        return count(self.database, "node_message")

    @contextlib.asynccontextmanager
    async def talks(self, count: int) -> AsyncIterator[list[Pair]]:
        """Rooms of two, one on each process; its frames are spelled as the tutorial's."""
        found = []
        async with parties() as everybody:
            for number in range(count):
                a, b = [
                    (await reach(f"http://127.0.0.1:{port}", f"/ws/r{number}/{side}"), TutorialLine())
                    for side, port in zip("ab", self._ports, strict=True)
                ]
                found.append(everybody.pair(f"r{number}", a, b))
            pin(self.pids(), SERVERS)
            yield found


class Node:
    """Node with ws and pg."""

    name = "node"

    def absent(self) -> str:
        """Node and its three packages are installed on purpose only."""
        if shutil.which("node") is None:
            return "there is no `node` on PATH"
        if not (FOLDER / "node_modules" / "ws").is_dir():
            return "its packages are not installed: npm ci --prefix bench/peers/node"
        return ""

    @contextlib.contextmanager
    def running(self, pairs: int) -> Iterator[NodeRig]:
        """Start it on engines of its own."""
        with throwaway_engines() as engines:
            with psycopg.connect(engines.urls.database, autocommit=True) as link:
                link.execute(TABLE)
            ports = [free_port(), free_port()]
            node, addresses = shutil.which("node") or "node", (engines.urls.database, engines.urls.redis)
            programs = [
                Program(f"node{number}", (node, "server.mjs", str(port), *addresses), cwd=FOLDER)
                for number, port in enumerate(ports, start=1)
            ]
            with Supervisor(programs, engines.log) as nodes:
                answering(ports)
                rig = NodeRig(engines, nodes, ports)
                pin(rig.pids(), SERVERS)
                yield rig
