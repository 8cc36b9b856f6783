"""The drill of R9: referrals, follow-ups and appointments while processes are killed at random; not one is dropped.

Three stories run again and again over the fleet while a process is killed every second: somebody in danger leaves and
is asked after; a referral is sent and answered, or ignored; a place at a station is booked. In the end the log and the
cases themselves are asked: what was acknowledged is there, and whatever is open has somebody reminded of it.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kernel import clock
from kernel.terms import RiskLevel
from launcher.ports import get
from tests.faults.caller import Caller, quickly
from tests.faults.case_witness import read_cases
from tests.faults.fleet import Fleet, fleet, running
from tests.faults.injury import INJURIES
from tests.faults.talker import Talker
from triage.domain import case as rules
from triage.domain.state import CaseState

KILLS = ("kill_web", "kill_clock", "kill_valkey", "kill_backend")
LANES, BETWEEN_KILLS_S, QUIET_S, OVERDUE_S = 10, (0.6, 1.2), 15.0, 10.0
ANSWERS_WITHIN_S = 20.0
LONGEST_KILL_S = 2.5  # a kill and the pause before it, with a margin: beyond it the drill ends by itself, and judges
RULES = """
StaffMember.objects.filter(staff_id__startswith="drill").update(role="supervisor")
second = 1 / 3600
hours = {level: (4 * second, 3600 * second) for level in (RiskLevel.HIGH, RiskLevel.IMMINENT)}
rules = CasePolicy(follow_up_h=hours, follow_up_overdue_h=(6 * second,), referral_unanswered_h=5 * second,
    referral_tries=1, referral_undecided_h=6 * second, referral_outcome_h=6 * second, page_retry_s=3,
    page_retry_limit_s=6, quiet_from=time.max, quiet_until=time.min)
store.publish_case_policy("main", rules, "drill", clock.now(), "drill")
"""
PACKET = {"need": "有人陪着去一次"}
HOSPITAL = {"id": "demo-hospital", "name": "示例市心理医院（演示）", "boundary": ["need"]}
CRISIS = {"id": "demo-crisis", "name": "示例心理危机干预中心（演示）", "boundary": ["need"]}
# What the page shows before a visitor agrees to be referred: frontend/shared/referral-text.ts.
SHOWN = {
    "version": "referral-1",
    "text_hash": "1a85eacf191f7cb03a72961e80922437eae52354782018e6ac487362ecd50af2",
    "language": "zh-Hans",
}
Report = Callable[[str], None]


class Kept(msgspec.Struct, frozen=True):
    """What was found."""

    kills: int
    seconds: float
    contacts: int
    follow_ups: int
    referrals: int
    appointments: int
    closed_by_a_person: int
    open_in_the_end: int
    reminded: int  # of those open: pages issued about them
    forgotten: int  # acknowledged and not in the log, or open with nobody to be reminded
    late: int  # open, and its reminder is overdue although everything works again
    refused: dict[str, int] = {}
    examples: tuple[str, ...] = ()


def run(kills: int, seed: int, report: Report, lanes: int = LANES) -> tuple[Kept, ...]:
    """Kill so many processes under open matters, of which `lanes` are in somebody's hands at a time."""
    with fleet() as ships:
        cookies = ships.prepare(lanes + 1, quickly(RULES))
        with running(ships):
            return (asyncio.run(_drill(ships, cookies, kills, random.Random(seed), report)),)


