"""The control plane: sealed commands, placement by load, facts that reach the session; strangers get nothing."""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, cast

import pytest
import pytest_asyncio

from chat.call_messages import ReportLeg
from chat.domain.call_state import CallPhase, CallState, routes
from chat.domain.lanes import Route
from chat.voice.contract import Fact, LegConnected, LegLost, LegQuality, Load, MediaEngine
from chat.voice.control import Channel, derive
from chat.voice.switchboard import SUBJECT, Switchboard
from chat.voice.worker import Worker
from kernel.decider import Address
from kernel.errors import Malformed, NotPermitted, Refused, Unavailable
from kernel.hub import Hub
from kernel.store import Store
from kernel.terms import Actor, Role
from tests.chat.voice.peers import eventually

SECRET = derive(b"m" * 32)
VISITOR, CHEN, ZHAO = Actor(Role.VISITOR, "c1"), Actor(Role.COUNSELOR, "chen"), Actor(Role.SUPERVISOR, "zhao")
OFFER = "v=0 an offer that the fake engine does not read"


class FakeEngine:
    """Remembers what it was told to do."""

    def __init__(self, load: Load, fault: Exception | None = None) -> None:
        """Answer this load, and raise this fault instead of answering offers."""
        self.done: list[tuple[Any, ...]] = []
        self._load = load
        self._fault = fault

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Note it."""
        self.done.append(("stop",))

    async def open_leg(self, call: str, leg: str, role: Role, offer: str) -> str:
        """Answer by name."""
        if self._fault is not None:
            raise self._fault
        self.done.append(("open", call, leg, role))
        return f"answer to {leg}"

    async def arrange(self, call: str, revision: int, wanted: frozenset[Route]) -> None:
        """Note it."""
        self.done.append(("arrange", call, revision, wanted))

    async def close_leg(self, call: str, leg: str) -> None:
        """Note it."""
        self.done.append(("close_leg", call, leg))

    async def close_call(self, call: str) -> None:
        """Note it."""
        self.done.append(("close_call", call))

    def load(self) -> Load:
        """As told."""
        return self._load


class FakeHouse:
    """A hub without a database: leases, a store that lists them, and an engine that keeps commands."""

    def __init__(self) -> None:
        """Nobody is registered; sessions answer at once."""
        self.subjects: list[str] = []
        self.told: list[tuple[Address, Any]] = []
        self.failures = 0
        self.leases = self.engine = self

    async def hold(self, subject: str, now: datetime) -> None:
        """A lease begins."""
        self.subjects.append(subject)

    async def release(self, subject: str, now: datetime) -> bool:
        """A lease ends."""
        self.subjects.remove(subject)
        return True

    async def fetch(self, statement: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All living workers."""
        return [(subject,) for subject in sorted(self.subjects) if subject.startswith(SUBJECT)]

    async def submit(self, to: Address, command: Any, by: Actor, now: datetime, cid: str) -> None:
        """A session takes a command, unless the store is down for a moment."""
        if self.failures:
            self.failures -= 1
            raise Unavailable("down")
        self.told.append((to, command))


class Plant:
    """Workers on loopback and a switchboard."""

    def __init__(self) -> None:
        """Nobody works yet."""
        self.house = FakeHouse()
        self.board = Switchboard(cast(Store, self.house), SECRET)
        self.workers: list[Worker] = []

    async def hire(self, engine: FakeEngine, secret: bytes = SECRET) -> str:
        """Start a worker; answers its address."""
        worker = Worker(cast(Hub, self.house), secret)
        self.workers.append(worker)
        return await worker.start(cast(MediaEngine, engine), "127.0.0.1", 0)


@pytest_asyncio.fixture
async def plant() -> AsyncIterator[Plant]:
    """A plant that is closed again."""
    built = Plant()
    yield built
    built.board.close()
    for worker in built.workers:
        await worker.stop()


def call_on(node: str) -> CallState:
    """A call between visitor and chen, placed there."""
    return CallState(1, CallPhase.LIVE, "c1.1", node=node, counselor="chen", revision=7)


async def test_calls_go_to_the_least_busy_worker_that_answers(plant: Plant, now: datetime) -> None:
    with pytest.raises(Unavailable):
        await plant.board.choose(now)
    busy = await plant.hire(FakeEngine(Load(20, 40, 1.0, 100)))
    idle = await plant.hire(FakeEngine(Load(2, 4, 1.0, 100)))
    await plant.hire(FakeEngine(Load(0, 0, 900.0, 100)))
    plant.house.subjects.append(f"{SUBJECT}127.0.0.1:9")
    plant.house.subjects.append("staff:chen")
    assert await plant.board.choose(now) == idle
    assert await plant.board.choose(now, gone=idle) == busy


