"""Our arm: two web processes and two clocks as in production, on Daphne or on uvicorn."""

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection

from bench.text.arm import Rig, count, parties, reach
from bench.text.cpu import SERVERS, pin
from bench.text.pairs import Heard, Pair, id_of
from launcher.errors import LaunchError
from tests.faults.fleet import Fleet, fleet, running

SUBPROTOCOL = "xinqiao.v1"
MEETING_S, AT_ONCE = 60.0, 8


class _Event(msgspec.Struct, frozen=True):
    type: str = ""
    text: Any = None
    contact: Any = None
    counselor: Any = None
    offer: Any = None


class Frame(msgspec.Struct, frozen=True):
    """What a load generator reads of a server's frame."""

    op: str = ""
    id: str | None = None
    feed: str = ""
    event: _Event = _Event()
    retry_ms: int | None = None
    code: str = ""


frame_of = msgspec.json.Decoder(Frame).decode
_spell = msgspec.json.Encoder().encode


def do(cid: str, to: str, command: dict[str, Any]) -> str:
    """Spell a command frame."""
    return _spell({"op": "do", "id": cid, "to": to, "command": command}).decode()


class OurLine:
    """One party of a session."""

    def __init__(self, contact: str) -> None:
        """The session of this contact."""
        self.feed = f"session.{contact}"

    def spell(self, message: str, text: str) -> tuple[str, ...]:
        """A message with its id."""
        return (do(message, self.feed, {"type": "message.post", "text": text}),)

    def read(self, raw: str | bytes) -> Iterable[Heard]:
        """Acknowledgements, messages shown, and the request to come again."""
        frame = frame_of(raw)
        if frame.op == "ack" and frame.id:
            return (Heard("ack", frame.id),)
        if frame.op == "event" and frame.event.type == "message.posted" and frame.feed == self.feed:
            return (Heard("shown", id_of(frame.event.text)),)
        if frame.op == "refused" and frame.id and frame.retry_ms:
            return (Heard("later", frame.id, frame.retry_ms / 1000),)
        if frame.op == "refused":
            raise RuntimeError(f"refused: {frame.code}")
        return ()


