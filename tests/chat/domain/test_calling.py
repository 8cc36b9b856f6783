"""The call follows its session: it begins with a voice contact, changes hands with it, and never outlives it."""

from datetime import timedelta

import pytest

from chat import call_messages as words
from chat import media_messages as media
from chat import messages as m
from chat.attend_messages import AttendSession
from chat.domain.call_state import CallPhase
from chat.domain.session import DECIDER, SessionState, decide, due
from chat.policy import POLICY
from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Attending, Medium, Role
from kernel.wire import Command
from tests.personas import CHEN, LIU, OLD_WANG, XIAO_LI, ZHAO
from tests.strategies import T0

Step = tuple[Command, Actor]
ASSIGN = m.Assign("chen", "陈老师", Role.COUNSELOR, 1)
CALL = f"{XIAO_LI.id}.1"
TALKING: tuple[Step, ...] = (
    (words.RequestCall(), XIAO_LI),
    (words.AcceptCall(), CHEN),
    (words.PlaceCall(CALL, "node"), SYSTEM),
    (words.ReportLeg(CALL, "visitor", "connected", "node"), SYSTEM),
    (words.ReportLeg(CALL, "staff.chen", "connected", "node"), SYSTEM),
)


def play(*steps: Step, medium: Medium = Medium.TEXT) -> SessionState:
    """Xiao Li comes, Chen takes it, and so on."""
    state = SessionState()
    opening: tuple[Step, ...] = ((m.OpenContact("main", medium), XIAO_LI), (m.Enqueue(1), SYSTEM), (ASSIGN, SYSTEM))
    for command, by in (*opening, *steps):
        state = DECIDER.fold(state, decide(state, command, by, T0))
    return state


def test_text_becomes_voice_inside_the_session() -> None:
    state = play(*TALKING)
    assert state.call.phase is CallPhase.LIVE
    assert state.phase == "active"


def test_who_came_by_voice_is_called_when_a_counselor_accepts() -> None:
    state = play(medium=Medium.VOICE)
    assert (state.call.phase, state.call.counselor) == (CallPhase.CONNECTING, "chen")
    assert play().call.phase is CallPhase.NONE


def test_when_it_does_not_connect_they_go_on_in_writing() -> None:
    state = play(medium=Medium.VOICE)
    assert due(state) == T0 + timedelta(seconds=20)
    events = decide(state, Elapse(), SYSTEM, T0 + timedelta(seconds=20))
    assert events == (words.CallEnded(CALL, "not_connected", T0 + timedelta(seconds=20), "main"),)
    state = DECIDER.fold(state, events)
    assert state.phase == "active"
    assert due(state) == T0 + timedelta(seconds=20) + POLICY.idle_prompt, "silence counts from the end of the call"


def test_nobody_is_asked_whether_they_are_still_there_while_they_talk() -> None:
    state = play(*TALKING)
    assert due(state) is None
    assert decide(state, Elapse(), SYSTEM, T0 + timedelta(hours=2)) == ()


@pytest.mark.parametrize("by", [XIAO_LI, CHEN])
def test_the_end_of_the_talk_is_the_end_of_the_call(by: Actor) -> None:
    state = play(*TALKING)
    events = decide(state, m.EndSession(), by, T0)
    assert [type(event) for event in events] == [m.SessionEnded, words.CallEnded]
    assert DECIDER.fold(state, events).call.phase is CallPhase.NONE


def test_a_call_changes_hands_with_its_contact() -> None:
    state = play(*TALKING, (m.Assign("liu", "刘老师", Role.PEER_SUPPORTER, 2), SYSTEM))
    assert (state.call.call, state.call.counselor, state.call.grade) == (CALL, "liu", Role.PEER_SUPPORTER)
    with pytest.raises(NotPermitted):
        decide(state, words.HoldCall(True), CHEN, T0)
    assert decide(state, words.HoldCall(True), LIU, T0)


def test_a_lost_counselor_s_call_ends_and_the_next_one_calls_again() -> None:
    state = play(*TALKING, (m.Requeue(2), SYSTEM))
    assert (state.call.phase, state.call.cut) == (CallPhase.NONE, True)
    state = play(*TALKING, (m.Requeue(2), SYSTEM), (m.Assign("liu", "刘老师", Role.COUNSELOR, 3), SYSTEM))
    assert (state.call.phase, state.call.call) == (CallPhase.CONNECTING, f"{XIAO_LI.id}.2")


def test_who_attends_the_session_may_come_into_its_call_and_goes_with_it() -> None:
    attend = AttendSession(ZHAO.id, Role.SUPERVISOR, Attending.WHISPER)
    state = play(*TALKING, (attend, SYSTEM), (words.JoinCall(), ZHAO))
    assert state.call.guests[ZHAO.id].attending is Attending.WHISPER
    state = play(
        *TALKING,
        (attend, SYSTEM),
        (words.JoinCall(), ZHAO),
        (AttendSession(ZHAO.id, Role.SUPERVISOR, None), SYSTEM),
    )
    assert state.call.guests == {}


def test_who_came_for_an_escalation_talks_and_leaves_with_it() -> None:
    escalated: tuple[Step, ...] = (
        (m.NoteEscalation(open=True), SYSTEM),
        (m.JoinParticipant("sun", Role.CRISIS_WORKER), SYSTEM),
        (words.JoinCall(), Actor(Role.CRISIS_WORKER, "sun")),
    )
    assert set(play(*TALKING, *escalated).call.guests) == {"sun"}
    assert play(*TALKING, *escalated, (m.NoteEscalation(open=False), SYSTEM)).call.guests == {}


@pytest.mark.promise("R8")
@pytest.mark.parametrize("by", [OLD_WANG, LIU, ZHAO])
@pytest.mark.parametrize(
    "command",
    [words.RequestCall(), words.EndCall(), words.HoldCall(True), words.JoinCall(), words.PauseRecording(True)],
)
def test_nobody_else_has_a_say_in_a_call(by: Actor, command: Command) -> None:
    with pytest.raises(Refused):
        decide(play(*TALKING), command, by, T0)


def test_an_offer_never_reaches_the_rules() -> None:
    for command in (media.OfferMedia(CALL, "v=0 " * 8), media.PrepareMedia(CALL)):
        with pytest.raises(NotPermitted):
            decide(play(*TALKING), command, XIAO_LI, T0)
