"""The drill of R3: how long until a raise stands on a human's console, whatever is down; and who has it in the end.

A supervisor sits at a console on one node. Visitors raise through the other one, by words, by the key, by the form;
each raise is timed from the moment it is sent. Half of them are acknowledged, the other half must climb.
"""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import count

import msgspec

from launcher.places import python
from launcher.supervisor import Program, Supervisor
from tests.faults.caller import Caller, quickly
from tests.faults.console import Console
from tests.faults.fleet import Fleet, fleet, running
from tests.faults.talker import Talker

STATES = ("all_well", "redis_down", "celery_down", "node_down", "counselor_gone")
LIMIT_S, SHOWN_WITHIN_S, CLIMBS_WITHIN_S = 5.0, 30.0, 45.0
MET_WITHIN_S, READY_EVERY_S = 90.0, 5.0
AT_ONCE = 6
WORDS = "我现在站在楼顶边上，往下看"
RULES = """
rungs = tuple(replace(rung, after_s=after) for rung, after in zip(LADDER, (0, 2, 4, 6)))
store.publish_case_policy("main", CasePolicy(ladder=rungs), "drill", clock.now(), "drill")
"""
Report = Callable[[str], None]


class Raised(msgspec.Struct, frozen=True):
    """What was found in one state, times in milliseconds."""

    state: str
    raises: int
    shown: int
    late: int  # later than five seconds, or never
    acknowledged: int
    climbing: int
    forgotten: int  # neither
    unmet: int  # not raised at all: nobody took the contact, so that nobody could vanish
    p50_ms: float
    p99_ms: float
    max_ms: float
    examples: tuple[str, ...] = ()


def run(raises: int, seed: int, report: Report, states: tuple[str, ...] = STATES) -> tuple[Raised, ...]:
    """Raise so many times in each state."""
    with fleet() as ships:
        cookies = ships.prepare(AT_ONCE + 1, quickly(RULES))
        celery = Supervisor(
            [
                Program(
                    "worker",
                    (python(), "-m", "celery", "-A", "server.celery", "worker", "--concurrency", "1"),
                    env=ships.env,
                )
            ],
            ships.engines.log,
        )
        with running(ships), celery:
            return tuple(asyncio.run(_state(ships, celery, cookies, each, raises, seed, report)) for each in states)


async def _state(
    ships: Fleet, celery: Supervisor, cookies: dict[str, str], state: str, raises: int, seed: int, report: Report
) -> Raised:
    """One state from beginning to end."""
    report(f"{state}: {raises} raises")
    async with hurt(ships, celery, state), asyncio.TaskGroup() as group:
        drill = Drill(ships, cookies, state, random.Random(f"{seed} {state}"), group)
        found = await drill.run(raises)
        drill.end()
    report(msgspec.json.encode(found).decode())
    return found


def share_ms(times: Sequence[float], share: float) -> float:
    """A quantile of sorted seconds, in milliseconds."""
    return round(1000 * times[min(len(times) - 1, int(share * len(times)))], 1) if times else 0.0


@contextlib.asynccontextmanager
async def hurt(ships: Fleet, celery: Supervisor, state: str) -> AsyncIterator[None]:
    """Take something away, and give it back."""
    held = {"redis_down": (ships.engines.supervisor, "valkey"), "celery_down": (celery, "worker")}.get(state)
    held = (ships.supervisor, "web2") if state == "node_down" else held
    if held is not None:
        await asyncio.to_thread(held[0].hold, held[1], signal.SIGKILL)
    try:
        yield
    finally:
        if held is not None:
            await asyncio.to_thread(held[0].release, held[1])
            while not await asyncio.to_thread(ships.ready):
                await asyncio.sleep(0.2)


