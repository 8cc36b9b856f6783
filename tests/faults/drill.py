"""The drill: conversations over real sockets while processes are killed, frozen and restarted; then the verdict."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from tests.faults.fleet import READY_S, Fleet, fleet
from tests.faults.injury import INJURIES
from tests.faults.talker import Talker
from tests.faults.verdict import Verdict, judge

COUNSELORS, PAIRS_EACH = 4, 3
PACE_S = 0.6
BETWEEN_FAULTS_S = (0.8, 2.0)
ACKED_AGAIN_S, SETTLE_S = 10.0, 60.0

Report = Callable[[str], None]


class Outcome(msgspec.Struct, frozen=True):
    """What a drill found; printed as one JSON object."""

    seed: int
    faults: int
    kinds: dict[str, int]
    seconds: float
    conversations: int
    acked: int
    lost: int
    doubled: int
    reordered: int
    undelivered: int
    misshown: int
    unacked: int
    late: int
    ack_p50_ms: float
    ack_p99_ms: float
    ack_max_ms: float
    examples: tuple[str, ...]


def run(faults: int, seed: int, report: Report, *, server: str = "", planted: str = "") -> Outcome:
    """Run a drill on engines of its own; answers what it found."""
    with fleet(server=server, planted=planted, cables=True) as ships:
        cookies = ships.prepare(COUNSELORS)
        ships.supervisor.start()
        try:
            return asyncio.run(_drill(ships, cookies, faults, seed, report))
        finally:
            ships.supervisor.stop()


async def _drill(ships: Fleet, cookies: dict[str, str], faults: int, seed: int, report: Report) -> Outcome:
    """Meet, talk under faults, settle, judge."""
    dice = random.Random(seed)
    began = time.monotonic()
    async with asyncio.timeout(READY_S):
        while not await asyncio.to_thread(ships.ready):
            await asyncio.sleep(0.2)
    async with asyncio.TaskGroup() as group:
        lives: list[asyncio.Task[None]] = []

        def enliven(talker: Talker) -> Talker:
            lives.append(group.create_task(talker.live()))
            return talker

        pairs = await _meet(ships, cookies, dice, enliven)
        report(f"{len(pairs)} conversations")
        talking = group.create_task(_talk(pairs, dice))
        kinds = await _injure(ships, faults, dice, report)
        talking.cancel()
        late = await _acked_again(pairs)
        await _settle(pairs, ships)
        for life in lives:
            life.cancel()
    verdict = judge(pairs, await _log(ships, [feed for feed, _, _ in pairs]))
    return _outcome(seed, kinds, time.monotonic() - began, pairs, verdict, late)


async def _meet(
    ships: Fleet, cookies: dict[str, str], dice: random.Random, enliven: Callable[[Talker], Talker]
) -> list[tuple[str, Talker, Talker]]:
    """Counselors come on duty, visitors open contacts, offers are accepted until everybody talks."""
    counselors = {
        name: enliven(Talker(name, ships.ways, "console", {"Cookie": cookie}, random.Random(dice.random())))
        for name, cookie in cookies.items()
    }
    for counselor in counselors.values():
        counselor.command("desk.main", {"type": "seat.ready", "slots": PAIRS_EACH})
    pairs = []
    for _ in range(COUNSELORS * PAIRS_EACH):
        contact, headers = await _open(dice.choice(ships.webs))
        visitor = enliven(Talker(contact, ships.ways, "contact", headers, random.Random(dice.random())))
        visitor.command(f"case.{contact}", {"type": "intake.submit", "thoughts": "no"})
        owner = await _accepted(counselors, contact)
        await visitor.event("counselor.joined")
        pairs.append((f"session.{contact}", visitor, owner))
    return pairs


async def _open(url: str) -> tuple[str, dict[str, str]]:
    """Open a contact as an app does."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/api/v1/contacts", json={"line": "main"}, headers={"X-Client": "app"})
        answer.raise_for_status()
        opened = answer.json()
    return opened["contact"], {"Authorization": f"Bearer {opened['token']}"}


