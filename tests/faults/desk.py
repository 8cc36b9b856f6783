"""The drill of the desk: visitors come, are rung for and go while processes are killed; nobody is lost or doubled.

Four counselors with two slots take what rings, decline some, let some ring out and write up what has ended; whoever is
cut off for ten seconds is lost to the desk and has to begin anew. A supervisor takes and closes what danger calls for,
before which nobody may write such a talk up. Ten visitors at a time come, wait, are answered and
leave, some of them before that. Every process that may die is killed, one after another. Afterwards the
desk's log is read by the bookkeeper of tests/queueing, which shares no rule with the desk, and held against the
sessions' logs.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from tests.faults.caller import Caller
from tests.faults.desk_witness import Seen, judge, read_desk
from tests.faults.fleet import Fleet, backends, fleet, running
from tests.faults.receptionist import Lead, Receptionist
from tests.faults.talker import Talker

MORTAL = ("web1", "web2", "clock1", "clock2", "valkey", "postgres")
COUNSELORS, VISITORS, BETWEEN_KILLS_S = 4, 10, (0.3, 1.0)
STORY_S, QUIET_S, BACK_S = 180.0, 90.0, 30.0
A_KILL_AT_MOST_S = 4.0
"""So much per kill, all in all; on a machine that others fill the drill ends with fewer kills, and says how many."""
GOES_EARLY, IN_DANGER = 0.15, 0.1
FORMS: tuple[dict[str, str], ...] = ({"thoughts": "no"}, {"thoughts": "unsure"}, {"thoughts": "yes"}, {})
RULES = """
from accounts.models import StaffMember
from kernel import clock
from queueing import store
from queueing.policy import DeskPolicy
rules = DeskPolicy(cool_down_s=0, counselor_lost_s=10, pause_after_miss_s=10, ring_text_s=8, ring_imminent_s=5)
store.publish_policy("main", rules, "drill", clock.now(), "drill")
StaffMember.objects.filter(staff_id="drill0").update(role="supervisor")
"""
Report = Callable[[str], None]


class Found(msgspec.Struct, frozen=True):
    """What a drill of the desk found; printed as one JSON object. `counts` holds everything that must be 0."""

    seed: int
    kills: dict[str, int]
    seconds: float
    contacts: int
    answered: int
    left_early: int
    rung: int
    missed: int
    lost_counselors: int  # with somebody in hand, who went back to the front of their class
    alarms: int  # raised for somebody in danger and closed by the supervisor
    refused: dict[str, int]  # what staff were told no to, and how often
    counts: dict[str, int]
    examples: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """True where nothing happened that must not."""
        return not any(self.counts.values())


def run(kills: int, seed: int, report: Report) -> Found:
    """Kill so many processes under a busy desk."""
    with fleet(forked=True) as ships:
        cookies = ships.prepare(COUNSELORS + 1, RULES)
        with running(ships):
            return asyncio.run(_drill(ships, cookies, kills, seed, report))


async def _drill(ships: Fleet, cookies: dict[str, str], kills: int, seed: int, report: Report) -> Found:
    """Visitors under kills, then until the desk is empty; judgement."""
    dice, began, killed = random.Random(seed), time.monotonic(), dict.fromkeys(MORTAL, 0)
    async with asyncio.TaskGroup() as group:
        hall = Hall(ships, cookies, dice, group)
        lanes = [group.create_task(hall.visitors()) for _ in range(VISITORS)]
        while (done := sum(killed.values())) < kills and time.monotonic() - began < kills * A_KILL_AT_MOST_S:
            await asyncio.sleep(dice.uniform(*BETWEEN_KILLS_S))
            await _serves(ships)
            name = dice.choice(MORTAL)
            killed[name] += await asyncio.to_thread(kill, ships, name, dice)
            if sum(killed.values()) > done and (done + 1) % 25 == 0:
                report(f"{done + 1} of {kills} killed after {time.monotonic() - began:.0f} s, {len(hall.came)} came")
        hall.over.set()
        await asyncio.gather(*lanes)
        seen = await _emptied(ships, hall)
        hall.end()
    counts, examples = judge(seen, hall.came, hall.stuck)
    return Found(
        seed=seed,
        kills={name: count for name, count in killed.items() if count},
        seconds=round(time.monotonic() - began, 1),
        contacts=len(hall.came),
        answered=hall.answered,
        left_early=hall.left_early,
        rung=seen.count("offer.rung"),
        missed=seen.count("offer.missed"),
        lost_counselors=seen.count("contact.requeued"),
        alarms=hall.lead.cleared,
        refused=hall.refused,
        counts=counts,
        examples=tuple(examples[:12]),
    )


async def _serves(ships: Fleet) -> None:
    """Wait until some node takes contacts: a house that is down altogether can neither lose nor double anybody."""
    deadline = time.monotonic() + BACK_S
    while time.monotonic() < deadline and not any(await asyncio.to_thread(ships.ready_nodes)):
        await asyncio.sleep(0.1)


def kill(ships: Fleet, name: str, dice: random.Random) -> bool:
    """kill -9 of a process that lives; of PostgreSQL one of its own, upon which it ends all sessions and recovers.

    What was killed starts again at once: a launcher that waits longer after each death would leave nothing to kill.
    """
    if name != "postgres":
        alive = ships.of(name).pid(name) is not None
        if alive:
            ships.of(name).hold(name, signal.SIGKILL)
            ships.of(name).release(name)
        return alive
    try:
        os.kill(dice.choice(backends(ships)), signal.SIGKILL)
    except (ProcessLookupError, IndexError):
        return False
    return True


async def _emptied(ships: Fleet, hall: "Hall") -> Seen:
    """Read what is stored once nobody is at the desk any more and nothing is owed, or the time is over."""
    deadline = time.monotonic() + QUIET_S
    while True:
        seen = await read_desk(ships.env, "desk.main")
        if time.monotonic() > deadline or seen.settled:
            return await read_desk(ships.env, "desk.main", hall.came)
        await asyncio.sleep(1)


class Hall:
    """Everybody who is in the building."""

    def __init__(self, ships: Fleet, cookies: dict[str, str], dice: random.Random, group: asyncio.TaskGroup) -> None:
        """The supervisor and the counselors sit down."""
        self._ships, self._dice, self._group = ships, dice, group
        self.over = asyncio.Event()
        self.came: list[str] = []  # whose intake was acknowledged
        self.stuck: list[str] = []
        self.answered = self.left_early = 0
        signed_in = [(name, ships.webs, {"Cookie": cookie}) for name, cookie in cookies.items()]
        self.lead = Lead(*signed_in[0], random.Random(dice.random()))
        self._staff = [Receptionist(*each, random.Random(dice.random())) for each in signed_in[1:]]
        everybody: list[Lead | Receptionist] = [self.lead, *self._staff]
        self._lives = [group.create_task(each.live()) for each in everybody]
        self._lives += [group.create_task(each.work()) for each in everybody]

    @property
    def refused(self) -> dict[str, int]:
        """What the counselors were told no to."""
        return dict(sum((each.refused for each in self._staff), Counter[str]()))

    def end(self) -> None:
        """The staff goes home."""
        for life in self._lives:
            life.cancel()

    async def visitors(self) -> None:
        """One visitor after another, until the kills are over."""
        while not self.over.is_set():
            caller = Caller(self._ships.webs, self._dice)
            contact = await caller.come()
            await caller.close()
            chance = random.Random(self._dice.random())
            visitor = Talker(contact, self._ships.webs, "contact", caller.headers, chance)
            life = self._group.create_task(visitor.live())
            try:
                async with asyncio.timeout(STORY_S):
                    await self._visit(visitor, chance)
            except TimeoutError:
                self.stuck.append(contact)
            finally:
                life.cancel()

    async def _visit(self, visitor: Talker, chance: random.Random) -> None:
        """Come, wait, talk, go."""
        form: dict[str, Any] = dict(chance.choice(FORMS))
        if chance.random() < IN_DANGER:
            form = {"thoughts": "yes", "plan": "soon"}
        visitor.command(f"case.{visitor.name}", {"type": "intake.submit", **form})
        await _said(visitor)
        if not visitor.refusals:
            self.came.append(visitor.name)
        if chance.random() < GOES_EARLY:
            self.left_early += 1
        else:
            await visitor.event("counselor.joined", STORY_S)
            self.answered += 1
            visitor.say(f"session.{visitor.name}", "在吗")
            await _said(visitor)
        while not _over(visitor):
            visitor.command(f"session.{visitor.name}", {"type": "session.end"})
            await _said(visitor)
            await asyncio.sleep(0.2)


async def _said(talker: Talker) -> None:
    """Until everything said is answered."""
    while talker.waiting:
        await asyncio.sleep(0.05)


def _over(visitor: Talker) -> bool:
    """Whether the visitor's page shows that the talk is over."""
    shown = [frame["event"]["type"] for frame in visitor.shown.get(f"session.{visitor.name}", [])]
    return bool({"session.ended", "contact.abandoned", "contact.deflected"} & set(shown))
