"""The staff of the desk's drill: counselors who take what rings and write up what has ended, and who leads them.

As at a real console whatever was refused because it came too early is given again, and what was acknowledged is not.
"""

import asyncio
import random
import time
from collections import Counter

from websockets.asyncio.client import ClientConnection

from tests.faults.talker import Frame, Talker

SLOTS = 2
DECLINES, LETS_RING = 0.1, 0.07
TURN_S = 0.1
AGAIN_S = 1.0
DESK = "desk.main"
TOO_EARLY = frozenset({"escalation_open"})
"""Refusals after which the same is said again: a talk with an alarm is written up when a supervisor has closed it."""


class Receptionist(Talker):
    """Acts on what the screen shows, in whatever order and however often it comes."""

    def __init__(self, name: str, urls: list[str], headers: dict[str, str], dice: random.Random) -> None:
        """Nothing rings yet."""
        super().__init__(name, urls, "console", headers, dice)
        self.seat = ""  # the own seat's state as the screen has it
        self.to_answer: list[str] = []
        self.answered: set[str] = set()
        self.to_write_up: dict[str, float] = {}  # contact: the moment (monotonic, s) from which it may be tried
        self.done: set[str] = set()
        self.refused: Counter[str] = Counter()

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
        if contact not in self.done:
            self.to_write_up.setdefault(contact, 0.0)

    async def _answered(self, said: Frame, reply: Frame) -> None:
        """Count what is refused; a talk whose alarm stands is written up later."""
        await super()._answered(said, reply)
        if reply["op"] != "refused" or reply.get("retry_ms"):
            return
        command, contact = said["command"]["type"], said["to"].removeprefix("session.")
        self.refused[f"{command} {reply['code']}"] += 1
        if command == "wrap_up.submit":
            self.done.discard(contact)
            if reply["code"] in TOO_EARLY:
                self.to_write_up[contact] = time.monotonic() + AGAIN_S

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
            due = [contact for contact, from_ in self.to_write_up.items() if from_ <= time.monotonic()]
            for contact in due[:1]:
                del self.to_write_up[contact]
                self.done.add(contact)
                end = {"type": "wrap_up.submit", "disposition": "resolved", "note": "演练"}
                self.command(f"session.{contact}", end)

    def _answer(self, offer: str) -> None:
        """Take it, as a rule."""
        chance = self._dice.random()
        if chance < DECLINES:
            self.command(DESK, {"type": "offer.decline", "offer": offer})
        elif chance > LETS_RING + DECLINES:
            self.command(DESK, {"type": "offer.accept", "offer": offer})


class Lead(Talker):
    """The supervisor on duty: takes every alarm the wallboard shows, and closes it with a reason until it is gone."""

    def __init__(self, name: str, urls: list[str], headers: dict[str, str], dice: random.Random) -> None:
        """Nothing is wrong."""
        super().__init__(name, urls, "console", headers, dice)
        self.alarms: dict[str, float] = {}  # contact: the moment (monotonic, s) from which something is to be done
        self.had: set[str] = set()
        self.cleared = 0

    async def _take(self, socket: ClientConnection, frame: Frame) -> None:
        """Look at the alarms of everything that comes, then keep it as any client does."""
        if frame["op"] == "snapshot" and frame["feed"] == DESK:
            self.alarms = {contact: self.alarms.get(contact, 0.0) for contact in frame["view"].get("alarms", {})}
        elif frame["op"] == "event" and frame["feed"] == DESK:
            contact = frame["event"].get("contact", "")
            if frame["event"]["type"] == "alarm.raised":
                self.alarms.setdefault(contact, 0.0)
            elif frame["event"]["type"] == "alarm.cleared":
                self.cleared += self.alarms.pop(contact, None) is not None
        await super()._take(socket, frame)

    async def work(self) -> None:
        """First say that a person has it, a while later that it is over; again as long as the screen shows it."""
        while True:
            await asyncio.sleep(TURN_S)
            now = time.monotonic()
            due = [contact for contact, from_ in self.alarms.items() if from_ <= now]
            if self.waiting or not self.connected or not due:
                continue
            contact = due[0]
            self.alarms[contact] = now + AGAIN_S
            close = {"type": "escalation.close", "outcome": "safe", "reason": "演练"}
            self.command(f"case.{contact}", close if contact in self.had else {"type": "escalation.acknowledge"})
            self.had.add(contact)
