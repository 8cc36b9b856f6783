"""The people of a case's stories, who act one after another."""

from datetime import timedelta

from kernel.terms import Actor, RiskLevel
from kernel.wire import Command, Event
from tests.strategies import T0
from tests.triage.domain.case_walk import Walk
from triage import messages as m
from triage.domain import case

IMMINENT = m.RaiseRisk(RiskLevel.IMMINENT, "screening")


class Story:
    """A case whose people act one after another."""

    def __init__(self) -> None:
        """A visitor has connected."""
        self.walk = Walk(case)

    def say(self, by: Actor, command: Command, after_s: float = 0) -> list[Event]:
        """Somebody says something after a while; answers what it caused, the clock's part included."""
        before = len(self.walk.log)
        self.walk.wait(self.walk.now + timedelta(seconds=after_s), rings=5000)
        events = case.decide(self.walk.state, command, by, self.walk.now)
        self.walk.give(command, by)
        assert [*events] == self.walk.log[len(self.walk.log) - len(events) :]
        return self.walk.log[before:]

    def pages(self, since: int = 0) -> list[tuple[str, str, float]]:
        """Audience, way and second of every first call."""
        calls = [e for e in self.walk.log[since:] if isinstance(e, m.PageIssued) and e.tries == 1]
        return [(e.to, e.way, (e.at - T0).total_seconds()) for e in calls]
