"""Supervision of a written talk: who reads along, who whispers, who writes; and what the visitor ever learns of it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import messages as m
from chat.attend_messages import AttendSession, PostWhisper, SessionAttended, WhisperPosted
from chat.domain.session import DECIDER, LISTENING, SessionState, decide
from chat.domain.view import visible_to
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Attending, Role
from kernel.wire import Command, Event
from tests.chat.domain.test_session import Step, opened, talking
from tests.personas import ADMIN, CHEN, LIU, XIAO_LI, ZHAO
from tests.strategies import T0

MONITOR, WHISPER, BARGE = Attending.MONITOR, Attending.WHISPER, Attending.BARGE
STAFF = (CHEN, LIU, ZHAO, Actor(Role.SUPERVISOR, "su"))
GRADES = {actor.id: actor.role for actor in STAFF}


def comes(person: Actor, how: Attending | None) -> Step:
    """The desk lets somebody in, or out."""
    return AttendSession(person.id, person.role, how), SYSTEM


def play(*steps: Step, state: SessionState | None = None) -> tuple[SessionState, list[Event]]:
    """Carry out commands one after another; what happened."""
    state, told = state or talking(), list[Event]()
    for command, by in steps:
        events = decide(state, command, by, T0)
        state, told = DECIDER.fold(state, events), [*told, *events]
    return state, told


def seen(events: list[Event]) -> list[Event]:
    """What the visitor sees of it."""
    return [event for event in events if visible_to(event, Role.VISITOR) is not None]


@pytest.mark.promise("R8")
@pytest.mark.parametrize("how", [MONITOR, WHISPER])
def test_the_visitor_sees_nothing_of_whoever_reads_along_or_whispers(how: Attending) -> None:
    whisper = [(PostWhisper("先问问安全"), ZHAO)] if how is WHISPER else []
    _, events = play(comes(ZHAO, how), *whisper, (PostWhisper("好的"), CHEN), comes(ZHAO, None))
    assert seen(events) == []
    assert {type(event) for event in events} == {SessionAttended, WhisperPosted}
    assert all(visible_to(event, Role.COUNSELOR) == event for event in events)


def test_who_only_reads_along_says_nothing_and_who_whispers_does_not_write() -> None:
    with pytest.raises(Refused, match="read_only"):
        play(comes(ZHAO, MONITOR), (PostWhisper("x"), ZHAO))
    for command in (m.PostMessage("x"), m.MarkReceipt(1, 1), m.EndSession()):
        with pytest.raises(Refused, match="not_yours"):
            play(comes(ZHAO, WHISPER), (command, ZHAO))
    with pytest.raises(Refused, match="not_yours"):
        play((PostWhisper("x"), LIU))
    for stranger in (XIAO_LI, ADMIN):
        with pytest.raises((NotPermitted, Refused)):
            play((PostWhisper("x"), stranger))


def test_who_barges_in_is_seen_and_may_write_until_they_leave() -> None:
    state, events = play(comes(ZHAO, BARGE), (m.PostMessage("我是督导"), ZHAO), comes(ZHAO, MONITOR))
    assert seen(events) == [
        m.ParticipantJoined(ZHAO.id, ZHAO.role),
        m.MessagePosted("我是督导", T0),
        m.ParticipantLeft(ZHAO.id),
    ]
    with pytest.raises(Refused, match="not_yours"):
        decide(state, m.PostMessage("noch"), ZHAO, T0)


def test_whoever_barged_in_stays_when_an_escalation_ends_and_its_helper_stays_when_let_go() -> None:
    risen: tuple[Step, ...] = ((m.NoteEscalation(open=True), SYSTEM), (m.JoinParticipant(LIU.id, LIU.role), SYSTEM))
    state, _ = play(*risen, comes(ZHAO, BARGE), comes(LIU, BARGE), comes(LIU, None))
    assert state.participants == (LIU.id, ZHAO.id)
    state, events = play((m.NoteEscalation(open=False), SYSTEM), state=state)
    assert state.participants == (ZHAO.id,)
    assert seen(events) == [m.ParticipantLeft(LIU.id)]


def test_who_watched_and_then_comes_for_an_escalation_is_a_helper_and_no_watcher() -> None:
    joins: Step = (m.JoinParticipant(ZHAO.id, ZHAO.role), SYSTEM)
    state, _ = play((m.NoteEscalation(open=True), SYSTEM), comes(ZHAO, BARGE), joins, comes(ZHAO, None))
    assert (state.participants, state.attending) == ((ZHAO.id,), {})


def test_who_takes_over_is_the_owner_and_nothing_beside() -> None:
    owner = m.Assign(ZHAO.id, "赵老师", ZHAO.role, 2)
    state, _ = play(comes(ZHAO, BARGE), (owner, SYSTEM), comes(ZHAO, MONITOR))
    assert (state.counselor, state.participants, state.attending) == (ZHAO.id, (), {})
    with pytest.raises(Refused, match="not_yours"):
        decide(state, m.PostMessage("x"), CHEN, T0)


def test_a_talk_that_is_over_is_attended_by_nobody() -> None:
    state, _ = play(comes(ZHAO, BARGE), comes(LIU, WHISPER), (m.EndSession(), CHEN))
    assert (state.participants, state.attending) == ((), {})
    with pytest.raises(Refused):
        decide(state, PostWhisper("x"), LIU, T0)
    assert decide(state, AttendSession("su", Role.SUPERVISOR, MONITOR), SYSTEM, T0) == ()


WORDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(PostWhisper, st.just("耳语")), st.builds(m.PostMessage, st.just("说出来的话")), st.builds(m.EndSession)
)
NEWS: st.SearchStrategy[Command] = st.one_of(
    *(
        st.builds(AttendSession, st.just(each.id), st.just(each.role), st.sampled_from([None, *Attending]))
        for each in STAFF
    ),
    st.builds(m.JoinParticipant, st.sampled_from(sorted(GRADES)), st.just(Role.SUPERVISOR)),
    st.builds(m.LeaveParticipant, st.sampled_from(sorted(GRADES))),
    st.builds(m.NoteEscalation, st.booleans()),
    st.builds(m.Assign, st.sampled_from(sorted(GRADES)), st.just("x"), st.just(Role.COUNSELOR), st.integers(1, 6)),
    st.builds(m.Requeue, st.integers(1, 6)),
)
STEPS = st.one_of(st.tuples(WORDS, st.sampled_from([XIAO_LI, *STAFF])), st.tuples(NEWS, st.just(SYSTEM)))


@pytest.mark.promise("R8")
@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_no_whisper_ever_reaches_the_visitor_and_they_know_everybody_who_may_write(steps: list[Step]) -> None:
    """The oracle is what a visitor's page knows from the events it is shown, and nothing else."""
    state, known, owner = opened(), set[str](), None
    for number, (command, by) in enumerate(steps):
        try:
            events = decide(state, command, by, T0 + timedelta(seconds=number))
        except (Refused, NotPermitted):
            continue
        state = DECIDER.fold(state, events)
        for event in events:
            shown = visible_to(event, Role.VISITOR)
            assert "耳语" not in repr(shown)
            assert not isinstance(shown, WhisperPosted | SessionAttended)
            match shown:
                case m.CounselorJoined():
                    owner = shown.counselor
                    known.discard(owner)
                case m.CounselorLost():
                    owner = None
                case m.ParticipantJoined():
                    known.add(shown.person)
                case m.ParticipantLeft():
                    known.discard(shown.person)
                case m.MessagePosted() if by.role is not Role.VISITOR:
                    assert by.id in {*known, owner}, "somebody the visitor does not know wrote"
        if state.phase in LISTENING:
            assert set(state.participants) == known
            assert owner not in known
            assert owner not in state.attending


def test_who_holds_the_talk_does_not_join_it_once_more() -> None:
    joins: Step = (m.JoinParticipant(CHEN.id, CHEN.role), SYSTEM)
    state, events = play((m.NoteEscalation(open=True), SYSTEM), joins)
    assert (state.counselor, state.participants) == (CHEN.id, ())
    assert seen(events) == []
