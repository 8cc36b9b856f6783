"""The call inside a session: who may ask for what, and who hears whom whatever happens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import call_messages as words
from chat.domain import call as rules
from chat.domain.call import CallPhase, CallState, Scene
from chat.domain.lanes import HOLD_CLIP, Route
from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Attending, Role
from kernel.wire import Command, Event

NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
VISITOR = Actor(Role.VISITOR, "c1")
CHEN = Actor(Role.COUNSELOR, "chen")
LIN = Actor(Role.CRISIS_WORKER, "lin")
ZHAO = Actor(Role.SUPERVISOR, "zhao")
SCENE = Scene("c1", "chen", Role.COUNSELOR, active=True)
CALL = "c1.1"


def give(
    state: CallState, command: Command, by: Actor = SYSTEM, at: datetime = NOW
) -> tuple[CallState, tuple[Event, ...]]:
    """Decide and fold."""
    events = rules.decide(state, command, by, at, SCENE)
    for event in events:
        state = rules.evolve(state, event)
    return state, events


def play(*steps: tuple[Command, Actor]) -> CallState:
    """Fold a story."""
    state = CallState()
    for command, by in steps:
        state, _ = give(state, command, by)
    return state


def live() -> CallState:
    """A call in which both talk."""
    return play(
        (words.RequestCall(), VISITOR),
        (words.AcceptCall(), CHEN),
        (words.PlaceCall(CALL, "node"), SYSTEM),
        (words.ReportLeg(CALL, "visitor", "connected"), SYSTEM),
        (words.ReportLeg(CALL, "staff.chen", "connected"), SYSTEM),
    )


def test_a_call_is_asked_accepted_placed_and_live() -> None:
    state = live()
    assert (state.phase, state.node, state.call) == (CallPhase.LIVE, "node", CALL)
    assert rules.routes(state) == {Route("visitor", "staff.chen", "main"), Route("staff.chen", "visitor", "main")}
    assert rules.due(state) is None


def test_asking_at_the_same_time_is_agreeing() -> None:
    state = play((words.RequestCall(), VISITOR), (words.RequestCall(), CHEN))
    assert state.phase is CallPhase.CONNECTING


def test_nobody_answers_their_own_question() -> None:
    with pytest.raises(Refused, match="no_call"):
        give(play((words.RequestCall(), VISITOR)), words.AcceptCall(), VISITOR)


@pytest.mark.parametrize(
    ("after", "seconds", "reason"),
    [
        ((words.RequestCall(), VISITOR), 60, "no_answer"),
        ((words.RequestCall(), CHEN), 20, "not_connected"),
    ],
)
def test_time_ends_what_nobody_takes_up(after: tuple[Command, Actor], seconds: int, reason: str) -> None:
    state = play((words.RequestCall(), VISITOR), after)
    early, events = give(state, Elapse(), at=NOW + timedelta(seconds=seconds - 1))
    assert not events
    ended, events = give(early, Elapse(), at=NOW + timedelta(seconds=seconds))
    assert events == (words.CallEnded(CALL, reason, NOW + timedelta(seconds=seconds)),)  # type: ignore[arg-type]  # spelled by the table above
    assert ended.phase is CallPhase.NONE


def test_a_lost_side_has_a_minute_and_then_the_call_ends() -> None:
    state, _ = give(live(), words.ReportLeg(CALL, "visitor", "lost"))
    assert rules.due(state) == NOW + timedelta(seconds=60)
    back, _ = give(state, words.ReportLeg(CALL, "visitor", "connected"))
    assert rules.due(back) is None
    _, events = give(state, Elapse(), at=NOW + timedelta(seconds=60))
    assert isinstance(events[0], words.CallEnded)


def test_a_lost_supervisor_ends_nothing() -> None:
    state, _ = give(live(), words.AttendCall(Attending.MONITOR), ZHAO)
    state, _ = give(state, words.ReportLeg(CALL, "staff.zhao", "connected"))
    state, _ = give(state, words.ReportLeg(CALL, "staff.zhao", "lost"))
    assert rules.due(state) is None


def test_another_worker_takes_the_call_over_and_everybody_has_a_minute_to_come() -> None:
    state, events = give(live(), words.PlaceCall(CALL, "other"))
    assert isinstance(events[0], words.CallPlaced)
    assert state.phase is CallPhase.LIVE
    assert rules.due(state) == NOW + timedelta(seconds=60)
    assert rules.routes(state) == rules.routes(live())


def test_reports_of_another_call_change_nothing() -> None:
    assert give(live(), words.ReportLeg("c1.9", "visitor", "lost"))[1] == ()
    assert give(live(), words.PlaceCall("c1.9", "other"))[1] == ()


def test_only_a_supervisor_attends_and_only_who_has_a_leg_may_offer() -> None:
    with pytest.raises(NotPermitted):
        give(live(), words.AttendCall(Attending.MONITOR), LIN)
    with pytest.raises(NotPermitted):
        give(live(), words.AttendCall(Attending.MONITOR), VISITOR)
    assert not rules.may_open(live(), ZHAO)
    state, _ = give(live(), words.AttendCall(Attending.MONITOR), ZHAO)
    assert rules.may_open(state, ZHAO)
    assert rules.may_open(state, VISITOR)
    assert not rules.may_open(state, Actor(Role.VISITOR, "c2"))
    assert not rules.may_open(state, Actor(Role.VISITOR, "c"))
    assert not rules.may_open(CallState(), VISITOR)


def test_a_whisper_beside_a_third_talker_is_refused() -> None:
    state, _ = give(live(), words.JoinCall(), LIN)
    with pytest.raises(Refused, match="lanes_taken"):
        give(state, words.AttendCall(Attending.WHISPER), ZHAO)
    state, _ = give(state, words.AttendCall(Attending.MONITOR), ZHAO)
    assert Route("visitor", "staff.zhao", "main") in rules.routes(state)


def test_the_contact_is_handed_over_without_a_silent_moment() -> None:
    state, _ = give(live(), words.JoinCall(), LIN)
    state, _ = give(state, words.ReportLeg(CALL, "staff.lin", "connected"))
    state, _ = give(state, words.HandOverCall("lin", Role.CRISIS_WORKER))
    assert rules.routes(state) == {Route("visitor", "staff.lin", "main"), Route("staff.lin", "visitor", "main")}
    assert rules.due(state) is None
    assert not rules.may_open(state, CHEN)


def test_the_session_s_end_ends_the_call_and_a_new_one_has_a_new_id() -> None:
    state, events = give(live(), words.CloseCall())
    assert isinstance(events[0], words.CallEnded)
    state, events = give(state, words.RequestCall(), VISITOR)
    assert events == (words.CallRequested("c1.2", "visitor", NOW),)
    assert state.revision > live().revision


commands = st.one_of(
    st.sampled_from(
        [
            words.RequestCall(),
            words.AcceptCall(),
            words.DeclineCall(),
            words.EndCall(),
            words.JoinCall(),
            words.LeaveCall(),
            words.CloseCall(),
            words.PlaceCall(CALL, "node"),
            words.PlaceCall(CALL, "other"),
            words.HandOverCall("lin", Role.CRISIS_WORKER),
            Elapse(),
        ]
    ),
    st.builds(words.HoldCall, st.booleans()),
    st.builds(words.AttendCall, st.sampled_from([*Attending, None])),
    st.builds(
        words.ReportLeg,
        st.just(CALL),
        st.sampled_from(["visitor", "staff.chen", "staff.lin", "staff.zhao"]),
        st.sampled_from(["connected", "lost"]),
    ),
)
stories = st.lists(
    st.tuples(commands, st.sampled_from([VISITOR, CHEN, LIN, ZHAO, SYSTEM]), st.integers(0, 90)), max_size=40
)


@settings(max_examples=300)
@given(stories)
def test_whatever_happens_no_lane_has_two_sources_and_no_whisper_reaches_the_visitor(
    story: list[tuple[Command, Actor, int]],
) -> None:
    state, at = CallState(), NOW
    for command, by, seconds in story:
        at += timedelta(seconds=seconds)
        before = state
        try:
            state, _ = give(state, command, by, at)
        except Refused:
            assert state is before
        found = rules.routes(state)
        assert len({(route.sink, route.lane) for route in found}) == len(found)
        assert state.revision >= before.revision
        if found != rules.routes(before):
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
            assert not [actor for actor in (VISITOR, CHEN, LIN, ZHAO) if rules.may_open(state, actor)]
        wake = rules.due(state)
        if state.phase in (CallPhase.ASKED, CallPhase.CONNECTING):
            assert wake is not None
