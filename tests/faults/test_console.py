"""The drill's counselors see what a real console shows, also where their socket came too late for the event."""

import asyncio
import random
from typing import Any

import pytest

from tests.faults.console import Console
from tests.faults.conversations import Conversations
from tests.faults.fleet import Fleet

SOCKET: Any = None  # nothing is sent in these stories
OFFER = {"offer": "c1.1.1", "counselor": "drill0", "at": "2026-03-10T06:30:00Z", "expires_at": "2026-03-10T06:30:20Z"}


class Ashore(Fleet):
    """Nobody to connect to."""

    def __init__(self) -> None:
        """Ways that lead nowhere."""
        self.ways = self.webs = ["http://127.0.0.1:1"]


@pytest.mark.promise("R2")
async def test_an_offer_that_rang_before_the_console_was_there_is_taken_from_its_snapshot() -> None:
    """Else it is missed, its counselor paused for a minute, and the contact called stranded though nobody failed it."""
    async with asyncio.TaskGroup() as group:
        talk = Conversations(Ashore(), {"drill0": "", "drill1": ""}, random.Random(1), group)
        first, other = talk._counselors["drill0"], talk._counselors["drill1"]
        meeting = asyncio.create_task(talk._answered("c1"))
        ringing = {"tickets": {"c1": {"owner": None, "offers": [OFFER]}}}
        await first._take(SOCKET, {"op": "snapshot", "feed": "desk.main", "seq": 7, "view": ringing})
        while first.waiting < 2:  # beside having said that they are ready
            await asyncio.sleep(0.01)
        assert other.waiting == 1
        taken = {"tickets": {"c1": {"owner": "drill0", "offers": []}}}
        await other._take(SOCKET, {"op": "snapshot", "feed": "desk.main", "seq": 8, "view": taken})
        async with asyncio.timeout(5):
            assert await meeting == ("c1.1.1", first)
        talk.leave()


async def test_an_alarm_in_a_snapshot_stands_on_the_screen_as_if_it_had_just_been_raised() -> None:
    boss = Console("drill0", ["http://127.0.0.1:1"], "console", {}, random.Random(1))
    view = {"alarms": {"c1": {"owner": None}, "c2": {"owner": "drill1"}}}
    await boss._take(SOCKET, {"op": "snapshot", "feed": "desk.main", "seq": 3, "view": view})
    told = [(frame["event"]["type"], frame["event"]["contact"]) for frame in boss.shown["desk.main"]]
    assert told == [("alarm.raised", "c1"), ("alarm.raised", "c2"), ("alarm.taken", "c2")]
