"""The house without its sockets: the real deciders, reactions and screening on real PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from chat import messages as chat
from kernel import clock, ids
from kernel.decider import Address
from kernel.engine import Engine
from kernel.terms import SYSTEM, Actor, Medium, Role
from kernel.wire import Command
from queueing import messages as queueing
from server import reactions, wiring
from tests.kernel.conftest import process


class House:
    """One line, and the people on it; every story has a line of its own."""

    def __init__(self, engine: Engine) -> None:
        """Nobody is there yet."""
        self.engine = engine
        self.line = f"l{ids.process_id()}"
        self.desk = Address("desk", self.line)
        self.now: datetime = clock.now()

    async def give(self, to: Address, command: Command, by: Actor = SYSTEM, cid: str | None = None) -> int:
        """Give a command and let everything that follows from it happen."""
        seq = await self.engine.submit(to, command, by, self.now, cid or ids.command_id())
        await self.engine.settled()
        return seq

    async def opens(self, *, open_: bool = True) -> None:
        """Publish hours around now, or none."""
        hour = timedelta(hours=1)
        spans = [
            queueing.OpenInterval(self.now - hour, self.now + 8 * hour, self.now + 7 * hour, medium)
            for medium in Medium
        ]
        await self.give(self.desk, queueing.PublishHours(tuple(spans) if open_ else (), str(open_)))

    async def on_duty(self, counselor: str, *, ready: bool = True) -> Actor:
        """Somebody opens the console, and is ready."""
        await self.give(self.desk, queueing.EnterSeat(counselor, counselor, Role.COUNSELOR))
        actor = Actor(Role.COUNSELOR, counselor)
        if ready:
            await self.give(self.desk, queueing.ReadySeat(2), actor)
        return actor

    async def comes(self) -> Actor:
        """A visitor opens a contact."""
        visitor = Actor(Role.VISITOR, ids.contact_id())
        await self.give(Address("session", visitor.id), chat.OpenContact(self.line), visitor, "open")
        return visitor

    async def says(self, by: Actor, text: str, to: Actor | None = None) -> int:
        """Somebody says something in a visitor's session."""
        return await self.give(Address("session", (to or by).id), chat.PostMessage(text), by)

    async def accepts(self, counselor: Actor, visitor: Actor) -> None:
        """The counselor takes the offer that rings."""
        ticket = (await self.at_desk()).tickets[visitor.id]
        (offer,) = [each.offer for each in ticket.offers if each.counselor == counselor.id]
        await self.give(self.desk, queueing.AcceptOffer(offer), counselor)

    async def passes(self, seconds: float) -> None:
        """Time passes, and the clock works once."""
        self.now += timedelta(seconds=seconds)
        await self.engine.elapse(self.now)
        await self.engine.settled()

    async def state(self, kind: str, visitor: Actor) -> Any:
        """An aggregate of a contact."""
        loaded = await self.engine.state(Address(kind, visitor.id))
        assert loaded is not None
        return loaded.state

    async def at_desk(self) -> Any:
        """The desk."""
        loaded = await self.engine.state(self.desk)
        assert loaded is not None
        return loaded.state

    async def told(self, feed: str) -> list[str]:
        """The kinds of a feed's events, in order."""
        return [str(row.event.__struct_config__.tag) for row in await self.engine.read(feed, 0)]


@asynccontextmanager
async def housed(**wiring_: Any) -> AsyncIterator[House]:
    """A house for one story."""
    wired = {"deciders": wiring.DECIDERS, "react": wiring.react, "owes": reactions.owes, **wiring_}
    async with process(**wired) as engine:
        yield House(engine)


@pytest.fixture
def house(transactional_db: None) -> Any:
    """`async with house() as h`."""
    return housed