class Meeting:
    """Brings visitors on the first web process and counselors on the second into a talk, one each."""

    def __init__(self, ships: Fleet, cookies: dict[str, str]) -> None:
        """Counselors who are signed in."""
        self._ships, self._cookies = ships, cookies
        self._sockets: dict[str, ClientConnection] = {}
        self._met: dict[str, asyncio.Future[str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Everybody on duty."""
        for name, cookie in self._cookies.items():
            socket = await reach(self._ships.webs[1], "/ws/console/", {"Cookie": cookie}, SUBPROTOCOL)
            await socket.send('{"op":"hello"}')
            await socket.send(do("ready", "desk.main", {"type": "seat.ready", "slots": 1}))
            self._sockets[name] = socket
            self._tasks.append(asyncio.create_task(self._accept(name, socket)))

    async def _accept(self, name: str, socket: ClientConnection) -> None:
        """Take whatever is offered."""
        async for raw in socket:
            event = frame_of(raw).event
            if event.type == "offer.rung" and event.counselor == name:
                await socket.send(do(event.offer, "desk.main", {"type": "offer.accept", "offer": event.offer}))
            elif event.type == "offer.accepted" and event.counselor == name and event.contact in self._met:
                self._met[event.contact].set_result(name)

    async def meet(self, contact: str, headers: dict[str, str]) -> tuple[ClientConnection, ClientConnection]:
        """Let one visitor in and wait for a counselor; answers both sockets."""
        accepted = self._met[contact] = asyncio.get_running_loop().create_future()
        visitor = await reach(self._ships.webs[0], "/ws/contact/", headers, SUBPROTOCOL)
        await visitor.send('{"op":"hello"}')
        await visitor.send(do("in", f"case.{contact}", {"type": "intake.submit", "thoughts": "no"}))
        async with asyncio.timeout(MEETING_S):
            while frame_of(await visitor.recv()).event.type != "counselor.joined":
                pass
            return visitor, self._sockets[await accepted]

    async def over(self) -> None:
        """Everybody talks: nobody accepts any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def open_contacts(url: str, number: int) -> list[tuple[str, dict[str, str]]]:
    """Open contacts as apps do, from many addresses, for one address is slowed down."""
    found: list[tuple[str, dict[str, str]]] = []
    for start in range(0, number, 200):
        transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{1 + start // 200}")
        async with httpx.AsyncClient(base_url=url, transport=transport, timeout=30) as http:
            for _ in range(min(200, number - start)):
                answer = await http.post("/api/v1/contacts", json={"line": "main"}, headers={"X-Client": "app"})
                answer.raise_for_status()
                opened = answer.json()
                found.append((opened["contact"], {"Authorization": f"Bearer {opened['token']}"}))
    return found


class OurRig(Rig):
    """Our fleet, running."""

    rows_per_message = 1

    def __init__(self, ships: Fleet, cookies: dict[str, str]) -> None:
        """Processes and signed-in counselors."""
        self.ships, self._cookies = ships, cookies
        self.database = ships.env["DATABASE_URL"]

    def pids(self) -> list[int]:
        """Webs, clocks, PostgreSQL, Valkey."""
        return leaders(self.ships)

    def stored(self) -> int:
        """Messages in the log."""
        return count(self.database, "kernel_logrow WHERE kind = 'message.posted'")

    @contextlib.asynccontextmanager
    async def talks(self, count: int) -> AsyncIterator[list[Pair]]:
        """Sessions with a counselor each."""
        meeting, gate = Meeting(self.ships, self._cookies), asyncio.Semaphore(AT_ONCE)
        await meeting.begin()

        async def met(contact: str, headers: dict[str, str]) -> tuple[str, ClientConnection, ClientConnection]:
            async with gate:
                return contact, *await meeting.meet(contact, headers)

        contacts = await open_contacts(self.ships.webs[0], count)
        talks = await asyncio.gather(*(met(*contact) for contact in contacts))
        await meeting.over()
        async with parties() as everybody:
            pin(self.pids(), SERVERS)
            ends = [((a, OurLine(contact)), (b, OurLine(contact))) for contact, a, b in talks]
            yield [everybody.pair(f"u{number}", *both) for number, both in enumerate(ends)]


class Ours:
    """Our service on one of its two servers."""

    def __init__(self, server: str) -> None:
        """`daphne` or `uvicorn`."""
        self.name = server
        self._server = server

    def absent(self) -> str:
        """uvicorn is an optional requirement."""
        if self._server == "uvicorn" and importlib.util.find_spec("uvicorn") is None:
            return "uvicorn is not installed: pip install --require-hashes -r requirements/uvicorn.txt"
        return ""

    @contextlib.contextmanager
    def running(self, pairs: int) -> Iterator[OurRig]:
        """Start it with a counselor for each conversation."""
        with fleet(server=self._server) as ships:
            cookies = ships.prepare(pairs)
            with running(ships):
                pin(leaders(ships), SERVERS)
                self._check(ships)
                yield OurRig(ships, cookies)

    def _check(self, ships: Fleet) -> None:
        """Whoever measures the wrong server measures well and learns nothing."""
        for name in ("web1", "web2"):
            mapped = Path(f"/proc/{ships.of(name).pid(name)}/maps").read_text()
            if ("uvloop" in mapped) != (self._server == "uvicorn"):
                raise LaunchError(f"{name} does not run on {self._server}")


def leaders(ships: Fleet) -> list[int]:
    """The processes of a fleet."""
    names = ("web1", "web2", "clock1", "clock2", "postgres", "valkey")
    return [pid for name in names if (pid := ships.of(name).pid(name))]
