"""People at the real doors, with aiortc for a browser: what each hears is measured at their end."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from django.db import connections

from accounts.auth import Identity
from accounts.orm import off_loop
from chat import messages as chat
from chat.voice.passthrough import PassthroughEngine
from chat.voice.worker import Worker
from kernel import ids
from kernel.decider import Address
from kernel.door import Visit
from kernel.hub import Hub
from kernel.terms import Actor, Medium, Role
from queueing import messages as queueing
from server import calls, wiring
from server.doors import ConsoleDoor, ContactDoor
from server.recording import Keeper
from server.shelf import HouseShelf
from tests.chat.voice.peers import PATIENT_S, Heard, Peer, steadily
from tests.flows.conftest import House
from triage.screening import lexicon

Frame = dict[str, Any]
TONES = {"visitor": 400.0, "chen": 1000.0, "lin": 1600.0, "zhao": 2200.0, "liu": 2800.0}
CLIP_HZ = 277.0


class _Admitted:
    """Who comes in is known already: signing in has tests of its own."""

    who: Identity

    async def admit(self, _hub: Hub, _headers: Any, _ticket: str | None) -> Identity:
        """This very person."""
        return self.who

    async def stays(self, _hub: Hub, _guest: Any, _idle_s: float) -> int:
        """For as long as they like."""
        return 0


class ContactEntrance(_Admitted, ContactDoor):
    """The visitor's door."""


class ConsoleEntrance(_Admitted, ConsoleDoor):
    """The console's door."""


class Person:
    """Somebody on one socket, with a browser that speaks one tone."""

    def __init__(self, hub: Hub, name: str, actor: Actor, line: str, contact: str = "") -> None:
        """Not connected yet."""
        self.name = name
        self.actor = actor
        self.feed = f"session.{contact or actor.id}"
        door = ContactEntrance() if actor.role is Role.VISITOR else ConsoleEntrance()
        door.who = Identity(actor, name, (line,), actor.role, "cookie")
        self._up: asyncio.Queue[Frame] = asyncio.Queue()
        self._ids = itertools.count(1)
        self._tab = ids.process_id()
        self.frames: list[Frame] = []
        self.peer: Peer | None = None
        self.call = ""
        self.replies: list[Frame] = []
        self._visit = asyncio.create_task(Visit(hub, door, {"headers": []}, self._up.get, self._sent).run())
        self._say({"op": "hello"})

    async def _sent(self, message: Frame) -> None:
        """What the server sends."""
        if message["type"] == "websocket.send":
            self.frames.append(json.loads(message["text"]))

    def _say(self, frame: Frame) -> None:
        """Send a frame."""
        self._up.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    async def until(self, found: Callable[[Frame], bool]) -> Frame:
        """Wait for a frame, past or to come."""
        async with asyncio.timeout(PATIENT_S):
            while True:
                for frame in tuple(self.frames):
                    if found(frame):
                        return frame
                await asyncio.sleep(0.005)

    async def event(self, kind: str, **fields: Any) -> Frame:
        """Wait for an event with these fields."""
        wanted = fields.items()
        return await self.until(
            lambda frame: frame["op"] == "event" and frame["event"]["type"] == kind and wanted <= frame["event"].items()
        )

    def events(self, kind: str) -> list[Frame]:
        """The events of a kind that were shown."""
        happened = [frame["event"] for frame in self.frames if frame["op"] == "event"]
        return [event for event in happened if event["type"] == kind]

    async def do(self, kind: str, at: str = "", **fields: Any) -> Frame:
        """Give a command and wait for its answer."""
        cid = f"{self._tab}-{next(self._ids)}"
        self._say({"op": "do", "id": cid, "to": at or self.feed, "command": {"type": kind, **fields}})
        return await self.until(lambda frame: frame["op"] in ("ack", "reply", "refused") and frame["id"] == cid)

    async def offer(self, call: str, peer: Peer | None = None) -> Frame:
        """Offer a leg, anew with a fresh browser connection unless one is given."""
        if self.peer is not None and peer is None:
            await self.peer.stop()
        self.peer = peer or Peer(self.name, TONES[self.name])
        self.call = call
        sdp = await self.peer.offer()
        said = await self.do("call.offer", call=call, sdp=sdp)
        self.replies.append({**said, "offer": sdp})
        if said["op"] == "reply":
            await self.peer.take(said["body"]["sdp"])
        return said

    def hears(self) -> set[str]:
        """Whose tones are in this ear."""
        return self.peer.hears(TONES | {"clip": CLIP_HZ}) if self.peer is not None else set()

    async def leave(self) -> None:
        """Close everything."""
        if self.peer is not None:
            await self.peer.stop()
        self._up.put_nowait({"type": "websocket.disconnect"})
        await self._visit


