"""People, texts and policies that the tests of the record share."""

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec

from kernel.decider import Elapse
from kernel.terms import SYSTEM, Actor, Medium, Role
from kernel.wire import Command, Event
from recordings_policy.domain.record import DECIDER
from recordings_policy.domain.state import RecordState
from recordings_policy.messages import CloseRecord, GiveConsent, OpenRecord, RequestRecording
from recordings_policy.policy import Channel, PromiseText, Purpose, RecordPolicy, Rule

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WORKER_LI = Actor(Role.VISITOR, "c-li")
COUNSELOR_CHEN = Actor(Role.COUNSELOR, "chen")
SUPERVISOR_ZHAO = Actor(Role.SUPERVISOR, "zhao")
SUPERVISOR_QIAN = Actor(Role.SUPERVISOR, "qian")
ADMIN_SUN = Actor(Role.ADMINISTRATOR, "sun")
HASH = hashlib.sha256("本次通话将被录音".encode()).hexdigest()
OLD_HASH = hashlib.sha256("旧的告知文本".encode()).hexdigest()


def promise(purpose: Purpose = Purpose.RECORDING, version: str = "rec-2") -> PromiseText:
    """The text in use."""
    return PromiseText(purpose, version, "zh-Hans", HASH)


def policy(medium: Medium = Medium.VOICE, **changes: object) -> RecordPolicy:
    """Recorded on the visitor's word, kept 30 to 90 days."""
    plain = RecordPolicy(
        line="main",
        medium=medium,
        record=True,
        who_may_consent=(Role.VISITOR,),
        retention_floor_days=30,
        retention_ceiling_days=90,
        purposes=(Purpose.RECORDING,),
        promises=(promise(),),
    )
    return msgspec.structs.replace(plain, **changes)


def rule(version: int = 1, until: datetime | None = None, given: RecordPolicy | None = None) -> Rule:
    """A version in force since yesterday."""
    return Rule(version, given or policy(), T0 - DAY, until)


def consent(version: str = "rec-2", text_hash: str = HASH, channel: Channel = Channel.PAGE) -> GiveConsent:
    """A yes to recording."""
    return GiveConsent(Purpose.RECORDING, version, text_hash, channel)


class Room:
    """A record under test: gives commands, keeps the log, and holds each step against the laws of the house."""

    def __init__(self, *rules: Rule) -> None:
        """Open a record on line main."""
        self.state = DECIDER.initial
        self.log: list[Event] = []
        self.now = T0
        self.do(OpenRecord("main", rules), SYSTEM)

    def do(self, command: Command, by: Actor = SYSTEM, after: timedelta = timedelta()) -> tuple[Event, ...]:
        """Give one command, `after` from the last one; fold what it causes."""
        self.now += after
        events = DECIDER.decide(self.state, command, by, self.now)
        self.state = DECIDER.fold(self.state, events)
        self.log.extend(events)
        assert DECIDER.fold(DECIDER.initial, tuple(self.log)) == self.state
        return events

    def wait(self, span: timedelta) -> tuple[Event, ...]:
        """Let time pass, with the clock waking the record whenever it is due."""
        end, news = self.now + span, list[Event]()
        while (due := DECIDER.due(self.state)) is not None and due <= end:
            self.now = max(self.now, due)
            news += self.do(Elapse())
            after = DECIDER.due(self.state)
            assert after is None or after > self.now, "the clock would spin"
        self.now = end
        return tuple(news)

    def record_something(self) -> None:
        """Consent, and begin to record voice."""
        self.do(consent(), WORKER_LI)
        self.do(RequestRecording())

    def close(self) -> tuple[Event, ...]:
        """Close the contact now."""
        return self.do(CloseRecord(self.now))


def roundtrip(state: RecordState) -> RecordState:
    """Through the snapshot's JSON and back."""
    return msgspec.json.decode(msgspec.json.encode(state), type=RecordState)
