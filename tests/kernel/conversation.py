"""One socket's conversation without a network: a hub, a doorman and a client, all in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec

from kernel.decider import Address
from kernel.door import Door
from kernel.errors import NotPermitted
from kernel.hub import Hub
from kernel.wire import SUBPROTOCOL, Command
from tests.kernel.toy import Add, Refuse
from tests.kernel.world import Guest, Log, Reader, World

FEED = "session.c1"
Frame = dict[str, Any]


class Room(Log):
    """An engine that appends what is said, once per id, and refuses on demand."""

    def __init__(self, world: World) -> None:
        """Deliver to the world's followers."""
        super().__init__()
        self.world = world
        self.done: dict[str, int] = {}
        self.ids: list[str] = []
        self.fault: Exception | None = None

    async def submit(self, to: Address, command: Command, _by: Any, _now: Any, client_id: str) -> int:
        """Carry out one command."""
        if self.fault is not None:
            raise self.fault
        self.ids.append(client_id)
        if client_id not in self.done:
            rows = self.append(to.feed, len(cast(Add, command).words))
            self.done[client_id] = len(self.rows[to.feed])
            self.world.registry.deliver(to.feed, rows)
        return self.done[client_id]


class Porter(Reader):
    """A doorman with a switch for each way a visit can go."""

    def __init__(self, *, early: bool = True, fault: Exception | None = None) -> None:
        """`early`: known by cookie; else by the ticket in the first frame."""
        super().__init__()
        self.early = early
        self.fault = fault
        self.inside = 0

    async def admit(self, _hub: Any, _headers: Any, ticket: str | None) -> Guest:
        """Let in whoever has a cookie or the right ticket."""
        if self.fault is not None:
            raise self.fault
        if self.early or ticket == "good":
            return Guest()
        raise NotPermitted("sign_in")

    async def entered(self, _hub: Any, _guest: Any) -> tuple[str, ...]:
        """Count who is inside."""
        self.inside += 1
        return (FEED,)

    async def left(self, _hub: Any, _guest: Any) -> None:
        """Count who is inside."""
        self.inside -= 1

    def words(self, _guest: Any, to: Address) -> Any:
        """Words for one's own feed."""
        if to.feed != FEED:
            raise NotPermitted("unknown_feed")
        return msgspec.json.Decoder(Add)

    async def permits(self, _hub: Any, _guest: Any, _to: Address, command: Command) -> None:
        """Whatever is about somebody else's contact is refused."""
        if "stranger" in cast(Add, command).words:
            raise NotPermitted("not_yours")


class Slow(Porter):
    """A doorman that answers some words himself, and takes his time."""

    def __init__(self) -> None:
        """Nobody is answered before `ready` is set."""
        super().__init__()
        self.ready = asyncio.Event()

    def words(self, guest: Any, to: Address) -> Any:
        """Everything, as it was said."""
        return msgspec.json.Decoder(Add | Refuse)

    async def permits(self, _hub: Any, _guest: Any, _to: Address, _command: Any) -> None:
        """Anybody may say anything."""

    def lingers(self, word: str) -> bool:
        """One word takes a while."""
        return word == "tally.refuse"

    async def aside(self, _hub: Any, _guest: Any, _to: Address, command: Any) -> Any | None:
        """Answer that one here."""
        if not isinstance(command, Refuse):
            return None
        await self.ready.wait()
        return {"for": "this socket"}


class Call:
    """The client's side of the conversation."""

    def __init__(self) -> None:
        """Connecting."""
        self.up: asyncio.Queue[Frame] = asyncio.Queue()
        self.down: list[Frame] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.up.put_nowait({"type": "websocket.connect"})

    async def send(self, message: Frame) -> None:
        """What the server sends."""
        if message["type"] == "websocket.send":
            await self.reads.wait()
        self.down.append(message)

    def say(self, frame: Any) -> None:
        """Send a frame, or a text as it is."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self.up.put_nowait({"type": "websocket.receive", "text": text})

    def do(self, cid: str, *words: str, to: str = FEED) -> None:
        """Give a command."""
        self.say({"op": "do", "id": cid, "to": to, "command": {"type": "tally.add", "words": words}})

    @property
    def frames(self) -> list[Frame]:
        """What arrived."""
        return [json.loads(each["text"]) for each in self.down if each["type"] == "websocket.send"]

    @property
    def closed(self) -> int | None:
        """The close code, if closed."""
        codes = [int(each.get("code", 1000)) for each in self.down if each["type"] == "websocket.close"]
        return codes[0] if codes else None

    async def until(self, found: Callable[[], Any]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(5):
            while not found():
                await asyncio.sleep(0.001)

    def of(self, op: str) -> list[Frame]:
        """Frames of one kind."""
        return [frame for frame in self.frames if frame["op"] == op]


class House(World):
    """A hub for doors."""

    def __init__(self) -> None:
        """Nobody says goodbye yet."""
        super().__init__()
        self.room = Room(self)
        self.engine = self.store = self.room
        self.farewells: list[Callable[[], None]] = []
        self.whispers: list[tuple[str, bool]] = []

    def on_drain(self, farewell: Callable[[], None]) -> Callable[[], None]:
        """Register a goodbye."""
        self.farewells.append(farewell)
        return lambda: self.farewells.remove(farewell)

    def whisper(self, feed: str, _by: Any, hint: Any) -> None:
        """Note a hint."""
        self.whispers.append((feed, hint.on))


@asynccontextmanager
async def visit(
    porter: Porter | None = None, *, hello: Any = None, house: House | None = None, protocol: str = SUBPROTOCOL
) -> AsyncIterator[tuple[Call, House]]:
    """A socket that has said hello."""
    house, call = house or House(), Call()

    async def hub() -> Hub:
        return house.hub

    door = Door(cast(Any, porter or Porter()), hub)
    task = asyncio.create_task(door({"subprotocols": [protocol], "headers": []}, call.up.get, call.send))
    call.say({"op": "hello"} if hello is None else hello)
    try:
        yield call, house
    finally:
        call.reads.set()
        call.up.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(5):
            await task
        assert house.farewells == []
