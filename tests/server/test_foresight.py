"""The clock's estimates: learnt from the log, told to the desk once, seen by whoever waits."""

import asyncio
import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.orm import off_loop
from kernel import clock, ids
from kernel.decider import Address
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.desk_log import desk_log
from server.foresight import Forecaster
from server.places import place_of
from tests.server.conftest import quiet_hub

DESK = Address("desk", "main")
CHEN = Actor(Role.COUNSELOR, "chen")


async def give(hub: Hub, command: Command, by: Actor = SYSTEM) -> None:
    """Say something to the desk."""
    await hub.engine.submit(DESK, command, by, clock.now(), ids.command_id())
    await hub.engine.settled()


async def open_with_one_counselor(hub: Hub) -> None:
    """The line is open, Chen is ready for one text."""
    now = clock.now()
    span = m.OpenInterval(now - timedelta(hours=1), now + timedelta(hours=9), now + timedelta(hours=8))
    await give(hub, m.PublishHours((span,), "1"))
    await give(hub, m.EnterSeat("chen", "陈老师", Role.COUNSELOR))
    await give(hub, m.ReadySeat(1), CHEN)


async def takes(hub: Hub, contact: str) -> None:
    """Somebody comes and Chen accepts."""
    await give(hub, m.RequestTicket(contact, Medium.TEXT, RiskLevel.ROUTINE, clock.now()))
    loaded = await hub.engine.state(DESK)
    assert loaded is not None
    await give(hub, m.AcceptOffer(loaded.state.tickets[contact].offers[0].offer), CHEN)


@pytest.mark.promise("R11")
def test_estimates_are_kept_in_the_log_told_once_and_scored(transactional_db: None) -> None:
    async def story() -> None:
        async with quiet_hub() as hub:
            forecaster = Forecaster(hub)
            assert await forecaster.look("main", (), clock.now()) == 0, "a line that is not there yet"
            await open_with_one_counselor(hub)
            await takes(hub, "first")
            for number in range(25):
                contact = f"c{number}"
                await give(hub, m.RequestTicket(contact, Medium.TEXT, RiskLevel.ROUTINE, clock.now()))
                assert await forecaster.look("main", (), clock.now()) == 1
                assert await forecaster.look("main", (), clock.now()) == 0, "told once"
                await give(hub, m.WithdrawTicket(contact))
            await give(hub, m.BeginWrapUp("first"))
            await give(hub, m.FreeSeat("first"))
            await takes(hub, "second")  # whoever is taken ends the ghosts before them
            await give(hub, m.RequestTicket("last", Medium.TEXT, RiskLevel.ROUTINE, clock.now()))
            another = Forecaster(hub)  # a process that has just started learns the same from the log
            assert await another.look("main", (), clock.now()) == 1
            place = await place_of(hub, "main", "last")
            assert place is not None
            assert place.ahead == 0

    asyncio.run(story())
    out = io.StringIO()
    call_command("score_estimates", line="main", days=1, stdout=out)
    found = json.loads(out.getvalue())
    assert found["text.routine"]["of"] == found["all"]["of"] == 25
    assert found["all"]["ghosts"] == 25
    events = [event for _, event in desk_log("main", clock.now() - timedelta(days=1))]
    assert isinstance(events[0], m.HoursPublished)
    assert list(desk_log("other", clock.now() - timedelta(days=1))) == []


def test_a_line_that_fails_does_not_keep_the_others_from_their_estimates(transactional_db: None) -> None:
    async def story() -> None:
        async with quiet_hub() as hub:
            await open_with_one_counselor(hub)
            await takes(hub, "first")
            await give(hub, m.RequestTicket("c1", Medium.TEXT, RiskLevel.ROUTINE, clock.now()))
            forecaster = Forecaster(hub)
            forecaster.nudge({"nowhere": (), "main": ()}, clock.now())
            forecaster.nudge({"main": ()}, clock.now())
            task = forecaster._task
            assert task is not None
            await task
            loaded = await hub.engine.state(DESK)
            assert loaded is not None
            assert loaded.state.tickets["c1"].wait is not None
            await off_loop(lambda: None)

    asyncio.run(story())
