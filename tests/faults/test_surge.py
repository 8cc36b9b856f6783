"""A bad evening: hundreds wait, and every console and wallboard must still open."""

import json

import pytest

from kernel.wire import FRAME_LIMIT_BYTES
from launcher.service import run_manage
from tests.client import Peer
from tests.faults.fleet import Fleet

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.promise("R10")]
WAITING = 300  # the desk's snapshot is then larger than what a client may send

CROWD = """
import asyncio
from kernel import clock
from kernel.decider import Address
from chat.messages import OpenContact
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from queueing.messages import RequestTicket
from server import wiring

async def comes(hub, number):
    now, contact = clock.now(), f"surge{number:06d}"
    opening = OpenContact("main", Medium.TEXT, "zh-Hans")
    await hub.engine.submit(Address("session", contact), opening, Actor(Role.VISITOR, contact), now, "open")
    ticket = RequestTicket(contact, Medium.TEXT, RiskLevel.ROUTINE, now)
    await hub.engine.submit(Address("desk", "main"), ticket, SYSTEM, now, f"surge{number}")

async def crowd():
    hub = await wiring.hub()
    for first in range(0, %d, 50):
        await asyncio.gather(*(comes(hub, number) for number in range(first, first + 50)))
    await wiring.stop()

asyncio.run(crowd())
"""


async def test_a_console_opens_on_a_line_where_hundreds_wait(fleet: Fleet) -> None:
    run_manage(fleet.env, fleet.engines.log, "shell", "--no-imports", "-c", CROWD % WAITING)
    (cookie,) = fleet.cookies.values()
    async with Peer(fleet.webs[0], "console", {"Cookie": cookie}) as counselor:
        seen = await counselor.until(lambda frame: frame["op"] == "snapshot" and frame["feed"] == "desk.main")
        waiting = [contact for contact in seen["view"]["tickets"] if contact.startswith("surge")]
        assert len(waiting) == WAITING  # beside whoever the tests before left behind
        assert len(json.dumps(seen)) > FRAME_LIMIT_BYTES
        assert (await counselor.do("desk.main", "seat.ready", slots=1))["op"] == "ack"
        assert (await counselor.event("offer.rung"))["feed"] == "desk.main"
