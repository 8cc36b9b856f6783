"""A counselor of the desk's drill: takes what rings, declines some, lets some ring out, writes up what has ended."""

import asyncio
import random

from websockets.asyncio.client import ClientConnection

from tests.faults.talker import Frame, Talker

SLOTS = 2
DECLINES, LETS_RING = 0.1, 0.07
TURN_S = 0.1
DESK = "desk.main"


class Receptionist(Talker):
    """Acts on what the screen shows, in whatever order and however often it comes."""

    def __init__(self, name: str, urls: list[str], headers: dict[str, str], dice: random.Random) -> None:
        """Nothing rings yet."""
        super().__init__(name, urls, "console", headers, dice)
        self.seat = ""  # the own seat's state as the screen has it
        self.to_answer: list[str] = []
        self.answered: set[str] = set()
        self.to_write_up: list[str] = []
        self.done: set[str] = set()

    async def _take(self, socket: ClientConnection, frame: Frame) -> None:
        """Look at everything that comes, then keep it as any client does."""
        if frame["op"] == "snapshot" and frame["feed"] == DESK:
            self._look(frame["view"])
        elif frame["op"] == "event" and frame["feed"] == DESK:
            self._hear(frame["event"])
        elif frame["op"] == "event" and frame["event"]["type"] == "session.ended":
            self._ended(frame["feed"].removeprefix("session."))
        await super()._take(socket, frame)

    def _look(self, view: Frame) -> None:
        """The whole desk at once: the own seat, what rings there, what is in hand and what is owed."""
        seat = view["seats"].get(self.name)
        self.seat = seat["state"] if seat else ""
        for contact, ticket in view["tickets"].items():
            for offer in ticket["offers"]:
                self._rung(offer["offer"], offer["counselor"])
            if ticket["owner"] == self.name and ticket["phase"] == "wrap_up":
                self._ended(contact)
        for contact in seat["owed"] if seat else ():
            self._ended(contact)

    def _hear(self, event: Frame) -> None:
        """One piece of news."""
        if event.get("counselor") != self.name:
            return
        match event["type"]:
            case "offer.rung":
                self._rung(event["offer"], event["counselor"])
            case "seat.ready" | "seat.entered" | "seat.left" | "seat.away" | "seat.lost":
                self.seat = event["type"].removeprefix("seat.")
            case "wrap_up.began" | "wrap_up.lapsed":
                self._ended(event["contact"])
            case "seat.freed":
                self.done.add(event["contact"])

    def _rung(self, offer: str, counselor: str) -> None:
        """Somebody is to be answered, once."""
        if counselor == self.name and offer not in self.answered:
            self.answered.add(offer)
            self.to_answer.append(offer)

    def _ended(self, contact: str) -> None:
        """A talk is to be written up."""
        if contact not in self.to_write_up and contact not in self.done:
            self.to_write_up.append(contact)

    async def work(self) -> None:
        """Say ready where the screen shows that one is not; answer; write up. Each turn one thing of each kind."""
        while True:
            await asyncio.sleep(TURN_S)
            if self.waiting or not self.connected:
                continue
            if self.seat not in ("ready", ""):
                self.seat = ""
                self.command(DESK, {"type": "seat.ready", "slots": SLOTS, "burst": True})
            if self.to_answer:
                self._answer(self.to_answer.pop(0))
            if self.to_write_up:
                contact = self.to_write_up.pop(0)
                end = {"type": "wrap_up.submit", "disposition": "resolved", "note": "演练"}
                self.command(f"session.{contact}", end)

    def _answer(self, offer: str) -> None:
        """Take it, as a rule."""
        chance = self._dice.random()
        if chance < DECLINES:
            self.command(DESK, {"type": "offer.decline", "offer": offer})
        elif chance > LETS_RING + DECLINES:
            self.command(DESK, {"type": "offer.accept", "offer": offer})
