"""The laws of the record, on random stories, held against an independent bookkeeper (R5, R6)."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM, Actor, Medium, Role
from recordings_policy.domain.record import DECIDER
from recordings_policy.messages import (
    ApplyPolicy,
    ApproveHold,
    BeginPurge,
    CloseRecord,
    ConfirmPurge,
    GiveConsent,
    LiftHold,
    OpenRecord,
    PlaceHold,
    PurgeOrdered,
    RecordingRefused,
    RequestErasure,
    RequestRecording,
    SealOrdered,
    StopRecording,
    WithdrawConsent,
)
from recordings_policy.policy import Channel, Purpose, Rule
from tests.recordings_policy.people import (
    ADMIN_SUN,
    COUNSELOR_CHEN,
    DAY,
    HASH,
    OLD_HASH,
    SUPERVISOR_QIAN,
    SUPERVISOR_ZHAO,
    T0,
    WORKER_LI,
    policy,
    roundtrip,
)
from tests.recordings_policy.story import Story

pytestmark = [pytest.mark.promise("R5"), pytest.mark.promise("R6")]
MEDIA = st.sampled_from([Medium.TEXT, Medium.VOICE])
HOLDERS = st.sampled_from([SUPERVISOR_ZHAO, SUPERVISOR_QIAN, ADMIN_SUN])
SPANS = st.sampled_from([timedelta(seconds=1), timedelta(minutes=11), DAY, 4 * DAY, 31 * DAY, 200 * DAY])


@st.composite
def policies(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Some rules for line main: any medium, recording or not, ended, ruling or to come."""
    found = []
    for medium in draw(st.sets(MEDIA)):
        floor = draw(st.integers(0, 60))
        kept = policy(
            medium,
            record=draw(st.sampled_from([True, True, False])),
            who_may_consent=draw(st.sampled_from([(Role.VISITOR,), (Role.VISITOR, Role.COUNSELOR)])),
            retention_floor_days=floor,
            retention_ceiling_days=floor + draw(st.integers(0, 90)),
        )
        begins = T0 + draw(st.sampled_from([-1, -1, -1, 2])) * DAY
        until = draw(st.none() | st.just(begins + 3 * DAY))
        found.append(Rule(draw(st.integers(1, 9)), kept, begins, until))
    return tuple(found)