async def _accepted(counselors: dict[str, Talker], contact: str) -> Talker:
    """Let whoever is asked accept; answers them."""
    taken: set[str] = set()
    async with asyncio.timeout(60):
        while True:
            for name, talker in counselors.items():
                for frame in talker.shown.get("desk.main", []):
                    event = frame["event"]
                    if event["type"] == "offer.accepted" and event["contact"] == contact:
                        return counselors[event["counselor"]]
                    rung = event["type"] == "offer.rung" and event["contact"] == contact
                    if rung and event["counselor"] == name and event["offer"] not in taken:
                        taken.add(event["offer"])
                        talker.command("desk.main", {"type": "offer.accept", "offer": event["offer"]})
            await asyncio.sleep(0.05)


async def _talk(pairs: list[tuple[str, Talker, Talker]], dice: random.Random) -> None:
    """Everybody says something again and again; nobody piles up more than a person would."""
    for number in range(10**9):
        for feed, *speakers in pairs:
            talker = speakers[dice.randrange(2)]
            if talker.waiting < 12:
                talker.say(feed, f"第{number}句·{talker.name[-6:]}·{feed[-6:]}")
        await asyncio.sleep(PACE_S * dice.uniform(0.5, 1.5))


async def _injure(ships: Fleet, faults: int, dice: random.Random, report: Report) -> dict[str, int]:
    """One fault after another; answers how many of each kind."""
    kinds: dict[str, int] = {}
    for number in range(1, faults + 1):
        await asyncio.sleep(dice.uniform(*BETWEEN_FAULTS_S))
        name = dice.choice(sorted(INJURIES))
        kinds[name] = kinds.get(name, 0) + 1
        await INJURIES[name](ships, dice)
        if number % 10 == 0:
            report(f"{number} of {faults} faults")
    return kinds


async def _acked_again(pairs: list[tuple[str, Talker, Talker]]) -> int:
    """After the last fault everybody says one more thing; answers how many were not acknowledged within 10 s."""
    wanted: dict[tuple[str, str], Talker] = {}
    for feed, *speakers in pairs:
        for talker in speakers:
            text = f"还在·{talker.name[-6:]}·{feed[-6:]}"
            talker.say(feed, text)
            wanted[feed, text] = talker
    deadline = time.monotonic() + ACKED_AGAIN_S
    while time.monotonic() < deadline:
        if not _missing(wanted):
            return 0
        await asyncio.sleep(0.1)
    return len(_missing(wanted))


def _missing(wanted: dict[tuple[str, str], Talker]) -> list[str]:
    """Which of these messages are not acknowledged."""
    return [
        text
        for (feed, text), talker in wanted.items()
        if not any(to == feed and said == text for to, said, _, _ in talker.acked)
    ]


async def _settle(pairs: list[tuple[str, Talker, Talker]], ships: Fleet) -> None:
    """Wait until every outbox is empty and every screen shows the whole log, or the time is over."""
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        if not any(talker.waiting for _, *speakers in pairs for talker in speakers):
            log = await _log(ships, [feed for feed, _, _ in pairs])
            if judge(pairs, log).clean:
                return
        await asyncio.sleep(0.5)


async def _log(ships: Fleet, feeds: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Read what is stored, decrypted with the fleet's keys."""
    from tests.faults.witness import read_words

    return await read_words(ships.env, feeds)


def _outcome(
    seed: int,
    kinds: dict[str, int],
    seconds: float,
    pairs: list[tuple[str, Talker, Talker]],
    verdict: Verdict,
    late: int,
) -> Outcome:
    """Put the figures together."""
    talkers = {talker.name: talker for _, *speakers in pairs for talker in speakers}
    waits = sorted(wait * 1000 for talker in talkers.values() for _, _, wait, _ in talker.acked) or [0.0]
    found: dict[str, Any] = {name: getattr(verdict, name) for name in Verdict.__struct_fields__ if name != "examples"}
    return Outcome(
        seed=seed,
        faults=sum(kinds.values()),
        kinds=dict(sorted(kinds.items())),
        seconds=round(seconds, 1),
        conversations=len(pairs),
        acked=len(waits),
        late=late,
        ack_p50_ms=round(waits[len(waits) // 2], 1),
        ack_p99_ms=round(waits[int(len(waits) * 0.99) - 1], 1),
        ack_max_ms=round(waits[-1], 1),
        examples=verdict.examples,
        **found,
    )
