"""Where visitors stand: computed once per change of the desk, shared by all sockets of a process."""

import asyncio
from datetime import timedelta

from kernel import clock
from kernel.decider import Address
from kernel.hub import Hub
from kernel.terms import SYSTEM, Medium, RiskLevel
from kernel.wire import Command, Place
from queueing import messages as m
from server.places import place_of
from tests.server.conftest import quiet_hub

DESK = Address("desk", "main")


async def give(hub: Hub, command: Command) -> None:
    """Give the desk a command."""
    await hub.engine.submit(DESK, command, SYSTEM, clock.now(), str(hash(command)))


def asked(contact: str, risk: RiskLevel = RiskLevel.ROUTINE) -> m.RequestTicket:
    """Somebody comes."""
    return m.RequestTicket(contact, Medium.TEXT, risk, clock.now())


def test_places_follow_the_desk_and_nobody_has_one_who_does_not_wait(transactional_db: None) -> None:
    async def story() -> None:
        async with quiet_hub() as hub, quiet_hub() as other:
            assert await place_of(hub, "main", "c1") is None, "a line that is not there yet"
            now = clock.now()
            span = m.OpenInterval(now - timedelta(hours=1), now + timedelta(hours=9), now + timedelta(hours=8))
            await give(hub, m.PublishHours((span,), "1"))
            await give(hub, asked("c1"))
            await give(hub, asked("c2"))
            first = Place(ahead=0, waiting=True, ringing=False, on_duty=0)
            assert await place_of(hub, "main", "c1") == first
            assert await place_of(hub, "main", "c2") == Place(1, True, False, 0)
            await give(other, asked("c3", RiskLevel.IMMINENT))
            await hub.tail()
            assert await place_of(hub, "main", "c1") == Place(1, True, False, 0)
            assert await place_of(hub, "main", "c3") == first
            await give(other, m.WithdrawTicket("c1"))
            await hub.tail()
            assert await place_of(hub, "main", "c1") is None

    asyncio.run(story())


def test_many_who_ask_at_once_are_answered_from_one_read(transactional_db: None) -> None:
    async def story() -> None:
        async with quiet_hub() as hub:
            now = clock.now()
            span = m.OpenInterval(now - timedelta(hours=1), now + timedelta(hours=9), now + timedelta(hours=8))
            await give(hub, m.PublishHours((span,), "1"))
            for number in range(5):
                await give(hub, asked(f"c{number}"))
            places = await asyncio.gather(*(place_of(hub, "main", f"c{n % 5}") for n in range(40)))
            assert [place.ahead for place in places if place] == [n % 5 for n in range(40)]

    asyncio.run(story())