async def _drill(ships: Fleet, cookies: dict[str, str], kills: int, dice: random.Random, report: Report) -> Kept:
    """Stories under kills, quiet, judgement."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        office = Office(ships, cookies, dice, group)
        stories = [group.create_task(office.stories(lane)) for lane in range(len(cookies) - 1)]
        done = await _kill(ships, kills, dice, lambda told: report(f"{told}, {len(office.promised)} contacts"))
        office.over.set()
        async with asyncio.timeout(120):
            await asyncio.gather(*stories)
        await asyncio.sleep(QUIET_S)  # nobody does anything: only the clock may remind
        office.end()
    found = await read_cases(ships.env, sorted(office.promised))
    kept = judge(done, time.monotonic() - began, office.promised, found)
    return msgspec.structs.replace(kept, refused=office.refused)


async def _kill(ships: Fleet, kills: int, dice: random.Random, report: Report) -> int:
    """One process after another; answers how many. It ends early rather than never."""
    began = time.monotonic()
    for number in range(1, kills + 1):
        if time.monotonic() - began > kills * LONGEST_KILL_S:
            report(f"stopped after {number - 1} of {kills} kills: this machine is too slow for more")
            return number - 1
        await asyncio.sleep(dice.uniform(*BETWEEN_KILLS_S))
        await _somebody_answers(ships)
        await INJURIES[dice.choice(KILLS)](ships, dice)
        if number % 25 == 0:
            report(f"{number} of {kills} kills after {time.monotonic() - began:.0f} s")
    return kills


async def _somebody_answers(ships: Fleet) -> None:
    """Wait, for a while, until a node takes contacts: where all are dead nothing is promised that a kill could drop."""
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < deadline and not await asyncio.to_thread(_any_ready, ships):
        await asyncio.sleep(0.2)


def _any_ready(ships: Fleet) -> bool:
    """Tell whether some node takes contacts."""
    return any(get("127.0.0.1", port, "/readyz")[0] == 200 for port in ships.ports)


class Office:
    """Counselors at their consoles, and what was promised to whom."""

    def __init__(self, ships: Fleet, cookies: dict[str, str], dice: random.Random, group: asyncio.TaskGroup) -> None:
        """Everybody sits down."""
        self._ships, self._dice = ships, dice
        self._cookies = cookies
        self.over = asyncio.Event()
        self.promised: dict[str, set[str]] = {}
        self.refused: dict[str, int] = {}
        self._staff = [
            Talker(name, ships.webs, "console", {"Cookie": cookie}, random.Random(dice.random()))
            for name, cookie in list(cookies.items())[1:]
        ]
        self._lives = [group.create_task(each.live()) for each in self._staff]

    def end(self) -> None:
        """Everybody goes home."""
        for life in self._lives:
            life.cancel()

    async def stories(self, lane: int) -> None:
        """One story after another until the kills are over."""
        tales = (self._asked_after, self._referred, self._visiting)
        turn = lane
        while not self.over.is_set():
            visitor = Caller(self._ships.webs, self._dice)
            try:
                await tales[turn % len(tales)](self._staff[lane], visitor)
            finally:
                await visitor.close()
            turn += 1

    async def _staffs(self, talker: Talker, contact: str, *commands: dict[str, Any], wait_for: str = "") -> bool:
        """Give commands until they are answered; one refused as `wait_for` comes too early and is given again."""
        for command in commands:
            while (said := await self._one(talker, contact, command)) and said == wait_for:
                await asyncio.sleep(0.3)
            if said:
                self._note(f"{command['type']} {said}")
                return False
        return True

    async def _one(self, talker: Talker, contact: str, command: dict[str, Any]) -> str:
        """Give one command and wait for its answer; a refusal's code, or nothing."""
        before = len(talker.refusals)
        talker.command(f"case.{contact}", command)
        while talker.waiting:
            await asyncio.sleep(0.05)
        return next(iter(talker.refusals[before:]), "")

    async def _visitors(self, visitor: Caller, kind: str, command: dict[str, Any]) -> bool:
        """Give a visitor's command; a refusal is noted, and promises nothing."""
        code = await visitor.do(kind, command)
        if code:
            self._note(f"{command['type']} {code}")
        return not code

    def _note(self, refusal: str) -> None:
        """Count a refusal."""
        self.refused[refusal] = self.refused.get(refusal, 0) + 1

    def _promise(self, visitor: Caller, *things: str) -> None:
        """What the house has acknowledged and may not forget."""
        self.promised.setdefault(visitor.contact, set()).update(things)

    async def _asked_after(self, counselor: Talker, visitor: Caller) -> None:
        """Somebody in danger leaves; every second one is closed by a person."""
        await visitor.come()
        if not await self._visitors(visitor, "case", {"type": "intake.submit", "thoughts": "yes"}):
            return
        self._promise(visitor, "risk.assessed")
        if not await self._visitors(visitor, "session", {"type": "session.end"}):
            return
        self._promise(visitor, "follow_up.planned")
        if self._dice.random() < 0.5:
            attempt = {"type": "follow_up.attempt", "outcome": "spoke", "note": "演练"}
            end = {"type": "follow_up.close", "disposition": "safe", "note": "演练"}
            take = {"type": "follow_up.take"}
            if await self._staffs(counselor, visitor.contact, take, attempt, end, wait_for="no_follow_up"):
                self._promise(visitor, "follow_up.closed")

    async def _referred(self, counselor: Talker, visitor: Caller) -> None:
        """Offered, agreed to, sent; a third is answered by the partner, a third closed by a person, a third ignored."""
        contact = await visitor.come()
        offer = {"type": "referral.offer", "partners": [HOSPITAL, CRISIS], "packet": PACKET}
        consent = {"type": "consent.give", "purpose": "referral", "channel": "page", **SHOWN}
        agreed = {"type": "referral.consent", "referral": 1, "fields": ["need"]}
        sent = (
            await self._visitors(visitor, "case", {"type": "intake.submit", "thoughts": "no"})
            and await self._staffs(counselor, contact, offer)
            and await self._visitors(visitor, "record", consent)
            and await self._visitors(visitor, "case", agreed)
            and await self._staffs(counselor, contact, {"type": "referral.send", "referral": 1}, wait_for="no_consent")
        )
        if not sent:
            return
        self._promise(visitor, "referral.agreed", "referral.sent")
        chance = self._dice.random()
        ending = {"type": "referral.close", "referral": 1, "ending": "other_help", "note": "演练"}
        if chance < 0.33 and await self._answers(contact):
            self._promise(visitor, "referral.answered")
        elif chance > 0.66 and await self._staffs(counselor, contact, ending):
            self._promise(visitor, "referral.closed")

    async def _answers(self, contact: str) -> bool:
        """The partner opens the link that a counselor hands over and takes it; too late is an answer too."""
        partner = Caller(self._ships.webs, self._dice)
        try:
            cookie = {"Cookie": next(iter(self._cookies.values()))}
            link = await partner.send("GET", f"cases/{contact}/referrals/1/link", {}, cookie)
            if link.status_code != 200:
                return False
            token = link.json()["link"].partition("#")[2]
            said = await partner.send("POST", "partner/answer", {"token": token, "answer": "accepted", "id": "drill"})
            return said.status_code == 200
        finally:
            await partner.close()

    async def _visiting(self, _counselor: Talker, visitor: Caller) -> None:
        """A place is asked for; whether there is one the agenda says."""
        await visitor.come()
        await visitor.do("case", {"type": "intake.submit", "thoughts": "no"})
        answer = await visitor.send("GET", "visits", {})
        stations = answer.json() if answer.status_code == 200 else []
        slots = [(each["id"], slot["starts_at"]) for each in stations for slot in each["slots"]]
        if slots:
            partner, starts_at = self._dice.choice(slots)
            book = {"type": "appointment.book", "partner": partner, "starts_at": starts_at}
            if await self._visitors(visitor, "case", book):
                self._promise(visitor, "appointment.asked")
        await visitor.do("session", {"type": "session.end"})
        self._promise(visitor)


