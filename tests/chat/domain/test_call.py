"""The call inside a session: who may ask for what, and who hears whom whatever happens."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import call_messages as words
from chat.domain import call as rules
from chat.domain.call_state import CallPhase, CallState, may_open, routes
from chat.domain.lanes import HOLD_CLIP, Route
from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Attending, Role
from kernel.wire import Command
from tests.chat.domain.callers import (
    CALL,
    CHEN,
    LIN,
    NOW,
    SCENE,
    VISITOR,
    ZHAO,
    give,
    gone,
    live,
    play,
    scene,
    there,
)

JOIN = words.JoinCall()


def test_a_call_is_asked_accepted_placed_and_live() -> None:
    state = live()
    assert (state.phase, state.node, state.call) == (CallPhase.LIVE, "node", CALL)
    assert routes(state) == {Route("visitor", "staff.chen", "main"), Route("staff.chen", "visitor", "main")}
    assert rules.due(state) is None


def test_asking_at_the_same_time_is_agreeing() -> None:
    state = play((words.RequestCall(), VISITOR), (words.RequestCall(), CHEN))
    assert state.phase is CallPhase.CONNECTING


def test_nobody_answers_their_own_question() -> None:
    with pytest.raises(Refused, match="no_call"):
        give(play((words.RequestCall(), VISITOR)), words.AcceptCall(), VISITOR)


def test_who_came_by_voice_and_was_accepted_has_said_so_already() -> None:
    state, events = give(CallState(), words.BeginCall())
    assert events == (
        words.CallRequested(CALL, "visitor", NOW),
        words.CallAccepted(CALL, "chen", Role.COUNSELOR, NOW),
    )
    assert give(state, words.BeginCall())[1] == ()


@pytest.mark.parametrize(
    ("after", "seconds", "reason"),
    [
        ((words.RequestCall(), VISITOR), 60, "no_answer"),
        ((words.RequestCall(), CHEN), 20, "not_connected"),
    ],
)
def test_time_ends_what_nobody_takes_up(after: tuple[Command, Actor], seconds: int, reason: words.EndReason) -> None:
    state = play((words.RequestCall(), VISITOR), after)
    early, events = give(state, Elapse(), at=NOW + timedelta(seconds=seconds - 1))
    assert not events
    ended, events = give(early, Elapse(), at=NOW + timedelta(seconds=seconds))
    assert events == (words.CallEnded(CALL, reason, NOW + timedelta(seconds=seconds)),)
    assert ended.phase is CallPhase.NONE


def test_a_lost_side_has_a_minute_and_then_the_call_ends() -> None:
    state = play(gone("visitor"), state=live())
    assert rules.due(state) == NOW + timedelta(seconds=60)
    assert rules.due(play(there("visitor"), state=state)) is None
    _, events = give(state, Elapse(), at=NOW + timedelta(seconds=60))
    assert events[-1] == words.CallEnded(CALL, "lost", NOW + timedelta(seconds=60))


def test_a_guest_who_does_not_come_or_is_lost_leaves_after_a_minute_and_the_call_goes_on() -> None:
    state = play((JOIN, ZHAO), state=live())
    assert rules.due(state) == NOW + timedelta(seconds=60)
    state = play(there("staff.zhao"), state=state)
    assert rules.due(state) is None
    later, events = give(play(gone("staff.zhao"), state=state), Elapse(), at=NOW + timedelta(seconds=60))
    assert [type(event) for event in events] == [words.CallAttended]
    assert (later.phase, later.guests) == (CallPhase.LIVE, {})


def test_another_worker_takes_the_call_over_and_everybody_has_a_minute_to_come() -> None:
    state, events = give(live(), words.PlaceCall(CALL, "other", "node"))
    assert events == (words.CallPlaced(CALL, NOW, "other"),)
    assert state.phase is CallPhase.LIVE
    assert rules.due(state) == NOW + timedelta(seconds=60)
    assert routes(state) == routes(live())


def test_of_two_who_place_a_call_at_once_the_second_changes_nothing() -> None:
    state, _ = give(live(), words.PlaceCall(CALL, "other", "node"))
    assert give(state, words.PlaceCall(CALL, "third", "node"))[1] == ()
    assert give(live(), words.PlaceCall(CALL, "first"))[1] == ()


def test_reports_of_another_call_or_of_a_worker_that_lost_it_change_nothing() -> None:
    assert give(live(), words.ReportLeg("c1.9", "visitor", "lost", "node"))[1] == ()
    assert give(live(), words.PlaceCall("c1.9", "other", "node"))[1] == ()
    moved = play((words.PlaceCall(CALL, "other", "node"), SYSTEM), there("visitor", "other"), state=live())
    assert give(moved, words.ReportLeg(CALL, "visitor", "lost", "node"))[1] == ()
    assert give(moved, words.ReportRecording(CALL, True, "node"))[1] == ()


@pytest.mark.promise("R8")
def test_only_who_is_beside_the_counselor_comes_in_and_only_who_has_a_leg_may_offer() -> None:
    for by, within in ((LIN, scene(beside=())), (ZHAO, scene(None)), (Actor(Role.COUNSELOR, "liu"), SCENE)):
        with pytest.raises(NotPermitted):
            give(live(), JOIN, by, within=within)
    assert not may_open(live(), ZHAO)
    assert may_open(play((JOIN, ZHAO), state=live()), ZHAO)
    assert may_open(live(), VISITOR)
    assert not may_open(live(), Actor(Role.VISITOR, "c2"))
    assert not may_open(live(), Actor(Role.VISITOR, "c"))
    assert not may_open(CallState(), VISITOR)


def test_a_supervisor_s_way_of_attending_follows_the_session() -> None:
    state = play((JOIN, ZHAO), there("staff.zhao"), state=live())
    assert Route("staff.zhao", "staff.chen", "aux") not in routes(state)
    whisper = words.AttendCall("zhao", Role.SUPERVISOR, Attending.WHISPER)
    state, events = give(state, whisper)
    assert events == (words.CallAttended(CALL, "zhao", Role.SUPERVISOR, Attending.WHISPER, NOW, Attending.MONITOR),)
    assert Route("staff.zhao", "staff.chen", "aux") in routes(state)
    assert give(state, whisper)[1] == ()
    state, _ = give(state, words.AttendCall("zhao", Role.SUPERVISOR, None))
    assert state.guests == {}
    assert give(state, whisper)[1] == (), "whoever is not in the call is not brought in"


def test_a_whisper_beside_a_third_talker_is_refused_and_a_change_that_does_not_fit_ends_the_visit() -> None:
    state = play((JOIN, LIN), state=live())
    with pytest.raises(Refused, match="lanes_taken"):
        give(state, JOIN, ZHAO, within=scene(Attending.WHISPER))
    state = play((JOIN, ZHAO), state=state)
    assert Route("visitor", "staff.zhao", "main") in routes(state)
    state, _ = give(state, words.AttendCall("zhao", Role.SUPERVISOR, Attending.BARGE))
    assert set(state.guests) == {"lin"}


def test_whoever_is_let_out_of_the_session_is_out_of_the_call() -> None:
    state = play((JOIN, LIN), (JOIN, ZHAO), state=live())
    state, events = give(state, words.LeaveCall(), within=scene(beside=()))
    assert events == (words.CallJoined(CALL, "lin", Role.CRISIS_WORKER, on=False, at=NOW),)
    assert set(state.guests) == {"zhao"}


def test_the_contact_is_handed_over_without_a_silent_moment() -> None:
    state = play((JOIN, LIN), there("staff.lin"), state=live())
    state, _ = give(state, words.HandOverCall("lin", Role.CRISIS_WORKER))
    assert routes(state) == {Route("visitor", "staff.lin", "main"), Route("staff.lin", "visitor", "main")}
    assert rules.due(state) is None
    assert not may_open(state, CHEN)


def test_the_session_s_end_ends_the_call_everybody_leaves_first_and_a_new_one_has_a_new_id() -> None:
    state = play((JOIN, LIN), (JOIN, ZHAO), (words.ReportRecording(CALL, True, "node"), SYSTEM), state=live())
    state, events = give(state, words.CloseCall())
    assert [type(event) for event in events] == [
        words.CallRecorded,
        words.CallJoined,
        words.CallAttended,
        words.CallEnded,
    ]
    state, events = give(state, words.RequestCall(), VISITOR)
    assert events == (words.CallRequested("c1.2", "visitor", NOW),)
    assert state.revision > live().revision


@pytest.mark.promise("R5")
def test_each_side_pauses_the_recording_and_takes_back_its_own_pause_only() -> None:
    state = live()
    assert state.to_be_recorded
    state = play((words.PauseRecording(True), VISITOR), state=state)
    assert give(state, words.PauseRecording(False), CHEN)[1] == ()
    assert not state.to_be_recorded
    state = play((words.PauseRecording(True), CHEN), (words.PauseRecording(False), VISITOR), state=state)
    assert not state.to_be_recorded
    assert play((words.PauseRecording(False), CHEN), state=state).to_be_recorded
    assert not play((words.HoldCall(True), CHEN), state=live()).to_be_recorded
    with pytest.raises(NotPermitted):
        give(play((JOIN, LIN), state=live()), words.PauseRecording(False), LIN)


def test_whoever_is_in_tells_of_their_own_microphone_and_nobody_else_does() -> None:
    state, events = give(live(), words.MuteCall(True), VISITOR)
    assert events == (words.CallMuted(CALL, "visitor", "visitor", on=True),)
    assert give(state, words.MuteCall(True), VISITOR)[1] == ()
    with pytest.raises(NotPermitted):
        give(state, words.MuteCall(True), ZHAO)
    state = play((words.MuteCall(False), VISITOR), (JOIN, LIN), (words.MuteCall(True), LIN), state=state)
    assert state.muted == {"staff.lin"}
    assert play((words.LeaveCall(), LIN), state=state).muted == frozenset()


commands = st.one_of(
    st.sampled_from(
        [
            words.RequestCall(),
            words.AcceptCall(),
            words.DeclineCall(),
            words.EndCall(),
            JOIN,
            words.LeaveCall(),
            words.CloseCall(),
            words.BeginCall(),
            words.PlaceCall(CALL, "node"),
            words.PlaceCall(CALL, "other", "node"),
            words.HandOverCall("lin", Role.CRISIS_WORKER),
            Elapse(),
        ]
    ),
    st.builds(words.HoldCall, st.booleans()),
    st.builds(words.PauseRecording, st.booleans()),
    st.builds(words.MuteCall, st.booleans()),
    st.builds(words.AttendCall, st.just("zhao"), st.just(Role.SUPERVISOR), st.sampled_from([*Attending, None])),
    st.builds(
        words.ReportLeg,
        st.just(CALL),
        st.sampled_from(["visitor", "staff.chen", "staff.lin", "staff.zhao"]),
        st.sampled_from(["connected", "lost"]),
        st.sampled_from(["node", "other"]),
    ),
)
stories = st.lists(
    st.tuples(
        commands,
        st.sampled_from([VISITOR, CHEN, LIN, ZHAO, SYSTEM]),
        st.integers(0, 90),
        st.sampled_from([*Attending, None]),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(stories)
def test_whatever_happens_no_lane_has_two_sources_and_no_whisper_reaches_the_visitor(
    story: list[tuple[Command, Actor, int, Attending | None]],
) -> None:
    state, at = CallState(), NOW
    for command, by, seconds, how in story:
        at += timedelta(seconds=seconds)
        before = state
        try:
            state, _ = give(state, command, by, at, scene(how))
        except Refused:
            assert by != SYSTEM, "news is never refused"
            assert state is before
        assert_sound(before, state, at if isinstance(command, Elapse) and by == SYSTEM else None)


def assert_sound(before: CallState, state: CallState, woken: datetime | None) -> None:
    """What holds after every step; `woken` is the instant where time has just been told."""
    found = routes(state)
    assert len({(route.sink, route.lane) for route in found}) == len(found)
    assert state.revision >= before.revision
    if found != routes(before):
        assert state.revision > before.revision, "a worker would not carry out an old revision"
    heard_by_visitor = {route.source for route in found if route.sink == "visitor"}
    for name, guest in state.guests.items():
        if guest.attending in (Attending.MONITOR, Attending.WHISPER):
            assert f"staff.{name}" not in heard_by_visitor
        if guest.attending is Attending.MONITOR:
            assert not [route for route in found if route.source == f"staff.{name}"]
    if state.held:
        assert heard_by_visitor == {HOLD_CLIP}
        assert not [route for route in found if route.source == "visitor"]
    if state.phase in (CallPhase.NONE, CallPhase.ASKED):
        assert not found
        assert not [actor for actor in (VISITOR, CHEN, LIN, ZHAO) if may_open(state, actor)]
    wake = rules.due(state)
    if state.phase in (CallPhase.ASKED, CallPhase.CONNECTING):
        assert wake is not None
    assert woken is None or wake is None or wake > woken, "the clock never spins"
