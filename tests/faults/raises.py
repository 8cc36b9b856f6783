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
from tests.faults.fleet import Fleet, fleet, running
from tests.faults.supervisor import Overseer
from tests.faults.vanishing import Counselors

STATES = ("all_well", "redis_down", "celery_down", "node_down", "counselor_gone")
LIMIT_S, SHOWN_WITHIN_S, CLIMBS_WITHIN_S = 5.0, 30.0, 45.0
AT_ONCE, COUNSELORS = 6, 9  # a few more counselors than stories: one who is back may still be on their way
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
    seconds: float
    examples: tuple[str, ...] = ()


def run(raises: int, seed: int, report: Report, states: tuple[str, ...] = STATES) -> tuple[Raised, ...]:
    """Raise so many times in each state."""
    with fleet() as ships:
        cookies = ships.prepare(COUNSELORS + 1, quickly(RULES))
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
        self._state, self._dice = state, dice
        self._numbers = count()
        webs = ships.webs[:1] if state == "node_down" else ships.webs
        self._nodes = webs[:1]
        self.boss = Overseer("drill0", webs[-1:], {"Cookie": cookies["drill0"]}, random.Random(dice.random()))
        self._life = group.create_task(self.boss.live())
        others = {name: cookie for name, cookie in cookies.items() if name != "drill0"}
        self._counselors = Counselors(self.boss, webs, others, dice, group)
        self._times: list[float] = []
        self._examples: list[str] = []
        self._unshown = self._acknowledged = self._climbing = self._forgotten = self._unmet = 0

    def end(self) -> None:
        """Everybody goes home."""
        self._life.cancel()
        self._counselors.end()

    async def run(self, raises: int) -> Raised:
        """Several lanes, one raise after another in each."""
        while not self.boss.connected:
            await asyncio.sleep(0.05)
        began = time.monotonic()
        left = iter(range(raises))
        await asyncio.gather(*(self._lane(left) for _ in range(AT_ONCE)))
        times = sorted(self._times)
        late = self._unshown + sum(1 for each in times if each > LIMIT_S)
        counted = (self._acknowledged, self._climbing, self._forgotten, self._unmet)
        p50, p99, longest = (share_ms(times, each) for each in (0.5, 0.99, 1.0))
        seconds = round(time.monotonic() - began, 1)
        return Raised(
            self._state, raises, len(times), late, *counted, p50, p99, longest, seconds, tuple(self._examples[:8])
        )

    async def _lane(self, left: Iterator[int]) -> None:
        """One after another until all have been raised."""
        for _ in left:
            await self._raise(next(self._numbers))

    async def _raise(self, number: int) -> None:
        """A visitor comes, raises, is seen; then it is acknowledged, or climbs; then the supervisor closes it."""
        visitor = Caller(self._nodes, self._dice)
        try:
            contact = await visitor.come()
            owner = ""
            if self._state == "counselor_gone" and not (owner := await self._left_alone(visitor)):
                self._unmet += 1
                self._examples.append(f"nobody took {contact}, so nobody could vanish")
                return
            ways = ("words", "key") if owner else ("words", "key", "form")
            if not await self._shown(visitor, ways[number % len(ways)]):
                return
            await self._answered(contact, acknowledge=number % 2 == 0)
            await visitor.do("session", {"type": "session.end"})
            if owner:
                await self._counselors.write_up(owner, contact)
        finally:
            await visitor.close()

    async def _left_alone(self, visitor: Caller) -> str:
        """A counselor takes the contact and vanishes; answers who it was, or nothing where nobody came."""
        self._counselors.sit_down()
        await visitor.do("case", {"type": "intake.submit", "thoughts": "no"})
        return await self._counselors.vanish(visitor.contact)

    async def _shown(self, visitor: Caller, way: str) -> bool:
        """Raise, and time it until it stands on the supervisor's console."""
        began = time.monotonic()
        code = await self._say(visitor, way)
        try:
            await self._seen("alarm.raised", visitor.contact)
        except TimeoutError:
            self._unshown += 1
            self._examples.append(f"{way} {visitor.contact} answered {code or 'yes'}")
            return False
        self._times.append(time.monotonic() - began)
        return True

    async def _say(self, visitor: Caller, way: str) -> str:
        """Raise; answers a refusal's code."""
        if way == "words":
            return await visitor.do("session", {"type": "message.post", "text": WORDS})
        if way == "key":
            return await visitor.do("case", {"type": "help.now"})
        return await visitor.do("case", {"type": "intake.submit", "thoughts": "yes", "acted": "yes"})

    async def _seen(self, kind: str, contact: str) -> None:
        """Wait until the supervisor's console shows this of the contact."""
        await self.boss.until(lambda: self.boss.has_seen(kind, contact), SHOWN_WITHIN_S)

    async def _answered(self, contact: str, *, acknowledge: bool) -> None:
        """Take it, or let it climb to the second rung; then close it with a reason."""
        case = f"case.{contact}"
        try:
            if acknowledge:
                self.boss.command(case, {"type": "escalation.acknowledge"})
                await self._seen("alarm.taken", contact)
                self._acknowledged += 1
            else:
                await self.boss.until(lambda: self.boss.has_climbed(contact), CLIMBS_WITHIN_S)
                self._climbing += 1
        except TimeoutError:
            self._forgotten += 1
        self.boss.command(case, {"type": "escalation.close", "outcome": "safe", "reason": "演练"})
        with contextlib.suppress(TimeoutError):  # whether it was seen, had or climbed is what is counted
            await self._seen("alarm.cleared", contact)