def judge(
    kills: int, seconds: float, promised: Mapping[str, set[str]], found: Mapping[str, tuple[CaseState, list[str], Any]]
) -> Kept:
    """Hold what was acknowledged against the log, and whatever is open against the clock."""
    forgotten, late, open_ones, reminded = [], [], 0, 0
    now = clock.now()
    counts = {kind: 0 for kind in ("follow_up.planned", "referral.sent", "appointment.asked")}
    closed = 0
    for contact, things in promised.items():
        state, told, due_at = found.get(contact, (CaseState(), [], None))
        forgotten += [f"{contact} {thing}" for thing in things - set(told)]
        for kind in counts:
            counts[kind] += kind in told
        closed += bool({"follow_up.closed", "referral.closed"} & set(told))
        if state.over and state.highest >= RiskLevel.HIGH and "follow_up.planned" not in told:
            forgotten.append(f"{contact} is not asked after")
        if not (state.follow_up or state.referrals or state.appointment):
            continue
        open_ones += 1
        reminded += "page.issued" in told
        if due_at is None or rules.due(state) is None:
            forgotten.append(f"{contact} has nobody to be reminded")
        elif (now - due_at).total_seconds() > OVERDUE_S:
            late.append(f"{contact} overdue")
    return Kept(
        kills=kills,
        seconds=round(seconds, 1),
        contacts=len(promised),
        follow_ups=counts["follow_up.planned"],
        referrals=counts["referral.sent"],
        appointments=counts["appointment.asked"],
        closed_by_a_person=closed,
        open_in_the_end=open_ones,
        reminded=reminded,
        forgotten=len(forgotten),
        late=len(late),
        examples=tuple((forgotten + late)[:8]),
    )
