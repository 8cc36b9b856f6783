"""The drill: conversations over real sockets while processes are killed, frozen and cut off; then the verdict."""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from tests.faults.conversations import Conversations
from tests.faults.fleet import Fleet, fleet, running
from tests.faults.injury import INJURIES
from tests.faults.verdict import Verdict, judge

BETWEEN_FAULTS_S = (0.8, 2.0)
LONGEST_FAULT_S = 12.0  # an injury and the pause before it, with a margin: beyond it the drill ends by itself
ACKED_AGAIN_S = 10.0
OUTAGE_S = 45.0  # nobody at all was acknowledged for so long: one fault after another does not explain that
PROGRESS_EVERY = 10

Report = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True):
    """What a drill does. `kinds` are the injuries to choose from, all of them where it is empty."""

    faults: int = 60
    seed: int = 1
    server: str = ""
    planted: str = ""
    kinds: tuple[str, ...] = ()
    between_s: tuple[float, float] = BETWEEN_FAULTS_S
    meet_s: float = 60.0  # for everybody to find a counselor
    settle_s: float = 60.0  # for every screen to show the whole log, after the last fault


class Outcome(msgspec.Struct, frozen=True):
    """What a drill found; printed as one JSON object."""

    seed: int
    server: str
    faults: int
    kinds: dict[str, int]
    seconds: float
    conversations: int
    acked: int
    late: int  # clients who were acknowledged nothing within 10 s of the last fault
    counts: dict[str, int]  # everything that must be 0
    ack_p50_ms: float
    ack_p99_ms: float
    ack_max_ms: float
    silence_s: float  # the longest in which nobody was acknowledged
    examples: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """True where nothing happened that must not."""
        return not (self.late or any(self.counts.values())) and self.silence_s < OUTAGE_S


def run(plan: Plan, report: Report) -> Outcome:
    """Run a drill on engines of its own; answers what it found."""
    with fleet(server=plan.server, planted=plan.planted, cables=True) as ships:
        cookies = ships.prepare(Conversations.COUNSELORS)
        with running(ships):
            return asyncio.run(_drill(ships, cookies, plan, report))


async def _drill(ships: Fleet, cookies: dict[str, str], plan: Plan, report: Report) -> Outcome:
    """Meet, talk under faults, settle, judge."""
    dice = random.Random(plan.seed)
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        talk = Conversations(ships, cookies, dice, group)
        await talk.meet(plan.meet_s)
        report(f"{len(talk.pairs)} conversations, {len(talk.stranded)} contacts left alone")
        talking = group.create_task(talk.go_on())
        kinds = await _injure(ships, plan, dice, lambda told: report(f"{told}, {talk.acked} acknowledged"))
        talking.cancel()
        with _bell_unheard(ships):
            late = await _acked_again(talk)
            verdict = await _settle(talk, ships, plan.settle_s)
        talk.leave()
    return _outcome(plan, kinds, time.monotonic() - began, talk, verdict, late)


async def _injure(ships: Fleet, plan: Plan, dice: random.Random, report: Report) -> dict[str, int]:
    """One fault after another; answers how many of each kind. It ends early rather than never."""
    names = sorted(plan.kinds or INJURIES)
    began, kinds = time.monotonic(), dict.fromkeys(names, 0)
    for number in range(1, plan.faults + 1):
        if time.monotonic() - began > plan.faults * LONGEST_FAULT_S:
            report(f"stopped after {number - 1} of {plan.faults} faults: this machine is too slow for more")
            break
        await asyncio.sleep(dice.uniform(*plan.between_s))
        name = dice.choice(names)
        await INJURIES[name](ships, dice)
        kinds[name] += 1
        if number % PROGRESS_EVERY == 0:
            report(f"{number} of {plan.faults} faults after {time.monotonic() - began:.0f} s")
    return {name: count for name, count in kinds.items() if count}


@contextlib.contextmanager
def _bell_unheard(ships: Fleet) -> Iterator[None]:
    """No node hears another by the broker: what is said now is shown because each asks the log, or not at all.

    While people talk, the next nudge brings what a lost one did not; the last words have no next.
    """
    bells = [cable for name, cable in ships.cables.items() if name.startswith("valkey")]
    for bell in bells:
        bell.silent = True
    try:
        yield
    finally:
        for bell in bells:
            bell.heal()


async def _acked_again(talk: Conversations) -> int:
    """After the last fault everybody says one more thing; answers how many were acknowledged nothing within 10 s.

    What somebody had piled up by then may take longer; that all of it is acknowledged is for the verdict to say.
    """
    over = time.monotonic()
    talk.last_words()
    while time.monotonic() < over + ACKED_AGAIN_S and talk.unheard_since(over):
        await asyncio.sleep(0.1)
    return len(talk.unheard_since(over))


async def _settle(talk: Conversations, ships: Fleet, seconds: float) -> Verdict:
    """Wait until every outbox is empty and every screen shows the whole log, or the time is over; judge."""
    deadline = time.monotonic() + seconds
    while True:
        log, held_twice = await _log(ships, [feed for feed, _, _ in talk.pairs])
        verdict = judge(talk.pairs, log, held_twice, talk.stranded)
        over = time.monotonic() > deadline
        if over or (verdict.clean and not talk.waiting):
            return verdict
        await asyncio.sleep(0.5)


async def _log(ships: Fleet, feeds: list[str]) -> tuple[dict[str, list[tuple[str, str]]], list[str]]:
    """Read what is stored, decrypted with the fleet's keys."""
    from tests.faults.witness import read_log

    return await read_log(ships.env, feeds, "desk.main")


def silence(acked_at: Sequence[float]) -> float:
    """The longest time between one acknowledgement and the next, whoever got them."""
    return max((later - sooner for sooner, later in itertools.pairwise(sorted(acked_at))), default=0.0)


def _outcome(
    plan: Plan, kinds: dict[str, int], seconds: float, talk: Conversations, verdict: Verdict, late: int
) -> Outcome:
    """Put the figures together."""
    waits = sorted(wait * 1000 for talker in talk.talkers for _, _, wait, _ in talker.acked) or [0.0]
    return Outcome(
        seed=plan.seed,
        server=plan.server or "daphne",
        faults=sum(kinds.values()),
        kinds=kinds,
        seconds=round(seconds, 1),
        conversations=len(talk.pairs),
        acked=talk.acked,
        late=late,
        counts=verdict.counts,
        ack_p50_ms=round(waits[len(waits) // 2], 1),
        ack_p99_ms=round(waits[int(len(waits) * 0.99) - 1], 1),
        ack_max_ms=round(waits[-1], 1),
        silence_s=round(silence([at for talker in talk.talkers for _, _, _, at in talker.acked]), 1),
        examples=verdict.examples,
    )
