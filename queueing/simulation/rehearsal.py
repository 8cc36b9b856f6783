"""A virtual clock that lets people come and go at the real desk; a year passes in less than a minute."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import isfinite, log

import msgspec

from kernel.decider import Elapse
from kernel.ids import Dice
from kernel.terms import SYSTEM, Actor, Medium, Role
from kernel.wire import Command, Event
from queueing import messages as m
from queueing.domain.desk import DECIDER
from queueing.domain.foresight import reckon
from queueing.domain.learnt import Learnt
from queueing.domain.outlook import View
from queueing.messages.waits import NoteWaits
from queueing.policy import DeskPolicy
from queueing.simulation.inspector import Inspector
from queueing.simulation.traffic import Arrival

AWAY_S = 120
"""Seconds after which somebody who was set away says ready again."""


class Crew(msgspec.Struct, frozen=True):
    """Who sits: `staff` counselors with `slots` texts each; answers are lognormal, some rings are not heard."""

    staff: int = 6
    slots: int = 2
    burst: int = 0
    standby: int = 0
    answer_s: float = 6.0
    answer_spread: float = 0.6
    unheard: float = 0.05


@dataclass
class Guest:
    """What became of one arrival."""

    arrival: Arrival
    answered_at: datetime | None = None
    left_at: datetime | None = None
    deflected: bool = False
    order: tuple[int, datetime, int] | None = None


@dataclass
class Rehearsal:
    """One run: give it arrivals, let it run, read the guests."""

    crew: Crew
    dice: Dice
    policy: DeskPolicy = field(default_factory=DeskPolicy)
    guests: dict[str, Guest] = field(default_factory=dict)
    commands: int = 0
    log: list[tuple[datetime, Event]] = field(default_factory=list)
    estimates_every: int = 0
    learnt: Learnt = field(default_factory=Learnt)

    def __post_init__(self) -> None:
        """An empty desk."""
        self.state = DECIDER.initial
        self.inspector = Inspector(self.policy)
        self._agenda: list[tuple[datetime, int, str, str]] = []
        self._numbered = 0

    def run(self, arrivals: Iterable[Arrival], hours: tuple[m.OpenInterval, ...] = ()) -> None:
        """Open, let everybody come, and go on until the last has left."""
        coming = list(arrivals)
        if not coming:
            return
        self._open(coming, hours)
        for number, arrival in enumerate(coming):
            self.guests[f"c{number}"] = Guest(arrival)
            self._plan(arrival.at, "come", f"c{number}")
        while self._agenda or self.state.tickets:
            wake = DECIDER.due(self.state)
            if wake is not None and (not self._agenda or wake <= self._agenda[0][0]):
                self._give(Elapse(), wake)
            elif not self._agenda:
                return  # nobody will ever answer those who still wait
            else:
                now, _, what, whom = heappop(self._agenda)
                getattr(self, f"_{what}")(whom, now)

    def _open(self, coming: list[Arrival], hours: tuple[m.OpenInterval, ...]) -> None:
        """Policy, hours and everybody at their console before the first arrives."""
        first = coming[0].at - timedelta(minutes=1)
        until = coming[-1].at + timedelta(days=1)
        hours = hours or tuple(m.OpenInterval(first, until, until, medium) for medium in Medium)
        self._give(m.Configure(self.policy, 1), first)
        self._give(m.PublishHours(hours, "1"), first)
        for number in range(self.crew.staff + self.crew.standby):
            name = f"k{number:03}"
            self._give(m.EnterSeat(name, name, Role.SUPERVISOR if self._stands_by(name) else Role.COUNSELOR), first)
            self._back(name, first)

    def _plan(self, at: datetime, what: str, whom: str) -> None:
        self._numbered += 1
        heappush(self._agenda, (at, self._numbered, what, whom))

    def _give(self, command: Command, now: datetime, by: Actor = SYSTEM) -> None:
        """Give the desk a command, and let the people hear of it."""
        self.commands += 1
        events = DECIDER.decide(self.state, command, by, now)
        self.state = DECIDER.fold(self.state, events)
        for event in events:
            self.log.append((now, event))
            self.inspector.read(event)
            if self.estimates_every:
                self.learnt.read(now, event)
            self._hear(event, now)

    def _hear(self, event: Event, now: datetime) -> None:
        """What somebody does upon the news."""
        match event:
            case m.TicketIssued(contact=contact):
                guest = self.guests[contact]
                guest.order = (event.tier, event.due_at, event.number)
                if isfinite(guest.arrival.patience_s):
                    self._plan(now + timedelta(seconds=guest.arrival.patience_s), "leave", contact)
            case m.TicketDeflected(contact=contact):
                self.guests[contact].deflected = True
            case m.OfferRung(counselor=counselor, offer=offer):
                if self.dice.random() >= self.crew.unheard:
                    self._plan(now + self._lag(), "answer", f"{counselor} {offer}")
            case m.OfferAccepted(contact=contact):
                guest = self.guests[contact]
                guest.answered_at = now
                self._plan(now + timedelta(seconds=guest.arrival.service_s), "end", contact)
            case m.SeatAway(counselor=counselor):
                self._plan(now + timedelta(seconds=AWAY_S), "back", counselor)

    def _lag(self) -> timedelta:
        """How long somebody takes to answer a ring."""
        if not self.crew.answer_s:
            return timedelta(0)
        return timedelta(seconds=self.dice.lognormvariate(log(self.crew.answer_s), self.crew.answer_spread))

    # --- what people do ---

    def _come(self, contact: str, now: datetime) -> None:
        """Somebody asks for a counselor."""
        arrival = self.guests[contact].arrival
        self._give(m.RequestTicket(contact, arrival.medium, arrival.risk, arrival.at), now)
        if self.estimates_every and int(contact[1:]) % self.estimates_every == 0:
            self._estimate(contact, now)

    def _estimate(self, contact: str, now: datetime) -> None:
        """Tell one who waits what the real estimator says; a sample of them, since each costs milliseconds."""
        ticket = self.state.tickets.get(contact)
        if ticket is not None and ticket.waits and not ticket.offers:
            calibration = self.learnt.calibration(ticket.medium, ticket.risk)
            wait = reckon(contact, View(self.state, self.learnt, (), now).of(ticket), calibration)
            self._give(NoteWaits((wait,)), now)

    def _leave(self, contact: str, now: datetime) -> None:
        """Somebody has waited long enough."""
        ticket = self.state.tickets.get(contact)
        if ticket is not None and ticket.waits:
            self.guests[contact].left_at = now
            self._give(m.WithdrawTicket(contact), now)

    def _answer(self, ring: str, now: datetime) -> None:
        """A counselor takes the offer, if it still rings."""
        counselor, offer = ring.split(" ")
        if self.state.seats[counselor].offer == offer:
            self._give(m.AcceptOffer(offer), now, Actor(Role.COUNSELOR, counselor))

    def _end(self, contact: str, now: datetime) -> None:
        """A talk is over and written up."""
        self._give(m.BeginWrapUp(contact), now)
        self._give(m.FreeSeat(contact), now)

    def _back(self, counselor: str, now: datetime) -> None:
        """A counselor says ready, or stands by; the first few agree to one more for somebody in danger."""
        if counselor not in self.state.seats or (self.state.seats[counselor].contacts and self._stands_by(counselor)):
            return
        ready = m.ReadySeat(self.crew.slots, int(counselor[1:]) < self.crew.burst)
        word = m.StandBy() if self._stands_by(counselor) else ready
        self._give(word, now, Actor(Role.COUNSELOR, counselor))

    def _stands_by(self, counselor: str) -> bool:
        """The last of the crew take nobody but those in danger."""
        return int(counselor[1:]) >= self.crew.staff
