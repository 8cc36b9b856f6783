"""The session: what is taken, what is answered, when it ends."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import messages as m
from chat.domain.session import DECIDER, LISTENING, OVER, Phase, SessionState, decide, due, evolve, may_write
from chat.policy import POLICY
from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command, Event
from tests.personas import ADMIN, CHEN, LIU, OLD_WANG, PARTNER, XIAO_LI, ZHAO
from tests.strategies import T0, risks, seqs, texts

ASSIGN = m.Assign("chen", "陈老师", Role.COUNSELOR, 1)
Step = tuple[Command, Actor]
COMMANDS = st.one_of(
    st.builds(m.PostMessage, texts),
    st.builds(m.MarkReceipt, seqs, seqs),
    st.builds(m.EndSession),
    st.builds(m.SubmitWrapUp, st.sampled_from(m.Disposition)),
)
NEWS = st.one_of(
    st.builds(m.Enqueue, st.integers(1, 9)),
    st.builds(m.Deflect, st.just("closed"), st.none()),
    st.builds(m.Assign, st.sampled_from(["chen", "liu"]), st.just("x"), st.just(Role.COUNSELOR), st.integers(0, 4)),
    st.builds(m.Requeue, st.integers(0, 4)),
    st.builds(m.Abandon),
    st.builds(m.MarkAway),
    st.builds(m.MarkBack),
    st.builds(m.NoteRisk, risks),
    st.builds(Elapse),
)
STEPS = st.one_of(
    st.tuples(COMMANDS, st.sampled_from([XIAO_LI, CHEN, LIU, OLD_WANG, ADMIN])), st.tuples(NEWS, st.just(SYSTEM))
)


def play(*steps: Step, state: SessionState | None = None, now: datetime = T0) -> SessionState:
    """Carry out commands one after another."""
    state = state or opened()
    for command, by in steps:
        state = DECIDER.fold(state, decide(state, command, by, now))
    return state


def opened() -> SessionState:
    """A contact that has just begun."""
    return DECIDER.fold(SessionState(), decide(SessionState(), m.OpenContact("main"), XIAO_LI, T0))


def talking() -> SessionState:
    """Xiao Li is with Chen."""
    return play((m.Enqueue(1), SYSTEM), (ASSIGN, SYSTEM))


def written_up() -> SessionState:
    """The whole way."""
    done = m.SubmitWrapUp(m.Disposition.RESOLVED)
    return play((m.EndSession(), XIAO_LI), (done, CHEN), state=talking())


PHASES = {
    Phase.INTAKE: opened(),
    Phase.QUEUED: play((m.Enqueue(1), SYSTEM)),
    Phase.DEFLECTED: play((m.Deflect("closed", None), SYSTEM)),
    Phase.ACTIVE: talking(),
    Phase.WRAP_UP: play((m.EndSession(), CHEN), state=talking()),
    Phase.CLOSED: written_up(),
    Phase.ABANDONED: play((m.Enqueue(1), SYSTEM), (m.Abandon(), SYSTEM)),
}


@pytest.mark.parametrize("phase", list(PHASES))
def test_every_phase_is_reached_by_its_story(phase: Phase) -> None:
    assert PHASES[phase].phase is phase


@pytest.mark.promise("R1")
@pytest.mark.parametrize("phase", list(PHASES))
def test_what_a_visitor_says_is_taken_in_every_phase_before_the_end(phase: Phase) -> None:
    if phase in LISTENING:
        assert decide(PHASES[phase], m.PostMessage("您好"), XIAO_LI, T0)[0] == m.MessagePosted("您好", T0)
    else:
        with pytest.raises(Refused, match="session_over"):
            decide(PHASES[phase], m.PostMessage("您好"), XIAO_LI, T0)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("by", [OLD_WANG, LIU, ADMIN, PARTNER])
@pytest.mark.parametrize("phase", list(PHASES))
def test_nobody_else_speaks_in_a_session(phase: Phase, by: Actor) -> None:
    with pytest.raises(Refused):
        decide(PHASES[phase], m.PostMessage("x"), by, T0)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("phase", list(PHASES))
def test_exactly_who_could_send_words_is_seen_to_type(phase: Phase) -> None:
    for by in (XIAO_LI, CHEN, OLD_WANG, LIU, ZHAO, ADMIN, PARTNER):
        try:
            taken = bool(decide(PHASES[phase], m.PostMessage("您好"), by, T0))
        except Refused:
            taken = False
        assert may_write(PHASES[phase], by) is taken


def test_a_counselor_who_was_lost_speaks_no_more() -> None:
    lost = play((m.Requeue(2), SYSTEM), state=talking())
    assert lost.phase is Phase.QUEUED
    with pytest.raises(Refused, match="not_yours"):
        decide(lost, m.PostMessage("还在吗"), CHEN, T0)


def test_a_supervisor_writes_up_what_a_counselor_who_left_still_owes_and_nothing_else() -> None:
    done = m.SubmitWrapUp(m.Disposition.RESOLVED)
    assert play((done, ZHAO), state=PHASES[Phase.WRAP_UP]).phase is Phase.CLOSED
    with pytest.raises(Refused, match="nothing_to_write_up"):
        decide(talking(), done, ZHAO, T0)
    with pytest.raises(Refused, match="not_yours"):
        decide(PHASES[Phase.WRAP_UP], m.PostMessage("x"), ZHAO, T0)
    with pytest.raises(Refused, match="not_yours"):
        decide(PHASES[Phase.WRAP_UP], done, LIU, T0)


@pytest.mark.promise("R2")
def test_an_older_epoch_changes_nothing() -> None:
    second = play((m.Requeue(2), SYSTEM), (m.Assign("liu", "刘老师", Role.COUNSELOR, 3), SYSTEM), state=talking())
    assert second.counselor == "liu"
    for late in (ASSIGN, m.Requeue(2), m.Requeue(3), m.Assign("chen", "x", Role.COUNSELOR, 3)):
        assert decide(second, late, SYSTEM, T0) == ()


def test_only_a_visitor_opens_a_contact_and_it_bears_their_id() -> None:
    assert opened().contact == XIAO_LI.id
    for by in (CHEN, ADMIN):
        with pytest.raises(NotPermitted):
            decide(SessionState(), m.OpenContact("main"), by, T0)
    with pytest.raises(NotPermitted):
        decide(SessionState(), m.PostMessage("x"), XIAO_LI, T0)


def test_a_visitor_who_left_before_the_desk_knew_them_is_told_to_it_again() -> None:
    gone = play((m.MarkAway(), SYSTEM))
    events = decide(gone, m.Enqueue(4), SYSTEM, T0 + timedelta(seconds=9))
    assert events == (m.ContactQueued(4), m.VisitorAway("main", T0))


def test_receipts_only_rise_and_never_past_what_was_said() -> None:
    state = talking()
    (mark,) = decide(state, m.MarkReceipt(99, 2), XIAO_LI, T0)
    assert mark == m.ReceiptMarked("visitor", state.seq, 2)
    state = evolve(state, mark)
    assert decide(state, m.MarkReceipt(1, 1), XIAO_LI, T0) == ()
    (mark,) = decide(state, m.MarkReceipt(2, 99), CHEN, T0)
    assert mark == m.ReceiptMarked("counselor", 2, 2)


def test_silence_is_asked_after_then_ends_the_talk() -> None:
    state = talking()
    assert due(state) == T0 + POLICY.idle_prompt
    later = T0 + POLICY.idle_prompt
    assert decide(state, Elapse(), SYSTEM, later - timedelta(microseconds=1)) == ()
    state = play((Elapse(), SYSTEM), state=state, now=later)
    assert state.prompted_at == later
    spoken = play((m.PostMessage("在"), XIAO_LI), state=state, now=later)
    assert due(spoken) == later + POLICY.idle_prompt
    (ended,) = decide(state, Elapse(), SYSTEM, later + POLICY.idle_end)
    assert ended == m.SessionEnded("idle", "main", True)


@pytest.mark.parametrize("level", list(RiskLevel))
def test_nobody_in_danger_is_timed_out(level: RiskLevel) -> None:
    state = play((m.NoteRisk(level), SYSTEM), state=talking())
    assert (due(state) is None) is (level in (RiskLevel.HIGH, RiskLevel.IMMINENT))


def test_a_contact_at_a_closed_line_is_kept_a_day_after_its_visitor_left() -> None:
    state = play((m.Deflect("closed", None), SYSTEM))
    assert due(state) is None
    state = play((m.MarkAway(), SYSTEM), state=state)
    assert due(state) == T0 + timedelta(days=1)
    assert decide(state, Elapse(), SYSTEM, T0 + timedelta(days=1)) == (m.ContactAbandoned("main"),)


def test_wrap_up_needs_the_counselor_and_a_talk_that_is_over() -> None:
    wrap_up = m.SubmitWrapUp(m.Disposition.RESOLVED)
    for state, by in ((talking(), CHEN), (PHASES[Phase.WRAP_UP], XIAO_LI), (written_up(), CHEN)):
        with pytest.raises(Refused, match="nothing_to_write_up"):
            decide(state, wrap_up, by, T0)
    assert decide(PHASES[Phase.WRAP_UP], wrap_up, CHEN, T0)


def test_answered_tells_whether_a_counselor_was_there() -> None:
    assert decide(talking(), m.EndSession(), CHEN, T0) == (m.SessionEnded("counselor", "main", True),)
    assert decide(opened(), m.EndSession(), XIAO_LI, T0) == (m.SessionEnded("visitor", "main", False),)
    lost = play((m.Requeue(2), SYSTEM), state=talking())
    assert decide(lost, m.EndSession(), XIAO_LI, T0) == (m.SessionEnded("visitor", "main", False),)
    assert play((m.EndSession(), XIAO_LI), state=lost).phase is Phase.CLOSED


@given(st.lists(st.tuples(STEPS, st.integers(0, 900)), max_size=40))
@settings(max_examples=200, deadline=None)
def test_laws_of_the_session(steps: list[tuple[Step, int]]) -> None:
    """News is never refused, what is refused changes nothing, nothing follows the end, the clock never spins."""
    state, now = SessionState(), T0
    log: list[Event] = list(decide(state, m.OpenContact("main", Medium.TEXT), XIAO_LI, now))
    state = DECIDER.fold(state, tuple(log))
    for (command, by), seconds in steps:
        now += timedelta(seconds=seconds)
        before = state
        try:
            events = decide(state, command, by, now)
        except Refused:
            assert by != SYSTEM
            continue
        assert not (before.phase in OVER and events), "nothing follows an end event"
        state = DECIDER.fold(state, events)
        log += events
        assert state.epoch >= before.epoch
        assert (state.phase is Phase.ACTIVE) <= (state.counselor is not None)
        if isinstance(command, Elapse):
            wake = due(state)
            assert wake is None or wake > now
    assert DECIDER.fold(SessionState(), tuple(log)) == state
    assert state.seq == len(log)
    assert msgspec.json.decode(msgspec.json.encode(state), type=SessionState) == state
