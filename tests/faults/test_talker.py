"""The drill's own witness: what a console is told by a snapshot stands on its screen, and is not asked for again."""

import asyncio
import contextlib
import itertools
import json
import random
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from kernel.wire import Do, Hello, read_client_frame
from tests.faults.console import Console, told
from tests.faults.talker import SUBPROTOCOL, Talker

ALARM = {"to": "all_on_duty", "owner": "drill0"}
OFFER = {"offer": "o1", "counselor": "drill2"}
VIEW = {
    "alarms": {"c1": ALARM},
    "tickets": {"c2": {"offers": [OFFER], "owner": None}, "c3": {"offers": [], "owner": "drill1"}},
}


def test_what_a_snapshot_says_of_an_alarm_is_how_far_it_has_climbed_and_who_has_it() -> None:
    events = told(VIEW)
    assert {"type": "alarm.rung", "contact": "c1", "to": "all_on_duty"} in events
    assert {"type": "alarm.taken", "contact": "c1"} in events


def test_an_alarm_that_is_gone_from_the_snapshot_was_cleared() -> None:
    boss = Console("drill0", ["http://127.0.0.1:1"], "console", {}, random.Random(1))
    socket: Any = None  # nothing is sent
    snapshot = {"op": "snapshot", "feed": "desk.main", "seq": 7, "view": VIEW}
    asyncio.run(boss._take(socket, snapshot))
    asyncio.run(boss._take(socket, snapshot | {"seq": 9, "view": {"alarms": {}, "tickets": {}}}))
    assert boss.shown["desk.main"][-1]["event"] == {"type": "alarm.cleared", "contact": "c1"}


def test_what_somebody_says_has_an_id_that_the_house_takes_however_much_they_have_said() -> None:
    """With the name in it the hundredth was a character too long, and stopped all that was said after it."""
    visitor = Talker("c" * 25, ["http://127.0.0.1:1"], "contact", {}, random.Random(1))
    visitor._ids = itertools.count(10**9)
    visitor.say("session.c1", "还在吗？")
    frame = {key: value for key, value in visitor._outbox[0].items() if key != "since"}
    assert isinstance(read_client_frame(json.dumps(frame)), Do)


def test_whoever_has_served_many_still_says_a_hello_that_the_house_takes() -> None:
    """Counselors who had served sixty were turned away at the door, and everybody waited for them."""
    counselor = Talker("drill1", ["http://127.0.0.1:1"], "console", {}, random.Random(1))
    counselor.cursor = {f"session.c{number}": number for number in range(1, 71)}
    hello = read_client_frame(json.dumps({"op": "hello", "resume": counselor.positions()}))
    assert isinstance(hello, Hello)
    assert list(hello.resume.values()) == list(range(7, 71))


async def test_a_feed_that_says_no_more_is_not_asked_for_again() -> None:
    counselor = Talker("drill1", ["http://127.0.0.1:1"], "console", {}, random.Random(1))
    counselor.cursor = {"desk.main": 9, "session.c1": 4, "session.c2": 5}
    nobody: Any = None
    await counselor._take(nobody, {"op": "unfollowed", "feed": "session.c1"})
    assert counselor.cursor == {"desk.main": 9, "session.c2": 5}
    await counselor._take(nobody, {"op": "welcome", "feeds": ["desk.main"]})
    assert counselor.positions() == {"desk.main": 9}


class Unlucky(Talker):
    """Whose socket fails in the very moment in which one is sent home."""

    async def _once(self, url: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ExceptionGroup("line", [ConnectionError(url)])


async def test_whoever_is_sent_home_goes_even_where_the_line_fails_in_that_moment() -> None:
    life = asyncio.create_task(Unlucky("c1", ["http://127.0.0.1:1"], "contact", {}, random.Random(1)).live())
    await asyncio.sleep(0)
    life.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([life])
    assert life.done()


class Cut(Talker):
    """Whose line fails again and again while they talk."""

    tries = 0

    async def _once(self, url: str) -> None:
        self.tries += 1

        async def fails() -> None:
            await asyncio.sleep(0)
            raise ConnectionError(url)

        async with asyncio.TaskGroup() as group:
            group.create_task(fails())


async def test_whoever_is_cut_off_comes_again() -> None:
    talker = Cut("c1", ["http://127.0.0.1:1"], "contact", {}, random.Random(1))
    life = asyncio.create_task(talker.live())
    async with asyncio.timeout(10):
        while talker.tries < 3:
            await asyncio.sleep(0.01)
    assert not life.done()
    life.cancel()
    await asyncio.wait([life], timeout=5)
    assert life.done()


async def _console(socket: ServerConnection, heard: list[dict[str, Any]]) -> None:
    """A door that has told a snapshot, and says at every ping that nothing came after it."""
    async for raw in socket:
        heard.append(frame := json.loads(raw))
        if frame["op"] == "hello":
            await socket.send('{"op":"welcome","feeds":["desk.main"]}')
            await socket.send(json.dumps({"op": "snapshot", "feed": "desk.main", "seq": 7, "view": VIEW}))
        elif frame["op"] == "ping":
            await socket.send('{"op":"pong","heads":{"desk.main":7}}')


def test_a_console_that_was_told_a_snapshot_does_not_ask_for_it_again() -> None:
    heard: list[dict[str, Any]] = []

    async def look() -> Console:
        async with serve(lambda socket: _console(socket, heard), "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as door:
            port = next(iter(door.sockets)).getsockname()[1]
            talker = Console("drill0", [f"http://127.0.0.1:{port}"], "console", {}, random.Random(1))
            life = asyncio.create_task(talker.live())
            async with asyncio.timeout(10):
                await talker.event("alarm.raised")
                while not any(frame["op"] == "ping" for frame in heard):
                    await asyncio.sleep(0.01)
            talker.command("desk.main", {"type": "seat.ready", "slots": 1})  # spoken after the answer to the ping
            async with asyncio.timeout(10):
                while not any(frame["op"] == "do" for frame in heard):
                    await asyncio.sleep(0.01)
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life
            return talker

    talker = asyncio.run(look())
    assert talker.cursor == {"desk.main": 7}
    assert not any(frame["op"] == "resume" for frame in heard)
