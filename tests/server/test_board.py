"""The wallboard over HTTP: figures from the log, longer hours in force, and nobody else's line."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from pytest_django import Settings

from accounts.models import StaffMember
from kernel import clock, ids
from kernel.decider import Address
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command, encode
from queueing import messages as m
from queueing import store
from queueing.domain.hours import gate
from queueing.domain.schedule import WEEKDAYS, Closure, Reason, Schedule, WeeklyRule, Window
from queueing.models import Line, ScheduleVersion
from server import wiring
from server.board import LineBook, day_begins
from tests.conftest import Hire
from tests.server.conftest import quiet_hub

ALWAYS = Schedule(rules=(WeeklyRule(days=WEEKDAYS, windows=(Window(0, 1440),), valid_from=date(2020, 1, 1)),))
OURS = {"Origin": "https://board.example"}
NIGHT = Schedule(rules=(WeeklyRule(days=WEEKDAYS, windows=(Window(0, 1),), valid_from=date(2020, 1, 1)),))


async def give(hub: Hub, command: Command, by: Actor = SYSTEM) -> None:
    """Give the desk of the main line a command."""
    await hub.engine.submit(Address("desk", "main"), command, by, clock.now(), ids.command_id())


@pytest.mark.parametrize(("demo", "silent"), [(False, True), (True, False)])
def test_the_board_is_told_of_rungs_that_would_call_nobody_outside(
    transactional_db: None, settings: Settings, demo: bool, silent: bool
) -> None:
    settings.PAGING, settings.XINQIAO_DEMO = "[]", demo

    async def story() -> None:
        async with quiet_hub() as hub:
            told = await LineBook("main").figures(hub, clock.now())
            assert bool(told.uncalled) is silent
            assert b"uncalled" in encode(told)

    asyncio.run(story())


def test_a_book_reads_the_log_once_and_then_what_is_new(transactional_db: None) -> None:
    async def story() -> None:
        async with quiet_hub() as hub:
            now, book = clock.now(), LineBook("main")
            assert (await book.figures(hub, now)).figures[0].of == 0
            span = m.OpenInterval(now - timedelta(hours=1), now + timedelta(hours=9), now + timedelta(hours=8))
            await give(hub, m.PublishHours((span,), "1"))
            for contact in ("c1", "c2"):
                await give(hub, m.RequestTicket(contact, Medium.TEXT, RiskLevel.ROUTINE, clock.now()))
            assert (await book.figures(hub, now)).half_hours[-1].offered == 0, "at most once a second"
            later = await book.figures(hub, now + timedelta(seconds=2))
            assert later.half_hours[-1].offered == 2
            an = Actor(Role.COUNSELOR, "an")
            await give(hub, m.EnterSeat("an", "An", Role.COUNSELOR))
            await give(hub, m.ReadySeat(2), an)
            await give(hub, m.AcceptOffer("c1.1.1"), an)
            last = await book.figures(hub, now + timedelta(seconds=4))
            assert last.half_hours[-1].answered == 1
            fresh = await LineBook("main").figures(hub, now + timedelta(seconds=4))
            assert [each.of for each in fresh.figures] == [each.of for each in last.figures]

    asyncio.run(story())


def test_the_day_begins_at_midnight_in_beijing() -> None:
    begins = day_begins(clock.now())
    assert timedelta() <= clock.now() - begins < timedelta(days=1)
    assert (begins.hour, begins.minute) == (16, 0), "in UTC"


async def signed_in(staff: StaffMember) -> AsyncClient:
    """A browser with somebody's cookie."""
    browser = AsyncClient()
    await sync_to_async(browser.force_login)(staff.user)
    return browser


@pytest.fixture
def lines(transactional_db: None, settings: Settings) -> None:
    """Two lines, and a page of an origin that is ours."""
    settings.XINQIAO_ORIGINS = ["https://board.example"]
    for name in ("main", "other"):
        Line.objects.create(id=name, name_zh=name, name_en=name, active=True)


async def extend(browser: AsyncClient, line: str, hours: float, reason: str = "来访较多") -> Any:
    """Ask for longer hours."""
    body = {"until": (clock.now() + timedelta(hours=hours)).isoformat(), "reason": reason}
    where = f"/api/v1/lines/{line}/extension"
    return await browser.post(where, body, content_type="application/json", headers=OURS)


@pytest.mark.promise("R8")
async def test_figures_are_for_whoever_leads_the_line(lines: None, hire: Hire, no_second_factor: None) -> None:
    zhao = await sync_to_async(hire)("zhao", Role.SUPERVISOR)
    chen = await sync_to_async(hire)("chen", Role.COUNSELOR)
    lead, counselor = await signed_in(zhao), await signed_in(chen)
    answers = [
        (await lead.get("/api/v1/lines/main/figures")).status_code,
        (await lead.get("/api/v1/lines/other/figures")).status_code,
        (await counselor.get("/api/v1/lines/main/figures")).status_code,
        (await AsyncClient().get("/api/v1/lines/main/figures")).status_code,
    ]
    await wiring.stop()
    assert answers == [200, 404, 403, 401]


@pytest.mark.promise("R7")
async def test_a_supervisor_keeps_the_line_open_for_longer_once(
    lines: None, hire: Hire, no_second_factor: None
) -> None:
    zhao = await sync_to_async(hire)("zhao", Role.SUPERVISOR)
    await sync_to_async(store.publish_schedule)("main", NIGHT, "admin", clock.now())
    lead = await signed_in(zhao)
    first = await extend(lead, "main", 2)
    assert (first.status_code, first.json()["version"]) == (200, 2)
    again = await lead.post(
        "/api/v1/lines/main/extension",
        {"until": first.json()["until"], "reason": "x"},
        content_type="application/json",
        headers=OURS,
    )
    assert again.json()["version"] == 2
    row = await ScheduleVersion.objects.aget(line_id="main", version=2)
    assert (row.created_by, row.note) == ("zhao", "来访较多")
    found = await sync_to_async(store.current_schedule)("main")
    assert gate(found.schedule, {}, Medium.TEXT, clock.now()).is_open


async def test_what_cannot_be_extended_is_refused_with_a_code(lines: None, hire: Hire, no_second_factor: None) -> None:
    zhao = await sync_to_async(hire)("zhao", Role.SUPERVISOR)
    now, hour = clock.now(), timedelta(hours=1)
    shut = Schedule(rules=ALWAYS.rules, closures=(Closure(now - hour, now + hour, Reason("停电", "Power")),))
    await sync_to_async(store.publish_schedule)("main", shut, "admin", now)
    lead = await signed_in(zhao)
    answers = [await extend(lead, *each) for each in (("main", 2), ("main", 9), ("main", -1), ("other", 1))]
    told = [(each.status_code, each.json()["code"]) for each in answers]
    assert told == [(409, "closure"), (409, "too_far"), (409, "in_the_past"), (404, "unknown_line")]
    assert await ScheduleVersion.objects.filter(line_id="main").acount() == 1