class Drill:
    """A supervisor, some counselors, and visitors who raise."""

    def __init__(
        self, ships: Fleet, cookies: dict[str, str], state: str, dice: random.Random, group: asyncio.TaskGroup
    ) -> None:
        """The supervisor sits down."""
        self._ships, self._cookies, self._state, self._dice, self._group = ships, cookies, state, dice, group
        self._numbers = count()
        self._lives: list[asyncio.Task[None]] = []
        self.webs = ships.webs[:1] if state == "node_down" else ships.webs
        self.boss = self.sit("drill0", self.webs[-1:])
        self._times: list[float] = []
        self._taken: set[str] = set()
        self._examples: list[str] = []
        self._seated: dict[str, tuple[Talker, asyncio.Task[None]]] = {}
        self._unshown = self._acknowledged = self._climbing = self._forgotten = self._unmet = 0
        self._asked_at = time.monotonic()

    def sit(self, name: str, webs: list[str]) -> Talker:
        """Somebody opens the console."""
        talker = Console(name, webs, "console", {"Cookie": self._cookies[name]}, random.Random(self._dice.random()))
        self._lives.append(self._group.create_task(talker.live()))
        return talker

    def end(self) -> None:
        """Everybody goes home."""
        for life in self._lives:
            life.cancel()

    async def run(self, raises: int) -> Raised:
        """Several lanes, one raise after another in each."""
        while not self.boss.connected:
            await asyncio.sleep(0.05)
        left = iter(range(raises))
        await asyncio.gather(*(self._lane(left) for _ in range(AT_ONCE)))
        times = sorted(self._times)
        late = self._unshown + sum(1 for each in times if each > LIMIT_S)
        counted = (self._acknowledged, self._climbing, self._forgotten, self._unmet)
        p50, p99, longest = (share_ms(times, each) for each in (0.5, 0.99, 1.0))
        return Raised(self._state, raises, len(times), late, *counted, p50, p99, longest, tuple(self._examples[:8]))

    async def _lane(self, left: Iterator[int]) -> None:
        """One after another until all have been raised."""
        for _ in left:
            await self._raise(next(self._numbers))

    async def _raise(self, number: int) -> None:
        """A visitor comes, raises, is seen; then it is acknowledged, or climbs; then the supervisor closes it."""
        visitor = Caller(self.webs[:1], self._dice)
        try:
            contact = await visitor.come()
            if self._state == "counselor_gone" and not (owner := await self._vanish(visitor)):
                self._unmet += 1
                self._examples.append(f"nobody took {contact}, so nobody could vanish")
                return
            ways = ("words", "key", "form") if self._state != "counselor_gone" else ("words", "key")
            began = time.monotonic()
            code = await self._say(visitor, ways[number % len(ways)])
            try:
                await self._seen("alarm.raised", contact, SHOWN_WITHIN_S)
                self._times.append(time.monotonic() - began)
            except TimeoutError:
                self._unshown += 1
                self._examples.append(f"{ways[number % len(ways)]} {contact} answered {code or 'yes'}")
                return
            await self._answered(contact, acknowledge=number % 2 == 0)
            await visitor.do("session", {"type": "session.end"})
            if self._state == "counselor_gone":
                await self._write_up(owner, contact)
        finally:
            await visitor.close()

    async def _say(self, visitor: Caller, way: str) -> str:
        """Raise; answers a refusal's code."""
        if way == "words":
            return await visitor.do("session", {"type": "message.post", "text": WORDS})
        if way == "key":
            return await visitor.do("case", {"type": "help.now"})
        return await visitor.do("case", {"type": "intake.submit", "thoughts": "yes", "acted": "yes"})

    async def _vanish(self, visitor: Caller) -> str:
        """A counselor takes the contact, and their console dies; answers who it was, or nothing where nobody did."""
        for number in range(1, AT_ONCE + 1):
            self._seat(f"drill{number}")
        await visitor.do("case", {"type": "intake.submit", "thoughts": "no"})
        deadline = time.monotonic() + MET_WITHIN_S
        while (owner := self._accepted(visitor.contact)) is None:
            if time.monotonic() > deadline:
                return ""
            self._ready_again()
            await asyncio.sleep(0.05)
        if owner in self._seated:
            self._seated.pop(owner)[1].cancel()
        return owner

    def _seat(self, name: str) -> Talker:
        """A counselor's console, opened where it is not."""
        if name not in self._seated:
            talker = self.sit(name, self.webs)
            self._seated[name] = (talker, self._lives[-1])
            talker.command("desk.main", {"type": "seat.ready", "slots": 4})
        return self._seated[name][0]

    def _ready_again(self) -> None:
        """Whoever was set to a pause, having missed an offer while their console was dead, comes back as people do."""
        now = time.monotonic()
        if now - self._asked_at < READY_EVERY_S:
            return
        self._asked_at = now
        for talker, _ in self._seated.values():
            if not talker.waiting:
                talker.command("desk.main", {"type": "seat.ready", "slots": 4})

    async def _write_up(self, name: str, contact: str) -> None:
        """The counselor is back and writes up, so that their hands are free for the next one."""
        counselor = self._seat(name)
        counselor.command(f"session.{contact}", {"type": "wrap_up.submit", "disposition": "crisis", "note": ""})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SHOWN_WITHIN_S):
                while counselor.waiting and self._seated.get(name, (None,))[0] is counselor:
                    await asyncio.sleep(0.05)

    def _accepted(self, contact: str) -> str | None:
        """Let whoever is asked accept; answers who has it."""
        for frame in self.boss.shown.get("desk.main", []):
            event = frame["event"]
            if event.get("contact") != contact:
                continue
            if event["type"] == "offer.accepted":
                return str(event["counselor"])
            if event["type"] == "offer.rung" and event["offer"] not in self._taken:
                self._taken.add(event["offer"])
                if event["counselor"] in self._seated:
                    self._seated[event["counselor"]][0].command(
                        "desk.main", {"type": "offer.accept", "offer": event["offer"]}
                    )
        return None

    async def _seen(self, kind: str, contact: str, seconds: float) -> None:
        """Wait until the supervisor's console shows this of the contact."""
        async with asyncio.timeout(seconds), self.boss.news:
            while not any(
                frame["event"]["type"] == kind and frame["event"]["contact"] == contact
                for frame in self.boss.shown.get("desk.main", [])
            ):
                await self.boss.news.wait()

    async def _answered(self, contact: str, *, acknowledge: bool) -> None:
        """Take it, or let it climb to the second rung; then close it with a reason."""
        case = f"case.{contact}"
        try:
            if acknowledge:
                self.boss.command(case, {"type": "escalation.acknowledge"})
                await self._seen("alarm.taken", contact, SHOWN_WITHIN_S)
                self._acknowledged += 1
            else:
                await self._climbs(contact)
                self._climbing += 1
        except TimeoutError:
            self._forgotten += 1
        self.boss.command(case, {"type": "escalation.close", "outcome": "safe", "reason": "演练"})
        with contextlib.suppress(TimeoutError):  # whether it was seen, had or climbed is what is counted
            await self._seen("alarm.cleared", contact, SHOWN_WITHIN_S)

    async def _climbs(self, contact: str) -> None:
        """Wait until the desk has been asked to ring further up than the first rung."""
        async with asyncio.timeout(CLIMBS_WITHIN_S), self.boss.news:
            while not any(
                frame["event"]["type"] == "alarm.rung"
                and frame["event"]["contact"] == contact
                and frame["event"]["to"] != "duty_supervisor"
                for frame in self.boss.shown.get("desk.main", [])
            ):
                await self.boss.news.wait()
