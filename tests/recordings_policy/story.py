"""A random story of one record: how commands are given, and what each answer is held against."""

from hypothesis.stateful import RuleBasedStateMachine

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM, Actor, Medium
from kernel.wire import Command, Event
from recordings_policy.domain.record import DECIDER
from recordings_policy.messages import (
    PurgeBegun,
    PurgeOrdered,
    RecordClosed,
    RecordingAllowed,
    RecordingStopped,
)
from tests.recordings_policy.bookkeeper import Bookkeeper
from tests.recordings_policy.people import (
    T0,
    roundtrip,
)


class Story(RuleBasedStateMachine):
    """One record, its bookkeeper and what is on air; each command is held against the book."""

    def __init__(self) -> None:
        """Nothing happened yet."""
        super().__init__()
        self.book, self.now, self.log = Bookkeeper(), T0, list[Event]()
        self.state = DECIDER.initial
        self.on: dict[Medium, int] = {}
        self.begun: set[Medium] = set()

    def do(self, command: Command, by: Actor = SYSTEM) -> tuple[Event, ...]:
        """Give a command; a refusal must leave everything as it is."""
        before = (roundtrip(self.state), DECIDER.due(self.state))
        try:
            events = DECIDER.decide(self.state, command, by, self.now)
        except Refused:
            assert (self.state, DECIDER.due(self.state)) == before
            raise
        self.state = DECIDER.fold(self.state, events)
        self.log.extend(events)
        for event in events:
            self.heard(event)
        return events

    def heard(self, event: Event) -> None:
        """Follow what is on air, and hold each act of destruction against the book."""
        match event:
            case RecordingAllowed():
                assert event.medium not in self.on
                self.on[event.medium] = event.recording
            case RecordingStopped():
                assert self.on.pop(event.medium) == event.recording
            case RecordClosed():
                self.book.closed(event.closed_at, event.spans)
            case PurgeOrdered():
                assert event.medium in self.begun or not self.book.held(self.now)
                assert event.medium in self.begun or self.book.floor(event.medium) <= self.now
            case PurgeBegun():
                assert not self.book.held(self.now)
                assert self.book.floor(event.medium) <= self.now
                self.begun.add(event.medium)

    def gone(self) -> bool:
        """Everything was destroyed."""
        return bool(self.state.keeps) and all(keep.receipt for keep in self.state.keeps)

    def checked(self, command: Command, by: Actor = SYSTEM) -> tuple[Event, ...]:
        """Give a command and look at the air afterwards; what the house refuses is no news."""
        try:
            return self.do(command, by)
        except Refused:
            return ()
        finally:
            self.no_byte_without_right()

    def no_byte_without_right(self) -> None:
        """R5, at the instant after each decision."""
        fresh = DECIDER.decide(self.state, Elapse(), SYSTEM, self.now)
        stops = {event.medium for event in fresh if isinstance(event, RecordingStopped)}
        for medium in set(self.on) - stops:
            assert self.book.permits(medium, self.now), medium
