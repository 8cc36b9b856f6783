"""Presence: what the rooms are told when somebody comes, goes, comes back, or was never known."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import StaffMember
from chat.domain.session import Phase
from chat.messages import OpenContact
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Unavailable
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, Role
from queueing.messages import PublishHours
from server import presence
from tests.personas import CHEN, XIAO_LI
from tests.server.conftest import quiet_hub

DESK = Address("desk", "main")


async def visitor(hub: Hub) -> tuple[str, Address]:
    """A contact and the name of its lease."""
    actor = Actor(Role.VISITOR, ids.contact_id())
    session = Address("session", actor.id)
    await hub.engine.submit(session, OpenContact("main"), actor, clock.now(), "open")
    return presence.subject_of(actor), session


async def away(hub: Hub, session: Address) -> bool:
    """Whether the session believes its visitor to be away."""
    loaded = await hub.engine.state(session)
    assert loaded is not None
    assert loaded.state.phase is Phase.INTAKE
    return loaded.state.away_at is not None


def test_leases_tell_visitors_from_staff() -> None:
    assert presence.subject_of(XIAO_LI) == "visitor:c-xiaoli"
    assert presence.subject_of(CHEN) == "staff:chen"


def test_a_visitors_session_learns_that_the_last_socket_is_gone_and_that_one_is_back(transactional_db: None) -> None:
    async def story() -> None:
        async with quiet_hub() as hub:
            subject, session = await visitor(hub)
            await hub.leases.hold(subject, clock.now())
            await presence.announce(hub, subject)
            assert not await away(hub, session)
            assert await hub.leases.release(subject, clock.now())
            await presence.announce(hub, subject)
            assert await away(hub, session)
            await presence.announce(hub, subject)
            await hub.leases.hold(subject, clock.now())
            await presence.announce(hub, subject)
            assert not await away(hub, session)

    asyncio.run(story())


@pytest.mark.promise("R2")
def test_a_counselor_is_seated_at_every_desk_of_theirs_even_before_the_hours_are_published(
    chen: StaffMember, transactional_db: None
) -> None:
    async def story() -> None:
        async with quiet_hub() as hub:
            await hub.leases.hold("staff:chen", clock.now())
            await presence.announce(hub, "staff:chen")
            await hub.engine.submit(DESK, PublishHours((), "1"), SYSTEM, clock.now(), "hours")
            seats = (await _desk(hub)).seats
            assert seats["chen"].name == "陈老师"
            assert seats["chen"].grade is Role.COUNSELOR
            await hub.leases.release("staff:chen", clock.now())
            await presence.announce(hub, "staff:chen")
            assert (await _desk(hub)).seats["chen"].lost_at is not None
            await hub.leases.hold("staff:chen", clock.now())
            await presence.announce(hub, "staff:chen")
            assert (await _desk(hub)).seats["chen"].present

    asyncio.run(story())


async def _desk(hub: Hub) -> Any:
    """The desk's state."""
    loaded = await hub.engine.state(DESK)
    assert loaded is not None
    return loaded.state


def test_nobody_is_told_of_somebody_unknown(transactional_db: None) -> None:
    async def story() -> None:
        async with quiet_hub() as hub:
            await presence.announce(hub, "visitor:c-nobody")
            await presence.announce(hub, "staff:nobody")
            assert await hub.store.fetch("SELECT 1 FROM kernel_aggregate", ()) == []

    asyncio.run(story())


@pytest.mark.promise("R2")
def test_a_process_that_died_is_noticed_by_the_clock(transactional_db: None) -> None:
    """Its leases go stale; the session learns it within the sweep."""
    from server.clockwork import Clock
    from server.wiring import conninfo

    async def story() -> None:
        async with quiet_hub() as dead, quiet_hub() as alive:
            subject, session = await visitor(dead)
            await dead.leases.hold(subject, clock.now() - timedelta(seconds=16))
            clocked = Clock(alive, conninfo())
            await clocked._notice_the_gone(clock.now())
            assert await away(alive, session)
            await dead.leases.renew(clock.now())
            assert await dead.leases.renew(clock.now()) == []

    asyncio.run(story())


@pytest.mark.promise("R2")
@pytest.mark.parametrize("failures", [0, 1])
def test_a_node_killed_between_giving_a_lease_back_and_telling_is_spoken_for_by_the_clock(
    transactional_db: None, failures: int
) -> None:
    """A counselor who is gone would have kept somebody in hand for ever. Also where the first try fails."""
    from server.clockwork import Clock
    from server.wiring import conninfo

    async def story() -> None:
        async with quiet_hub() as killed, quiet_hub() as alive:
            subject, session = await visitor(killed)
            await killed.leases.hold(subject, clock.now())
            assert await killed.leases.release(subject, clock.now())
            there, left = alive.present, [Unavailable("down")] * failures

            async def tells(hub: Hub, subject: str, *, present: bool | None = None) -> None:
                if left:
                    raise left.pop()
                await there(hub, subject, present=present)

            alive.present = tells
            for _ in range(failures + 1):
                assert not await away(alive, session)
                alive._untold.clear()  # as if this clock were another one each time
                await Clock(alive, conninfo())._notice_the_gone(clock.now())
            assert await away(alive, session)
            assert await alive.store.fetch("SELECT 1 FROM kernel_lease", ()) == []

    asyncio.run(story())


@pytest.mark.promise("R2")
def test_whom_a_database_that_was_away_let_nobody_tell_of_is_told_of_when_it_is_back(transactional_db: None) -> None:
    """Lost, it would never be noticed that a counselor had gone, or that one who was taken for gone is there."""

    async def story() -> None:
        async with quiet_hub() as hub:
            first, session = await visitor(hub)
            second, other = await visitor(hub)
            there, down = hub.present, {first, second}

            async def fails(hub: Hub, subject: str, *, present: bool | None = None) -> None:
                if subject in down:
                    raise Unavailable("down")
                await there(hub, subject, present=present)

            hub.present = fails
            with pytest.raises(Unavailable):
                await hub.tell(first)
            down.remove(second)
            await hub.tell_untold(second)
            assert (await away(hub, session), await away(hub, other)) == (False, True), "one stops no other"
            down.clear()
            await hub.tell_untold()
            assert await away(hub, session)
            hub.present = there
            assert not hub._untold

    asyncio.run(story())
