"""The supervisor of a drill: one console, and an index of what it has shown, so that many stories may ask at once."""

import asyncio
import random
from collections.abc import Callable

from tests.faults.console import Console
from tests.faults.talker import Frame

DESK = "desk.main"


class Overseer(Console):
    """Knows per contact what has stood on the screen, reading each frame once however many wait for it."""

    def __init__(self, name: str, urls: list[str], headers: dict[str, str], dice: random.Random) -> None:
        """Nothing has been shown."""
        super().__init__(name, urls, "console", headers, dice)
        self._frames: list[Frame] = []
        self._at = 0
        self._seen: set[tuple[str, str]] = set()
        self._higher: set[str] = set()
        self._ringing: list[tuple[str, str]] = []
        self._rung: set[str] = set()
        self.owner: dict[str, str] = {}  # contact: who accepted it last

    def has_seen(self, kind: str, contact: str) -> bool:
        """Tell whether this has stood on the screen."""
        self._read()
        return (kind, contact) in self._seen

    def has_climbed(self, contact: str) -> bool:
        """Tell whether somebody above the first rung has been asked."""
        self._read()
        return contact in self._higher

    def ringing(self) -> list[tuple[str, str]]:
        """Offers and whom they ring at, each told once."""
        self._read()
        told, self._ringing = self._ringing, []
        return told

    async def until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until something holds on the screen.

        Raises:
            TimeoutError: it does not within that time.
        """
        async with asyncio.timeout(seconds), self.news:
            while not holds():
                await self.news.wait()

    def _read(self) -> None:
        """Read what has come; a feed that was begun again is a new list."""
        frames = self.shown.get(DESK, [])
        if frames is not self._frames:
            self._frames, self._at = frames, 0
        for frame in frames[self._at :]:
            self._note(frame["event"])
        self._at = len(frames)

    def _note(self, event: Frame) -> None:
        """One event of the desk."""
        kind, contact = event["type"], event.get("contact", "")
        self._seen.add((kind, contact))
        if kind == "alarm.rung" and event["to"] != "duty_supervisor":
            self._higher.add(contact)
        elif kind == "offer.accepted":
            self.owner[contact] = event["counselor"]
        elif kind == "offer.rung" and event["offer"] not in self._rung:
            self._rung.add(event["offer"])
            self._ringing.append((event["offer"], event["counselor"]))
