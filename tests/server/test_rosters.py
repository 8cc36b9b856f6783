"""The clock's look at the roster, calendar files over HTTP, and what visitors are told of an incident."""

import asyncio
from datetime import timedelta

import pytest
from django.test import AsyncClient

from accounts.models import StaffMember
from accounts.orm import off_loop
from kernel import clock, ids
from kernel.decider import Address
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, Medium, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.messages.incidents import CloseIncident, OpenIncident
from queueing.models import Line, Shift
from server import wiring
from server.presence import _staff
from server.rosters import Rosters
from tests.server.conftest import quiet_hub
from tests.server.test_board import signed_in

DESK = Address("desk", "main")
LEAD = Actor(Role.SUPERVISOR, "zhao")


async def give(hub: Hub, command: Command, by: Actor = SYSTEM) -> None:
    """Say something to the desk."""
    await hub.engine.submit(DESK, command, by, clock.now(), ids.command_id())


async def open_line(hub: Hub) -> None:
    """Open for nine hours, Chen at the console."""
    now = clock.now()
    span = m.OpenInterval(now - timedelta(hours=1), now + timedelta(hours=9), now + timedelta(hours=8), Medium.TEXT)
    await give(hub, m.PublishHours((span,), "1"))
    await give(hub, m.EnterSeat("chen", "陈老师", Role.COUNSELOR))


def rostered(line: str, name: str, hours: float) -> None:
    """A shift from an hour ago until so many hours from now."""
    now = clock.now()
    begins, ends = now - timedelta(hours=1), now + timedelta(hours=hours)
    Shift.objects.create(line_id=line, staff_id=name, begins_at=begins, ends_at=ends)


def test_a_desk_learns_when_a_shift_ends_who_comes_soon_and_where_nobody_is_on_the_roster(
    transactional_db: None,
) -> None:
    Line.objects.create(id="main", name_zh="热线", name_en="Line")

    async def story() -> None:
        async with quiet_hub() as hub:
            rosters = Rosters(hub)
            await rosters.look("main", clock.now())
            await open_line(hub)
            await rosters.look("main", clock.now())
            loaded = await hub.engine.state(DESK)
            assert loaded is not None
            assert loaded.state.uncovered == (), "a line without a roster has no gaps in it"
            await off_loop(rostered, "main", "chen", 2)
            await rosters.look("main", clock.now())
            loaded = await hub.engine.state(DESK)
            assert loaded is not None
            seat, (gap,) = loaded.state.seats["chen"], loaded.state.uncovered
            assert seat.shift_ends_at - seat.last_offer_at == timedelta(minutes=40)
            assert (gap.begins_at, gap.have, gap.need) == (seat.shift_ends_at, 0, 1)
            assert [s.counselor for s in rosters.soon["main"]] == ["chen"]
            before = loaded.seq
            await rosters.look("main", clock.now())
            again = await hub.engine.state(DESK)
            assert again is not None
            assert again.seq == before, "told once"
            rosters.nudge(clock.now())
            rosters.nudge(clock.now())
            task = rosters._task
            assert task is not None
            await task

    asyncio.run(story())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_second_factor")
def test_shifts_travel_as_files_to_whom_they_concern(chen: StaffMember, zhao: StaffMember) -> None:
    Line.objects.create(id="main", name_zh="热线", name_en="Line")
    rostered("main", "chen", 3)

    async def story() -> None:
        counselor, lead = await signed_in(chen), await signed_in(zhao)
        own = await counselor.get("/api/v1/roster/mine.ics")
        assert own["Content-Type"].startswith("text/calendar")
        assert own.content.decode().count("BEGIN:VEVENT") == 1
        whole = await lead.get("/api/v1/lines/main/roster.ics")
        assert "SUMMARY:陈老师" in whole.content.decode()
        assert (await counselor.get("/api/v1/lines/main/roster.ics")).status_code == 403
        assert (await lead.get("/api/v1/lines/other/roster.ics")).status_code == 404
        advised = await lead.get("/api/v1/lines/main/staffing?day=2026-11-30")
        assert advised.json()["half_hours"] == []
        assert (await AsyncClient().get("/api/v1/lines/main/staffing")).status_code == 401
        await wiring.stop()

    asyncio.run(story())


def test_skills_reach_the_desk_with_their_last_day(chen: StaffMember, transactional_db: None) -> None:
    StaffMember.objects.filter(pk=chen.pk).update(skills={"youth": "2027-06-30", "legal": None})

    async def story() -> None:
        ((_, command),) = await _staff("chen", present=True)
        assert isinstance(command, m.EnterSeat)
        assert command.skills["legal"] is None
        until = command.skills["youth"]
        assert until is not None
        assert until.isoformat() == "2027-07-01T00:00:00+08:00", "the last day counts"

    asyncio.run(story())


def test_visitors_read_what_is_known_while_an_incident_is_open_and_nothing_after_it(transactional_db: None) -> None:
    Line.objects.create(id="main", name_zh="热线", name_en="Line")

    async def story() -> None:
        page = AsyncClient()
        hub = await wiring.hub()
        assert (await page.get("/api/v1/lines/main/incidents")).json() == []
        await open_line(hub)
        await give(hub, OpenIncident("矿区停工", "正在核实"), LEAD)
        (told,) = (await page.get("/api/v1/lines/main/incidents")).json()
        assert (told["title"], told["known"]) == ("矿区停工", "正在核实")
        assert (await page.get("/api/v1/lines/other/incidents")).json() == []
        await give(hub, CloseIncident("i1"), LEAD)
        assert (await page.get("/api/v1/lines/main/incidents")).json() == []
        await wiring.stop()

    asyncio.run(story())
