"""The ejabberd arm: XMPP over WebSocket with stream management, and an archive of each message in PostgreSQL.

Its acknowledgement is the stream's `<a/>`, asked for after each message, which comes once the message has been
archived and routed. It keeps two archives, one row for each party. One node, one scheduler: both parties on it.
"""

import base64
import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import psycopg
from websockets.asyncio.client import ClientConnection

from bench.text.arm import Rig, answering, count, parties, reach
from bench.text.cpu import SERVERS, pin
from bench.text.pairs import Heard, Pair, id_of
from launcher.engines import Engines, throwaway_engines
from launcher.places import ROOT
from launcher.ports import free_port
from launcher.supervisor import Program, Supervisor

CONFIG = ROOT / "bench" / "peers" / "ejabberd" / "ejabberd.yml"
SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
LIBRARIES = Path("/usr/lib")
OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>"
BIND = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind></iq>"
ASK, ENABLE = "<r xmlns='urn:xmpp:sm:3'/>", "<enable xmlns='urn:xmpp:sm:3'/>"
BODY, HANDLED = re.compile(r"<body[^>]*>([^<]*)</body>"), re.compile(r"\bh=['\"](\d+)['\"]")


class XmppLine:
    """One party; counts stanzas both ways, as stream management does."""

    def __init__(self, peer: str) -> None:
        """Whom it speaks to."""
        self._peer = peer
        self._sent: list[str] = []
        self._acked = self._received = 0

    def spell(self, message: str, text: str) -> tuple[str, ...]:
        """A message, and the request to acknowledge it."""
        self._sent.append(message)
        stanza = f"<message type='chat' id='{message}' to='{self._peer}@localhost/x'><body>{text}</body></message>"
        return stanza, ASK

    def read(self, raw: str | bytes) -> Iterable[Heard]:
        """Messages, acknowledgements of all up to a number, and the server's own requests."""
        frame = raw if isinstance(raw, str) else raw.decode()
        if frame.startswith("<a "):
            handled = HANDLED.search(frame)
            before, self._acked = self._acked, int(handled[1]) if handled else self._acked
            return [Heard("ack", message) for message in self._sent[before : self._acked]]
        if frame.startswith("<r "):
            return (Heard("reply", f"<a xmlns='urn:xmpp:sm:3' h='{self._received}'/>"),)
        if frame.startswith(("<message", "<presence", "<iq")):
            self._received += 1
        body = BODY.search(frame)
        return (Heard("shown", id_of(body[1])),) if body else ()


async def sign_in(url: str, name: str) -> ClientConnection:
    """Open a stream as somebody; raises RuntimeError where the server does not go along."""
    socket = await reach(url, "/ws", word="xmpp")
    secret = base64.b64encode(f"\0{name}\0{name}".encode()).decode()
    plain = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
    for frame, wanted in ((OPEN, "features"), (plain, "<success"), (OPEN, "features"), (BIND, "<iq")):
        await _until(socket, frame, wanted)
    await _until(socket, "<presence/>", "<presence")
    await _until(socket, ENABLE, "<enabled")
    return socket


async def _until(socket: ClientConnection, frame: str, wanted: str) -> None:
    """Say something and wait for the answer."""
    await socket.send(frame)
    while wanted not in (said := str(await socket.recv())):
        if "<failure" in said or "error" in said:
            raise RuntimeError(said)


class EjabberdRig(Rig):
    """One ejabberd, running."""

    rows_per_message = 2

    def __init__(self, engines: Engines, node: Supervisor, url: str) -> None:
        """Processes and where they listen."""
        self._engines, self._node, self._url = engines, node, url
        self.database = engines.urls.database

    def pids(self) -> list[int]:
        """ejabberd and PostgreSQL; it has no use for a broker."""
        owners = ((self._node, "ejabberd"), (self._engines.supervisor, "postgres"))
        return [pid for owner, name in owners if (pid := owner.pid(name))]

    def stored(self) -> int:
        """Messages archived, each twice."""
        return count(self.database, "archive")

    @contextlib.asynccontextmanager
    async def talks(self, count: int) -> AsyncIterator[list[Pair]]:
        """Two people each."""
        found = []
        async with parties() as everybody:
            for number in range(count):
                names = f"a{number}", f"b{number}"
                a, b = [(await sign_in(self._url, own), XmppLine(other)) for own, other in (names, names[::-1])]
                found.append(everybody.pair(f"x{number}", a, b))
            pin(self.pids(), SERVERS)
            yield found


class Ejabberd:
    """ejabberd of this system's packages."""

    name = "ejabberd"

    def absent(self) -> str:
        """It comes from the operating system."""
        if shutil.which("erl") is None or not SCHEMA.is_file() or not _code():
            return "ejabberd is not installed: apt-get install ejabberd erlang-p1-pgsql"
        return ""

    @contextlib.contextmanager
    def running(self, pairs: int) -> Iterator[EjabberdRig]:
        """Start it on engines of its own, with two people for each conversation."""
        with throwaway_engines() as engines:
            people = [f"{side}{number}" for number in range(pairs) for side in "ab"]
            with psycopg.connect(engines.urls.database, autocommit=True) as link:
                link.execute(SCHEMA.read_text().encode())
                link.cursor().executemany(
                    "INSERT INTO users (username, password) VALUES (%s, %s)", [(name, name) for name in people]
                )
            port = free_port()
            with Supervisor([_program(engines, port)], engines.log) as node:
                answering([port])
                rig = EjabberdRig(engines, node, f"http://127.0.0.1:{port}")
                pin(rig.pids(), SERVERS)
                yield rig


def _code() -> list[Path]:
    """Where the packages put it."""
    return sorted(LIBRARIES.glob("*/ejabberd-*/ebin"))


def _program(engines: Engines, port: int) -> Program:
    """Erlang with one scheduler, for it has one core, and a folder that is gone afterwards."""
    home = engines.data / "ejabberd"
    home.mkdir()
    at = urlsplit(engines.urls.database)
    told = {"sql_port": at.port, "sql_database": at.path[1:], "sql_username": at.username, "sql_password": at.password}
    (home / "ejabberd.yml").write_text(Template(CONFIG.read_text()).substitute(told, port=port))
    env = {"EJABBERD_CONFIG_PATH": str(home / "ejabberd.yml"), "EJABBERD_LOG_PATH": str(home / "ejabberd.log")}
    flags = ("+S", "1:1", "-noinput", "-pa", str(_code()[-1]), "-mnesia", "dir", f'"{home}/mnesia"', "-s", "ejabberd")
    path = shutil.which("erl") or "erl"
    return Program("ejabberd", (path, *flags), env={**env, "HOME": str(home), "PATH": "/usr/bin:/bin"}, cwd=home)
