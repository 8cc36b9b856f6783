"""One socket from handshake to goodbye, over a plain ASGI conversation."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec
import pytest

from kernel.decider import Address
from kernel.door import BURST_FRAMES, MALFORMED_LIMIT, Door
from kernel.errors import NotPermitted, Refused, Unavailable
from kernel.hub import Hub
from kernel.outbound import BYTE_LIMIT
from kernel.wire import FRAME_LIMIT_BYTES, SUBPROTOCOL, Close, Command
from tests.kernel.toy import Add
from tests.kernel.world import READER, Guest, Log, Reader, World

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


async def test_a_visit_welcomes_acknowledges_shows_and_lets_go() -> None:
    porter = Porter()
    async with visit(porter) as (call, house):
        call.do("a1", "一", "二")
        await call.until(lambda: len(call.of("event")) == 2)
        call.do("a1", "一", "二")
        call.say({"op": "ping"})
        await call.until(lambda: len(call.of("ack")) == 2 and call.of("pong"))
        assert call.frames[0]["op"] == "welcome"
        assert call.frames[0]["feeds"] == [FEED]
        assert [ack["seq"] for ack in call.of("ack")] == [2, 2]
        assert call.of("pong")[0]["heads"] == {FEED: 2}
        assert len(call.of("event")) == 2
        assert porter.inside == 1
        assert house.room.ids == [f"a1/{READER.id}"] * 2, "a client's id counts for that person only"
    assert porter.inside == 0
    assert house.registry.live == ()


async def test_hello_says_where_the_client_stands() -> None:
    house = House()
    house.room.append(FEED, 5)
    async with visit(house=house, hello={"op": "hello", "resume": {FEED: 3}}) as (call, _):
        await call.until(lambda: len(call.of("event")) == 2)
        call.say({"op": "resume", "feed": FEED, "after": 0})
        await call.until(lambda: len(call.of("event")) == 7)
        assert [frame["seq"] for frame in call.of("event")] == [4, 5, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NotPermitted("forbidden_origin"), Close.FORBIDDEN),
        (NotPermitted("forbidden_role"), Close.FORBIDDEN),
        (Unavailable("x"), Close.RESTART),
    ],
)
@pytest.mark.promise("R8")
async def test_who_may_not_enter_is_turned_away_with_what_to_do_next(fault: Exception, code: int) -> None:
    async with visit(Porter(fault=fault)) as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == code
        assert call.frames == []


async def test_a_ticket_in_the_first_frame_opens_where_there_is_no_cookie() -> None:
    async with visit(Porter(early=False), hello={"op": "hello", "ticket": "good"}) as (call, _):
        await call.until(lambda: call.of("welcome"))
    async with visit(Porter(early=False), hello={"op": "hello", "ticket": "bad"}) as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == Close.SIGN_IN


@pytest.mark.promise("R10")
@pytest.mark.parametrize("first", ["{", {"op": "ping"}, {"op": "do", "id": "a", "to": FEED, "command": {}}])
async def test_a_socket_that_does_not_say_hello_is_closed(first: Any) -> None:
    async with visit(hello=first) as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == Close.MALFORMED
        assert call.frames == []


async def test_another_protocol_is_closed_before_anything_is_read() -> None:
    async with visit(protocol="soap") as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == Close.MALFORMED


@pytest.mark.promise("R10")
async def test_malformed_frames_are_answered_and_after_several_the_socket_is_closed() -> None:
    async with visit() as (call, house):
        call.do("good", "一")
        for _ in range(MALFORMED_LIMIT - 1):
            call.say('{"op":"do","id":"我不想说"}')
        await call.until(lambda: len(call.of("refused")) == MALFORMED_LIMIT - 1)
        assert call.closed is None
        call.say("x" * (FRAME_LIMIT_BYTES + 1))
        await call.until(lambda: call.closed)
        assert call.closed == Close.MALFORMED
        assert {frame["code"] for frame in call.of("refused")} == {"malformed"}
        assert "不想" not in json.dumps(call.frames, ensure_ascii=False)
        assert len(house.room.rows[FEED]) == 1


@pytest.mark.parametrize(
    ("frame", "fault", "code"),
    [
        ({"to": "session.other", "command": {"type": "tally.add"}}, None, "unknown_feed"),
        ({"to": "nofeed", "command": {"type": "tally.add"}}, None, "unknown_feed"),
        ({"to": FEED, "command": {"type": "tally.refuse"}}, None, "malformed"),
        ({"to": FEED, "command": {"type": "tally.add", "extra": 1}}, None, "malformed"),
        ({"to": FEED, "command": {"type": "tally.add"}}, Refused("not_yours"), "not_yours"),
        ({"to": FEED, "command": {"type": "tally.add"}}, Unavailable("x"), "unavailable"),
    ],
)
async def test_every_no_has_a_code(frame: Frame, fault: Exception | None, code: str) -> None:
    async with visit() as (call, house):
        house.room.fault = fault
        call.say({"op": "do", "id": "a1", **frame})
        await call.until(lambda: call.of("refused"))
        (refused,) = call.of("refused")
        assert (refused["id"], refused["code"]) == ("a1", code)
        assert ("retry_ms" in refused and refused["retry_ms"] is not None) is (code == "unavailable")
        assert call.closed is None


@pytest.mark.promise("R10")
async def test_a_flood_is_slowed_by_answers_and_nothing_accepted_is_lost() -> None:
    async with visit() as (call, house):
        sent = int(BURST_FRAMES) + 40
        for number in range(sent):
            call.do(f"n{number}", "x")
        await call.until(lambda: len(call.of("ack")) + len(call.of("refused")) == sent)
        assert call.closed is None
        assert len(call.of("ack")) >= BURST_FRAMES - 1
        assert {frame["code"] for frame in call.of("refused")} == {"too_fast"}
        assert all(frame["retry_ms"] > 0 for frame in call.of("refused"))
        assert len(house.room.rows[FEED]) == len(call.of("ack"))
        call.say({"op": "ping"})
        call.say({"op": "resume", "feed": FEED, "after": 0})
        await call.until(lambda: call.of("pong"))


@pytest.mark.promise("R10")
async def test_a_reader_that_stops_is_closed_and_can_come_back() -> None:
    async with visit() as (call, house):
        await call.until(lambda: call.of("welcome"))
        call.reads.clear()
        for _ in range(BYTE_LIMIT // 100):
            house.registry.deliver(FEED, house.room.append(FEED, 1))
            await asyncio.sleep(0)
        call.reads.set()
        await call.until(lambda: call.closed)
        assert call.closed == Close.TOO_SLOW


async def test_when_the_process_stops_clients_are_told_to_come_back() -> None:
    async with visit() as (call, house):
        await call.until(lambda: call.of("welcome"))
        for farewell in list(house.farewells):
            farewell()
        await call.until(lambda: call.closed)
        assert call.closed == Close.RESTART
        (bye,) = call.of("bye")
        assert 0 <= bye["after_ms"] <= 3000


async def test_hints_pass_on_followed_feeds_only() -> None:
    async with visit() as (call, house):
        await call.until(lambda: call.of("welcome"))
        for to in (FEED, "session.other", "desk.main"):
            call.say({"op": "hint", "to": to, "hint": {"type": "typing", "on": True}})
        call.say({"op": "ping"})
        await call.until(lambda: call.of("pong"))
        assert house.whispers == [(FEED, True)]
