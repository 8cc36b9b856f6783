"""What a call remembers: its legs, its losses, its guests."""

from datetime import timedelta

import pytest

from chat import call_messages as words
from chat.domain.call_state import CallPhase, CallState, evolve, leg_of, legs, of
from kernel.terms import SYSTEM, Role
from tests.chat.domain.callers import CALL, CHEN, LIN, NOW, VISITOR, ZHAO, gone, live, play, there


def test_everybody_has_one_leg_and_the_legs_are_those_who_are_in() -> None:
    assert [leg_of(actor) for actor in (VISITOR, CHEN)] == ["visitor", "staff.chen"]
    state = play((words.JoinCall(), LIN), (words.JoinCall(), ZHAO), state=live())
    assert legs(state) == {"visitor", "staff.chen", "staff.lin", "staff.zhao"}
    assert [of(state, leg) for leg in sorted(legs(state))] == ["counselor", "guest", "guest", "visitor"]
    assert legs(play((words.EndCall(), VISITOR), state=state)) == frozenset()


def test_a_new_worker_knows_nobody_and_who_was_connected_is_lost_since_then() -> None:
    later = NOW + timedelta(seconds=5)
    state = evolve(play(gone("visitor"), state=live()), words.CallPlaced(CALL, later, "other"))
    assert state.connected == frozenset()
    assert state.lost == {"visitor": NOW, "staff.chen": later}


def test_after_a_handover_the_old_leg_is_forgotten_and_the_new_one_has_a_minute() -> None:
    state = play((words.HoldCall(True), CHEN), (words.HandOverCall("liu", Role.PEER_SUPPORTER), SYSTEM), state=live())
    assert (state.counselor, state.grade, state.held) == ("liu", Role.PEER_SUPPORTER, False)
    assert state.connected == {"visitor"}
    assert state.lost == {"staff.liu": NOW}
    assert legs(state) == {"visitor", "staff.liu"}


def test_a_guest_who_leaves_and_comes_again_is_connected_anew() -> None:
    state = play((words.JoinCall(), LIN), there("staff.lin"), (words.LeaveCall(), LIN), state=live())
    assert "staff.lin" not in {*state.connected, *state.lost}
    state = play((words.JoinCall(), LIN), state=state)
    assert state.lost == {"staff.lin": NOW}


@pytest.mark.parametrize("reason", ["counselor_lost", "visitor"])
def test_after_the_end_only_the_numbers_stay_and_whether_it_was_cut(reason: words.EndReason) -> None:
    before = live()
    state = evolve(before, words.CallEnded(CALL, reason, NOW))
    expected = CallState(count=1, cut=reason == "counselor_lost", revision=before.revision + 1)
    assert state == expected
    assert state.phase is CallPhase.NONE
