"""The same drill for a chat as the usual tutorial builds it, so that a reader sees what the promise is worth."""

import asyncio
import contextlib
import itertools
import json
import random
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import psycopg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from launcher.engines import throwaway_engines
from launcher.places import ROOT, python
from launcher.supervisor import Program, Supervisor
from tests.faults.conversations import Conversations
from tests.faults.drill import BETWEEN_FAULTS_S, Report
from tests.faults.fleet import Fleet
from tests.faults.injury import INJURIES
from tests.faults.network import network

ROOMS = 12
CONNECT_S, ANSWER_S, SETTLE_S = 4.0, 6.0, 15.0
TABLE = (
    "CREATE TABLE tutorial_message (id bigserial PRIMARY KEY, room varchar(80) NOT NULL, author varchar(80) NOT NULL,"
    " text text NOT NULL); CREATE INDEX ON tutorial_message (room)"
)


class Chatter:
    """A client as careful as the tutorial's server lets it be: it repeats what was not acknowledged."""

    def __init__(self, room: str, name: str, urls: list[str], dice: random.Random) -> None:
        """`urls` are the nodes to try, one after another."""
        self.room, self.name = room, name
        self._urls, self._dice = urls, dice
        self._outbox: deque[tuple[str, str]] = deque()
        self._wake = asyncio.Event()
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[None]] = {}
        self.sent: list[str] = []
        self.acked: list[str] = []
        self.shown: list[str] = []

    def say(self, text: str) -> None:
        """Put a message into the outbox, unless too much waits already."""
        if len(self._outbox) < 12:
            self.sent.append(text)
            self._outbox.append((f"{self.name}-{next(self._ids)}", text))
            self._wake.set()

    @property
    def waiting(self) -> int:
        """Messages not acknowledged."""
        return len(self._outbox)

    async def live(self) -> None:
        """Connect again and again."""
        for attempt in itertools.count(self._dice.randrange(2)):
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, ExceptionGroup):
                await self._once(self._urls[attempt % len(self._urls)])
            await asyncio.sleep(self._dice.uniform(0.1, 0.5))

    async def _once(self, url: str) -> None:
        """One socket's life."""
        async with asyncio.timeout(CONNECT_S):
            address = f"{url.replace('http', 'ws', 1)}/ws/tutorial/{self.room}/{self.name}/"
            socket = await connect(address, origin=url, ping_interval=None, proxy=None, close_timeout=0.5)  # type: ignore[arg-type]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(socket))
                group.create_task(self._speak(socket))
        finally:
            for answer in self._answers.values():
                answer.cancel()
            self._answers.clear()
            await socket.close()

    async def _listen(self, socket: ClientConnection) -> None:
        """Take what comes."""
        async for raw in socket:
            frame = json.loads(raw)
            if "ack" in frame:
                answer = self._answers.pop(frame["ack"], None)
                if answer is not None and not answer.done():
                    answer.set_result(None)
            else:
                self.shown.append(frame["text"])
        raise ConnectionError("closed")

    async def _speak(self, socket: ClientConnection) -> None:
        """Send the outbox in order, each message until it is acknowledged."""
        while True:
            if not self._outbox:
                self._wake.clear()
                await self._wake.wait()
            cid, text = self._outbox[0]
            answer = self._answers[cid] = asyncio.get_running_loop().create_future()
            await socket.send(json.dumps({"id": cid, "text": text}))
            async with asyncio.timeout(ANSWER_S):
                await answer
            self._outbox.popleft()
            self.acked.append(text)


@contextlib.contextmanager
def fleet() -> Iterator[Fleet]:
    """Two stock Daphne nodes on the tutorial's application; the clocks are two more names that nothing depends on."""
    with throwaway_engines() as engines, network() as cables:
        ships = Fleet(engines, cables)
        settings = {"DJANGO_SETTINGS_MODULE": "bench.peers.tutorial.settings"}
        application = "bench.peers.tutorial.asgi:application"
        serve = (python(), "-m", "daphne", "-b", "127.0.0.1", "-p")
        idle = (python(), "-c", "import signal; signal.pause()")
        programs = [
            Program(f"web{number}", (*serve, str(port), application), env=ships.wired(number) | settings)
            for number, port in enumerate(ships.ports, start=1)
        ]
        programs += [Program(name, idle) for name in ("clock1", "clock2")]
        ships.supervisor = Supervisor(programs, engines.log)
        with psycopg.connect(ships.env["DATABASE_URL"], autocommit=True) as link:
            link.execute(TABLE)
        yield ships


def run(faults: int, seed: int, report: Report) -> dict[str, Any]:
    """Run the drill on the tutorial's chat; the counts, by the same definitions."""
    subprocess.run([python(), "-m", "compileall", "-q", "bench/peers"], cwd=ROOT, check=False)
    with fleet() as ships:
        ships.supervisor.start()
        try:
            return asyncio.run(_drill(ships, faults, seed, report))
        finally:
            ships.supervisor.stop()


async def _drill(ships: Fleet, faults: int, seed: int, report: Report) -> dict[str, Any]:
    """Talk under faults, settle, count."""
    dice = random.Random(seed)
    rooms = [
        [Chatter(f"r{n}", f"{side}{n}", ships.ways, random.Random(dice.random())) for side in "ab"]
        for n in range(ROOMS)
    ]
    began, kinds = time.monotonic(), 0
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(chatter.live()) for room in rooms for chatter in room]
        await asyncio.sleep(5)
        talking = group.create_task(_talk(rooms, dice))
        for number in range(1, faults + 1):
            await asyncio.sleep(dice.uniform(*BETWEEN_FAULTS_S))
            await INJURIES[dice.choice(sorted(INJURIES))](ships, dice)
            kinds += 1
            if number % 10 == 0:
                report(f"tutorial: {number} of {faults} faults")
        talking.cancel()
        await asyncio.sleep(SETTLE_S)
        for task in tasks:
            task.cancel()
    return {"arm": "tutorial", "seed": seed, "faults": kinds, "seconds": round(time.monotonic() - began, 1)} | _count(
        rooms, ships
    )


async def _talk(rooms: list[list[Chatter]], dice: random.Random) -> None:
    """Everybody says something again and again."""
    for number in range(10**9):
        for room in rooms:
            speaker = room[dice.randrange(2)]
            speaker.say(f"第{number}句·{speaker.name}")
        await asyncio.sleep(Conversations.PACE_S * dice.uniform(0.5, 1.5))


def _count(rooms: list[list[Chatter]], ships: Fleet) -> dict[str, int]:
    """Compare what was acknowledged with what is stored and what was shown."""
    with psycopg.connect(ships.env["DATABASE_URL"]) as link:
        rows = link.execute("SELECT room, text FROM tutorial_message ORDER BY id").fetchall()
    counts = {"acked": 0, "lost": 0, "doubled": 0, "undelivered": 0, "reordered": 0}
    for room in rooms:
        stored = [text for name, text in rows if name == room[0].room]
        for chatter, other in (room, room[::-1]):
            place = {text: number for number, text in enumerate(chatter.sent)}
            own = [place[text] for text in stored if text in place]
            counts["acked"] += len(chatter.acked)
            counts["lost"] += sum(text not in stored for text in chatter.acked)
            counts["undelivered"] += sum(text not in other.shown for text in chatter.acked)
            counts["reordered"] += sum(b < a for a, b in itertools.pairwise(own))
        counts["doubled"] += len(stored) - len(set(stored))
    return counts