async def test_an_offer_is_answered_and_the_routes_follow(plant: Plant) -> None:
    engine = FakeEngine(Load(0, 0, 0, 10))
    state = call_on(await plant.hire(engine))
    assert await plant.board.offer(state, CHEN, OFFER) == "answer to staff.chen"
    assert engine.done == [
        ("open", "c1.1", "staff.chen", Role.COUNSELOR),
        ("arrange", "c1.1", 7, routes(state)),
    ]
    await plant.board.close_leg(state, "staff.chen")
    await plant.board.close_call(state.node, state.call)
    assert engine.done[2:] == [("close_leg", "c1.1", "staff.chen"), ("close_call", "c1.1")]


async def test_who_has_no_leg_never_reaches_a_worker(plant: Plant) -> None:
    engine = FakeEngine(Load(0, 0, 0, 10))
    with pytest.raises(NotPermitted):
        await plant.board.offer(call_on(await plant.hire(engine)), ZHAO, OFFER)
    assert not engine.done


@pytest.mark.parametrize(
    ("fault", "seen"), [(Refused("overloaded"), Refused), (Malformed("mid"), Malformed), (OSError("x"), Unavailable)]
)
async def test_what_the_engine_answers_comes_back_as_it_was(
    plant: Plant, fault: Exception, seen: type[Exception]
) -> None:
    node = await plant.hire(FakeEngine(Load(0, 0, 0, 10), fault))
    with pytest.raises(seen):
        await plant.board.offer(call_on(node), VISITOR, OFFER)


async def test_a_worker_that_is_gone_is_unavailable_at_once_and_forgotten_when_it_unregisters(
    plant: Plant, now: datetime
) -> None:
    node = await plant.hire(FakeEngine(Load(0, 0, 0, 10)))
    assert await plant.board.load(node) is not None
    await plant.workers.pop().stop()
    assert await plant.board.workers(now) == []
    with pytest.raises(Unavailable):
        await plant.board.offer(call_on(node), VISITOR, OFFER)


async def test_facts_reach_the_session_in_order_through_a_store_that_is_down_for_a_moment(plant: Plant) -> None:
    await plant.hire(FakeEngine(Load(0, 0, 0, 10)))
    plant.house.failures = 1
    facts: list[Fact] = [
        LegConnected("c1.1", "visitor"),
        LegQuality("c1.1", "visitor", 0.0, 1.0),
        LegLost("c1.1", "visitor", "silent"),
    ]
    for fact in facts:
        plant.workers[0].tell(fact)
    assert await eventually(lambda: len(plant.house.told) == 2)
    session = Address("session", "c1")
    assert plant.house.told == [
        (session, ReportLeg("c1.1", "visitor", "connected", plant.workers[0].name)),
        (session, ReportLeg("c1.1", "visitor", "lost", plant.workers[0].name)),
    ]


async def test_another_secret_reads_nothing_and_does_nothing(plant: Plant) -> None:
    engine = FakeEngine(Load(0, 0, 0, 10))
    node = await plant.hire(engine, derive(b"x" * 32))
    with pytest.raises(Unavailable):
        await plant.board.offer(call_on(node), VISITOR, OFFER)
    assert not engine.done


async def test_a_replayed_connection_does_nothing(plant: Plant) -> None:
    engine = FakeEngine(Load(0, 0, 0, 10))
    node = await plant.hire(engine)
    host, _, port = node.partition("#")[0].rpartition(":")
    spoken = bytearray()
    reader, writer = await asyncio.open_connection(host, int(port))
    write = writer.write
    writer.write = lambda data: (spoken.extend(data), write(data))[1]  # type: ignore[method-assign,func-returns-value]  # the spy at the wire
    channel = await Channel.open(reader, writer, SECRET, asking=True)
    from chat.voice.control import CloseCall

    channel.send(CloseCall(1, "c1.1"))
    await channel.receive()
    assert engine.done == [("close_call", "c1.1")]
    assert b"c1.1" not in spoken
    channel.close()
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(bytes(spoken))
    await reader.readexactly(32)
    assert await reader.read() == b""
    assert len(engine.done) == 1
    writer.close()


async def test_a_frame_that_is_too_long_ends_the_connection(plant: Plant) -> None:
    node = await plant.hire(FakeEngine(Load(0, 0, 0, 10)))
    host, _, port = node.partition("#")[0].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(bytes(32) + struct.pack("!I", 2**31))
    await reader.readexactly(32)
    assert await reader.read() == b""
    writer.close()
