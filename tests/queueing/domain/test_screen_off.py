"""Ten thousand phones whose screens go dark: the place is kept for the grace, and not longer."""

from datetime import datetime, timedelta

import pytest

from kernel.decider import Elapse
from kernel.ids import Dice, seeded
from kernel.terms import SYSTEM, Medium, RiskLevel
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from tests.strategies import T0

TRACES = 10_000
GRACE_S = {Medium.TEXT: 300, Medium.VOICE: 30}
HOURS = tuple(m.OpenInterval(T0, T0 + timedelta(hours=9), T0 + timedelta(hours=8), medium) for medium in Medium)
EMPTY = DECIDER.fold(DeskState(), decide(DeskState(), m.PublishHours(HOURS, "1"), SYSTEM, T0))


class Phone:
    """One contact whose connection comes and goes, and the desk that hears of it."""

    def __init__(self, medium: Medium, risk: RiskLevel) -> None:
        """It has just begun to wait."""
        self.now: datetime = T0
        self.state, self.log = EMPTY, []  # type: ignore[var-annotated]
        self.say(m.RequestTicket("c", medium, risk, T0))
        self.key = self.state.tickets["c"].order

    def say(self, command: Command) -> None:
        """Tell the desk, and note what it says."""
        events = decide(self.state, command, SYSTEM, self.now)
        self.state = DECIDER.fold(self.state, events)
        self.log += events

    def passes(self, seconds: float) -> None:
        """Time passes; the clock wakes the desk at every instant it asks for, and at the end."""
        until = self.now + timedelta(seconds=seconds)
        while (wake := DECIDER.due(self.state)) is not None and wake <= until:
            self.now = max(self.now, wake)
            self.say(Elapse())
        self.now = until
        self.say(Elapse())


def trace(dice: Dice) -> None:
    """Dark and light again, within the grace each time; then dark for good, or danger."""
    medium = Medium.VOICE if dice.random() < 0.3 else Medium.TEXT
    risk = RiskLevel.IMMINENT if dice.random() < 0.1 else RiskLevel.ROUTINE
    phone, grace = Phone(medium, risk), GRACE_S[medium]
    for _ in range(int(dice.random() * 5)):
        phone.say(m.MarkTicketAway("c"))
        phone.passes(dice.random() * (grace - 0.001))
        phone.say(m.MarkTicketBack("c"))
        phone.passes(dice.random() * 60)
        assert phone.state.tickets["c"].order == phone.key, "the place has moved"
        assert phone.state.tickets["c"].away_since is None
    phone.say(m.MarkTicketAway("c"))
    phone.passes(grace - 0.001)
    assert "c" in phone.state.tickets, "given up inside the grace"
    phone.passes(0.002)
    if risk is RiskLevel.IMMINENT:
        assert phone.state.tickets["c"].phase == "stranded", "danger is never given up"
    else:
        assert isinstance(phone.log[-1], m.TicketAbandoned)
        assert phone.state.tickets == {}


@pytest.mark.promise("R2")
def test_ten_thousand_screens_go_dark_and_none_loses_its_place_inside_the_grace() -> None:
    dice = seeded(7)
    for _ in range(TRACES):
        trace(dice)
