"""Counselors of a drill who take a contact, and whose console then dies under it; they come back to write it up."""

import asyncio
import contextlib
import random
import time
from collections import Counter

from tests.faults.console import Console
from tests.faults.supervisor import DESK, Overseer

READY_EVERY_S, MET_WITHIN_S, WRITES_UP_WITHIN_S = 5.0, 90.0, 30.0
LOOKS_EVERY_S, TRIES_AGAIN_S = 0.05, 1.0
SEAT = {"type": "seat.ready", "slots": 1}  # one each: whose console dies leaves nobody else's offer ringing unheard


class Counselors:
    """Whoever is at a console now; `gone` are those whose console has died under a contact."""

    def __init__(
        self, boss: Overseer, webs: list[str], cookies: dict[str, str], dice: random.Random, group: asyncio.TaskGroup
    ) -> None:
        """Nobody sits yet."""
        self._boss, self._webs, self._cookies, self._dice, self._group = boss, webs, cookies, dice, group
        self._seated: dict[str, tuple[Console, asyncio.Task[None]]] = {}
        self._gone: set[str] = set()
        self._asked_at = time.monotonic()
        self.refused: Counter[str] = Counter()  # write-ups, by code: tried again, as people press again

    def sit_down(self) -> None:
        """Everybody who is not gone opens a console."""
        for name in self._cookies:
            if name not in self._gone:
                self._seat(name)

    async def vanish(self, contact: str) -> str:
        """Wait until one of them has taken the contact, and let their console die; who, or nothing where nobody did."""
        deadline = time.monotonic() + MET_WITHIN_S
        while (owner := self._owner(contact)) is None:
            if time.monotonic() > deadline:
                return ""
            self._ready_again()
            await asyncio.sleep(LOOKS_EVERY_S)
        self._gone.add(owner)
        if owner in self._seated:
            self._seated.pop(owner)[1].cancel()
        return owner

    async def write_up(self, name: str, contact: str) -> None:
        """The counselor is back and writes up, so that their hands are free for the next one."""
        self._gone.discard(name)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WRITES_UP_WITHIN_S):
                while code := await self._submit(self._seat(name), contact):
                    self.refused[code] += 1
                    await asyncio.sleep(TRIES_AGAIN_S)
            return
        self.refused["not written up"] += 1

    async def _submit(self, counselor: Console, contact: str) -> str:
        """One write-up; answers a refusal's code."""
        before = len(counselor.refusals)
        counselor.command(f"session.{contact}", {"type": "wrap_up.submit", "disposition": "crisis", "note": ""})
        while counselor.waiting:
            await asyncio.sleep(LOOKS_EVERY_S)
        return next(iter(counselor.refusals[before:]), "")

    def end(self) -> None:
        """Everybody goes home."""
        for _, life in self._seated.values():
            life.cancel()

    def _seat(self, name: str) -> Console:
        """A counselor's console, opened where it is not."""
        if name not in self._seated:
            headers = {"Cookie": self._cookies[name]}
            talker = Console(name, self._webs, "console", headers, random.Random(self._dice.random()))
            self._seated[name] = (talker, self._group.create_task(talker.live()))
            talker.command(DESK, SEAT)
        return self._seated[name][0]

    def _owner(self, contact: str) -> str | None:
        """Let whoever is asked accept; answers who has this contact."""
        for offer, name in self._boss.ringing():
            if name in self._seated:
                self._seated[name][0].command(DESK, {"type": "offer.accept", "offer": offer})
        return self._boss.owner.get(contact)

    def _ready_again(self) -> None:
        """Whoever was set to a pause, having missed an offer while their console was dead, comes back as people do."""
        now = time.monotonic()
        if now - self._asked_at < READY_EVERY_S:
            return
        self._asked_at = now
        for talker, _ in self._seated.values():
            if not talker.waiting:
                talker.command(DESK, SEAT)
