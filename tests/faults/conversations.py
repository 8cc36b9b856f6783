"""The people of a drill: counselors on duty, visitors who find one, and what they go on saying."""

import asyncio
import random

import httpx

from tests.faults.console import Console
from tests.faults.fleet import Fleet
from tests.faults.talker import Talker

Pair = tuple[str, Talker, Talker]
UNANSWERED_AT_MOST = 12  # nobody piles up more than a person would


class Conversations:
    """Twelve conversations with four counselors; everybody is on a socket of their own."""

    COUNSELORS, PAIRS_EACH = 4, 3
    PACE_S = 0.6

    def __init__(self, ships: Fleet, cookies: dict[str, str], dice: random.Random, group: asyncio.TaskGroup) -> None:
        """Bring the counselors on duty; everybody lives in `group`."""
        self._ships, self._dice, self._group = ships, dice, group
        self._lives: list[asyncio.Task[None]] = []
        self.pairs: list[Pair] = []
        self.stranded: list[str] = []
        self._counselors = {
            name: self._enliven(Console(name, ships.ways, "console", {"Cookie": cookie}, random.Random(dice.random())))
            for name, cookie in cookies.items()
        }
        for counselor in self._counselors.values():
            counselor.command("desk.main", {"type": "seat.ready", "slots": self.PAIRS_EACH})

    def _enliven(self, talker: Talker) -> Talker:
        """Let somebody connect, and come back whenever they are cut off."""
        self._lives.append(self._group.create_task(talker.live()))
        return talker

    @property
    def talkers(self) -> list[Talker]:
        """Everybody who talks, once each."""
        return list({talker.name: talker for _, *speakers in self.pairs for talker in speakers}.values())

    @property
    def waiting(self) -> int:
        """Commands that are not answered yet."""
        return sum(talker.waiting for talker in self.talkers)

    @property
    def acked(self) -> int:
        """Messages that were acknowledged so far."""
        return sum(len(talker.acked) for talker in self.talkers)

    def unheard_since(self, instant: float) -> set[str]:
        """Who has been acknowledged nothing since then, by name."""
        return {each.name for each in self.talkers if not each.acked or each.acked[-1][3] < instant}

    async def meet(self, seconds: float) -> None:
        """Visitors open contacts, offers are accepted; whoever finds nobody in time is stranded."""
        visitors = []
        for _ in range(self.COUNSELORS * self.PAIRS_EACH):
            contact, headers = await open_contact(self._dice.choice(self._ships.webs))
            chance = random.Random(self._dice.random())
            visitor = self._enliven(Talker(contact, self._ships.ways, "contact", headers, chance))
            visitor.command(f"case.{contact}", {"type": "intake.submit", "thoughts": "no"})
            visitors.append(visitor)
        met = await asyncio.gather(*(self._accepted(visitor, seconds) for visitor in visitors))
        self.pairs = [pair for pair in met if pair is not None]

    async def _accepted(self, visitor: Talker, seconds: float) -> Pair | None:
        """Let whoever is asked accept; then a colleague tries to accept the same offer, and must not succeed."""
        contact = visitor.name
        try:
            async with asyncio.timeout(seconds):
                offer, owner = await self._answered(contact)
                await visitor.event("counselor.joined", seconds)
        except TimeoutError:
            self.stranded.append(contact)
            return None
        rival = self._dice.choice([each for each in self._counselors.values() if each is not owner])
        rival.command("desk.main", {"type": "offer.accept", "offer": offer})
        return f"session.{contact}", visitor, owner

    async def _answered(self, contact: str) -> tuple[str, Talker]:
        """Accept every offer of a contact; answers the one that won, and who has the contact now."""
        taken: list[str] = []
        while True:
            for name, talker in self._counselors.items():
                for frame in talker.shown.get("desk.main", []):
                    event = frame["event"]
                    if event["type"] == "offer.accepted" and event["contact"] == contact:
                        return event["offer"] or taken[-1], self._counselors[event["counselor"]]
                    rung = event["type"] == "offer.rung" and event["contact"] == contact
                    if rung and event["counselor"] == name and event["offer"] not in taken:
                        taken.append(event["offer"])
                        talker.command("desk.main", {"type": "offer.accept", "offer": event["offer"]})
            await asyncio.sleep(0.05)

    async def go_on(self) -> None:
        """Everybody says something again and again."""
        for number in range(10**9):
            for feed, *speakers in self.pairs:
                talker = speakers[self._dice.randrange(2)]
                if talker.waiting < UNANSWERED_AT_MOST:
                    talker.say(feed, f"第{number}句·{talker.name[-6:]}·{feed[-6:]}")
            await asyncio.sleep(self.PACE_S * self._dice.uniform(0.5, 1.5))

    def last_words(self) -> None:
        """Everybody says one more thing."""
        for feed, *speakers in self.pairs:
            for talker in speakers:
                talker.say(feed, f"还在·{talker.name[-6:]}·{feed[-6:]}")

    def leave(self) -> None:
        """Everybody goes."""
        for life in self._lives:
            life.cancel()


async def open_contact(url: str) -> tuple[str, dict[str, str]]:
    """Open a contact as an app does; answers its id and the header that opens its door."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/api/v1/contacts", json={"line": "main"}, headers={"X-Client": "app"})
        answer.raise_for_status()
        opened = answer.json()
    return opened["contact"], {"Authorization": f"Bearer {opened['token']}"}