class Exchange(House):
    """One line with its web process and its media workers, each with a hub of its own."""

    def __init__(self, hub: Hub) -> None:
        """Nobody is there yet."""
        super().__init__(hub.engine)
        self.hub = hub
        self.people: dict[str, Person] = {}
        self.workers: list[tuple[Worker, Hub, Keeper, asyncio.Task[None]]] = []

    async def hire(self) -> Worker:
        """Start a media worker, wired as `runvoice` does it."""
        hub = wiring.build()
        await hub.start()
        keeper = Keeper(hub, HouseShelf())
        worker = Worker(hub, calls.control_secret(), keeper.after)
        engine = PassthroughEngine(worker.tell)
        keeper.attach(engine, worker.say, lambda: worker.name)
        await worker.start(engine, "127.0.0.1", 0)
        self.workers.append((worker, hub, keeper, asyncio.create_task(keeper.watch())))
        return worker

    async def dismiss(self, worker: Worker) -> None:
        """Stop a media worker."""
        for each in [each for each in self.workers if each[0] is worker]:
            self.workers.remove(each)
            _, hub, keeper, watching = each
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await keeper.stop()
            await worker.stop()
            await hub.stop()

    async def staffed(self, name: str, role: Role = Role.COUNSELOR, *, ready: bool = True) -> Person:
        """Somebody comes to the console."""
        await self.give(self.desk, queueing.EnterSeat(name, name, role))
        actor = Actor(role, name)
        person = self.people[name] = Person(self.hub, name, actor, self.line)
        await person.until(lambda frame: frame["op"] == "welcome")
        if ready:
            await self.give(self.desk, queueing.ReadySeat(2), actor)
        return person

    async def visits(self, medium: Medium = Medium.TEXT) -> Person:
        """A visitor comes."""
        actor = Actor(Role.VISITOR, ids.contact_id())
        await self.give(Address("session", actor.id), chat.OpenContact(self.line, medium), actor, "open")
        person = self.people["visitor"] = Person(self.hub, "visitor", actor, self.line)
        await person.until(lambda frame: frame["op"] == "welcome")
        return person

    async def takes(self, counselor: Person, visitor: Person) -> None:
        """The counselor takes the offer that rings."""
        counselor.feed = visitor.feed
        await self.accepts(counselor.actor, visitor.actor)
        await counselor.event("counselor.joined", counselor=counselor.actor.id)
        await visitor.event("counselor.joined", counselor=counselor.actor.id)

    async def connects(self, call: str, *names: str) -> None:
        """Everybody makes a leg, anew where they are told to come back as a page would be, and media flows."""
        for name in names:
            async with asyncio.timeout(PATIENT_S):
                while (said := await self.people[name].offer(call))["op"] == "refused" and said["retry_ms"]:
                    await asyncio.sleep(said["retry_ms"] / 1000)
            assert said["op"] == "reply", said
        await self.people["visitor"].event("call.started", call=call)

    async def hear(self, **expected: set[str]) -> None:
        """Each of these people hears exactly these voices, now and a moment later."""
        for person in self.people.values():
            for ear in person.peer.ears if person.peer is not None else ():
                ear.forget()

        async def heard() -> Heard:
            return {name: self.people[name].hears() for name in expected}

        await steadily(heard, expected)


@asynccontextmanager
async def exchange(workers: int = 1) -> AsyncIterator[Exchange]:
    """A house with voice, for one story."""
    hub = wiring.build()
    await hub.start()
    await asyncio.to_thread(
        lexicon
    )  # as `wiring.hub` has it ready: compiled in the middle of a call it stops everybody
    built = Exchange(hub)
    try:
        await built.opens()
        for _ in range(workers):
            await built.hire()
        yield built
    finally:
        for person in built.people.values():
            await person.leave()
        for hired in tuple(built.workers):
            await built.dismiss(hired[0])
        await calls.close(hub)
        await hub.stop()
        await off_loop(connections.close_all)
