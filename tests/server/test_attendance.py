"""Who may stay on a socket, and with which code the others are closed (R8)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from accounts import store
from accounts.auth import Identity
from accounts.models import SignInSeen, StaffMember
from accounts.orm import off_loop
from kernel import clock, ids
from kernel.decider import Address
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Close
from queueing import messages as queueing
from server import attendance
from server.doors import ConsoleDoor, ContactDoor
from tests.personas import CHEN
from tests.server.conftest import quiet_hub

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("R8")]
IDLE_S = 31 * 60.0


@pytest.fixture
def here(chen: StaffMember, settings: Settings) -> Identity:
    """Chen, signed in, on a socket."""
    settings.STAFF_IDLE = timedelta(minutes=30)
    client = Client()
    client.force_login(chen.user, backend="django.contrib.auth.backends.ModelBackend")
    key = client.cookies["sessionid"].value
    return Identity(CHEN, "陈老师", ("main",), Role.COUNSELOR, "cookie", key)


def played(here: Identity, story: Callable[[Hub], Awaitable[None]]) -> None:
    """Tell one story."""

    async def run() -> None:
        async with quiet_hub() as hub:
            attendance.enter(hub, here)
            await story(hub)
            attendance.leave(hub, here)

    asyncio.run(run())


def test_whoever_is_dismissed_is_told_to_sign_in_and_whoever_changed_to_come_again(here: Identity) -> None:
    async def story(hub: Hub) -> None:
        assert await attendance.stays(hub, here, 0, may_idle=False) == 0
        elsewhere = msgspec.structs.replace(here, lines=("main", "night"))
        attendance.enter(hub, elsewhere)
        attendance.watch_of(hub)._looked_at = float("-inf")
        assert await attendance.stays(hub, elsewhere, 0, may_idle=False) == Close.RESTART
        await off_loop(store.end_sign_in, here.session)
        attendance.watch_of(hub)._looked_at = float("-inf")
        assert await ConsoleDoor().stays(hub, here, 0) == Close.SIGN_IN
        assert await ContactDoor().stays(hub, here, IDLE_S) == 0

    played(here, story)


def test_an_idle_console_is_signed_out_everywhere(here: Identity) -> None:
    async def story(hub: Hub) -> None:
        await off_loop(store.touch, here.session, clock.now() - timedelta(seconds=IDLE_S))
        assert await attendance.stays(hub, here, IDLE_S, may_idle=True) == 0
        assert await attendance.stays(hub, here, IDLE_S, may_idle=False) == Close.SIGN_IN
        assert not await off_loop(Session.objects.exists)

    played(here, story)


def test_what_is_done_elsewhere_in_the_same_sign_in_counts(here: Identity) -> None:
    async def story(hub: Hub) -> None:
        await off_loop(store.touch, here.session, clock.now())
        assert await attendance.stays(hub, here, IDLE_S, may_idle=False) == 0

    played(here, story)


def test_whoever_waits_on_duty_is_at_work_however_quiet_the_night(here: Identity) -> None:
    async def story(hub: Hub) -> None:
        desk, now = Address("desk", "main"), clock.now()
        span = queueing.OpenInterval(now - timedelta(hours=1), now + timedelta(hours=8), now + timedelta(hours=7))
        steps: list[tuple[Any, Actor]] = [
            (queueing.PublishHours((span,), "1"), SYSTEM),
            (queueing.EnterSeat("chen", "陈", Role.COUNSELOR), SYSTEM),
        ]
        for command, by in (*steps, (queueing.ReadySeat(2), CHEN)):
            await hub.engine.submit(desk, command, by, clock.now(), ids.command_id())
        await off_loop(store.touch, here.session, clock.now() - timedelta(seconds=IDLE_S))
        assert await attendance.stays(hub, here, IDLE_S, may_idle=False) == 0
        seen = await off_loop(SignInSeen.objects.get)
        assert seen.seen_at > clock.now() - timedelta(minutes=1), "and stays signed in on the other pages"

    played(here, story)