class RecordLaws(Story):
    """Random stories of one record."""

    # --- what may happen ------------------------------------------------------------------------------

    @initialize(rules=policies())
    def opens(self, rules: tuple[Rule, ...]) -> None:
        """A contact begins."""
        self.do(OpenRecord("main", rules))
        self.book.applied(rules)

    @rule(rules=policies())
    def policy_changes(self, rules: tuple[Rule, ...]) -> None:
        """The union decides anew."""
        if not self.gone():
            self.book.applied(rules)
        self.checked(ApplyPolicy(rules))
        assert not {m for m in self.on if not self.book.permits(m, self.now)}

    @rule(
        who=st.sampled_from([WORKER_LI, WORKER_LI, COUNSELOR_CHEN]),
        version=st.sampled_from(["rec-2", "rec-2", "rec-1"]),
        text_hash=st.sampled_from([HASH, HASH, OLD_HASH]),
        channel=st.sampled_from(list(Channel)),
    )
    def says_yes(self, who: Actor, version: str, text_hash: str, channel: Channel) -> None:
        """Somebody consents."""
        wish = GiveConsent(Purpose.RECORDING, version, text_hash, channel)
        if self.gone():
            return
        if self.book.said_yes(who.role, wish):
            self.do(wish, who)
        else:
            with pytest.raises(Refused):
                self.do(wish, who)
        assert not {m for m in self.on if not self.book.permits(m, self.now)}

    @rule(who=st.sampled_from([WORKER_LI, COUNSELOR_CHEN]))
    def says_no(self, who: Actor) -> None:
        """Somebody withdraws; the very decision stops what is on air."""
        self.checked(WithdrawConsent(Purpose.RECORDING), who)
        if not self.gone():
            self.book.said_no(who.role)
            assert not self.on

    @rule(purpose=st.sampled_from([Purpose.TRAINING, Purpose.STORAGE]))
    def decides_something_else(self, purpose: Purpose) -> None:
        """Other purposes have nothing to do with recording."""
        on = dict(self.on)
        self.checked(WithdrawConsent(purpose), WORKER_LI)
        assert set(self.on) == {m for m in on if self.book.permits(m, self.now)} or self.gone()

    @rule(medium=MEDIA)
    def asks_to_record(self, medium: Medium) -> None:
        """The answer is exactly the book's."""
        if self.gone():
            with pytest.raises(Refused):
                self.do(RequestRecording(medium))
            return
        was_on = medium in self.on
        events = self.do(RequestRecording(medium))
        assert (medium in self.on) == self.book.permits(medium, self.now)
        refused = [event for event in events if isinstance(event, RecordingRefused)]
        assert bool(refused) == (not was_on and not self.book.permits(medium, self.now))

    @rule(medium=MEDIA, who=st.sampled_from([WORKER_LI, COUNSELOR_CHEN, SYSTEM]))
    def stops(self, medium: Medium, who: Actor) -> None:
        """Somebody stops it."""
        self.checked(StopRecording(medium), who)
        assert medium not in self.on

    @rule(ago=st.sampled_from([timedelta(0), timedelta(hours=1), -DAY]))
    def closes(self, ago: timedelta) -> None:
        """The contact ends."""
        self.checked(CloseRecord(self.now - ago))
        assert not self.on

    @rule()
    def asks_for_erasure(self) -> None:
        """The visitor wants it gone."""
        events = self.checked(RequestErasure(), WORKER_LI)
        if events and self.book.asked_at is None:
            self.book.asked_at = self.now
        assert not self.on

    @rule(who=HOLDERS, span=st.sampled_from([DAY, 10 * DAY, 300 * DAY]), document=st.sampled_from("abcdef"))
    def holds(self, who: Actor, span: timedelta, document: str) -> None:
        """Somebody asks for a hold."""
        wish = PlaceHold("court", document, self.now + span)
        if self.checked(wish, who):
            assert not any((p.document, p.asked_by) == (document, who.id) for p in self.book.papers)
            self.book.filed(wish, who.id, self.now)

    @rule(who=HOLDERS, number=st.integers(1, 3))
    def approves(self, who: Actor, number: int) -> None:
        """A second person agrees, or tries."""
        if self.checked(ApproveHold(number), who):
            paper = self.book.papers[number - 1]
            assert paper.stands(self.now)
            assert paper.asked_by != who.id
            assert not paper.approved
            paper.approved = True

    @rule(who=HOLDERS, number=st.integers(1, 3))
    def lifts(self, who: Actor, number: int) -> None:
        """Somebody wants a hold ended."""
        if self.checked(LiftHold(number), who):
            paper = self.book.papers[number - 1]
            assert paper.approved
            assert paper.stands(self.now)
            paper.lifted = bool(paper.first_lifter)
            assert paper.first_lifter != who.id
            paper.first_lifter = paper.first_lifter or who.id

    @rule(medium=MEDIA, far=st.booleans())
    def task_runs(self, medium: Medium, far: bool) -> None:
        """The purge task begins, and may or may not die before it reports."""
        if self.checked(BeginPurge(medium)) or medium in self.begun:
            if far:
                self.checked(ConfirmPurge(medium, HASH))
        else:
            assert not self.checked(ConfirmPurge(medium, HASH))

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        """The clock wakes the record at each due instant and never twice at one."""
        end = self.now + span
        while (due := DECIDER.due(self.state)) is not None and due <= end:
            self.now = max(self.now, due)
            self.do(Elapse())
            self.no_byte_without_right()
            after = DECIDER.due(self.state)
            assert after is None or after > self.now
        self.now = end

    @rule(span=SPANS)
    def clock_is_late(self, span: timedelta) -> None:
        """The clock was down, then wakes the record once."""
        self.now += span
        self.do(Elapse())
        assert not {m for m in self.on if not self.book.permits(m, self.now)}
        after = DECIDER.due(self.state)
        assert after is None or after > self.now

    # --- what holds always ------------------------------------------------------------------------------

    @invariant()
    def the_log_is_the_state(self) -> None:
        """Folding the whole log gives the snapshot, and JSON changes nothing."""
        assert DECIDER.fold(DECIDER.initial, tuple(self.log)) == self.state == roundtrip(self.state)

    @invariant()
    def nothing_kept_is_forgotten(self) -> None:
        """A closed record has a time at which something happens next, until all of it is destroyed."""
        if self.book.closed_at is not None and not self.gone():
            assert DECIDER.due(self.state) is not None
            left = [keep for keep in self.state.keeps if not keep.receipt]
            assert left
            for keep in left:
                medium = keep.span.medium
                if medium not in self.begun:
                    assert self.book.floor(medium) <= keep.span.purge_at or not self.book.known.get(medium)

    @invariant()
    def an_open_wish_for_erasure_seals(self) -> None:
        """From the wish to the deed nobody opens it."""
        if self.book.closed_at is not None and self.book.asked_at is not None:
            assert any(isinstance(event, SealOrdered) for event in self.log)

    def teardown(self) -> None:
        """However the story went: it ends, the holds run out, and everything is destroyed in time."""
        if not self.log:
            return
        self.checked(CloseRecord(self.now))
        media = [keep.span.medium for keep in self.state.keeps if keep.span.medium not in self.begun]
        latest = {medium: max(self.now, self.book.latest(medium)) for medium in media}
        ordered = {k.span.medium: self.now for k in self.state.keeps if k.ordered_at is not None}
        for _ in range(2000):
            due = DECIDER.due(self.state)
            if due is None:
                break
            self.now = max(self.now, due)
            for event in self.do(Elapse()):
                if isinstance(event, PurgeOrdered):
                    ordered.setdefault(event.medium, self.now)
                    self.checked(BeginPurge(event.medium))
                    self.checked(ConfirmPurge(event.medium, HASH))
        assert self.gone()
        if not self.book.papers:
            for medium in media:
                assert ordered[medium] <= latest[medium]


RecordLaws.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestRecordLaws = RecordLaws.TestCase
