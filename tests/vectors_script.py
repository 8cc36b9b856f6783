"""A desk that is told a story, and the frames a console would see of it."""

from datetime import timedelta

from kernel.decider import Elapse
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command, Event, Happened, Snapshot
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from queueing.domain.view import view
from queueing.policy import DeskPolicy
from tests.strategies import T0

FEED = "desk.main"
CHEN, LIU = Actor(Role.COUNSELOR, "chen"), Actor(Role.PEER_SUPPORTER, "liu")
HOURS = tuple(m.OpenInterval(T0, T0 + timedelta(hours=6), T0 + timedelta(hours=5), medium) for medium in Medium)


class Script:
    """A desk that is given commands, and the frames a console would see; `join` is where the console came in."""

    def __init__(self) -> None:
        """Hours are published, two counselors are ready."""
        self.state, self.seq, self.now = DeskState(), 0, T0
        self.frames: list[Snapshot | Happened] = []
        self.snap()
        self.give(m.Configure(DeskPolicy(), 3))
        self.give(m.PublishHours(HOURS, "7"))
        self.give(m.EnterSeat("chen", "陈老师", Role.COUNSELOR))
        self.give(m.EnterSeat("liu", "刘师傅", Role.PEER_SUPPORTER))
        self.give(m.ReadySeat(2), CHEN)

    def snap(self) -> None:
        """A console that comes now begins with a snapshot."""
        self.frames.append(Snapshot(FEED, self.seq, view(self.state)))

    def give(self, command: Command, by: Actor = SYSTEM) -> tuple[Event, ...]:
        """Give a command; its events become frames."""
        events = decide(self.state, command, by, self.now)
        for event in events:
            self.frames.append(Happened(FEED, self.seq + 1, self.seq, self.now, by, event))
            self.state, self.seq = DECIDER.evolve(self.state, event), self.seq + 1
        return events

    def comes(self, contact: str, risk: RiskLevel = RiskLevel.ROUTINE, medium: Medium = Medium.TEXT) -> None:
        """Somebody wants a counselor."""
        self.give(m.RequestTicket(contact, medium, risk, self.now))

    def accepts(self, contact: str, by: Actor = CHEN) -> None:
        """The counselor takes the offer that rings there."""
        (offer,) = [each.offer for each in self.state.tickets[contact].offers if each.counselor == by.id]
        self.give(m.AcceptOffer(offer), by)

    def passes(self, seconds: int) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)
        self.give(Elapse())
