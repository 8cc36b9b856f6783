"""Break-glass: two people, one resource, half an hour, and never again by itself (R8)."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Role
from recordings_policy.domain.glass import ASKED_FOR, OPEN_FOR
from recordings_policy.messages import AskGlass, BreakGlass, GlassBroken, RefuseGlass
from tests.recordings_policy.people import ADMIN_SUN, COUNSELOR_CHEN, SUPERVISOR_QIAN, SUPERVISOR_ZHAO, WORKER_LI, Room

pytestmark = pytest.mark.promise("R8")
RESCUER = Actor(Role.CRISIS_WORKER, "rescuer")
WISH = AskGlass("identity", "life_in_danger", "2026-118")
SECOND = timedelta(seconds=1)


def asked(by: Actor = SUPERVISOR_ZHAO) -> Room:
    """A record at which somebody has asked for an identity."""
    room = Room()
    room.do(WISH, by)
    return room


def looks(room: Room, person: str = "zhao", behind: str = "identity") -> bool:
    """Whether somebody may look now."""
    return any(each.opens(person, behind, room.now) for each in room.state.glasses)


def test_nobody_looks_before_a_second_person_has_agreed() -> None:
    room = asked()
    assert not looks(room)
    with pytest.raises(Refused, match="same_person"):
        room.do(BreakGlass(1), SUPERVISOR_ZHAO)
    (broken,) = room.do(BreakGlass(1), SUPERVISOR_QIAN)
    assert broken == GlassBroken(1, "zhao", room.now + OPEN_FOR)
    assert looks(room)


def test_the_glass_is_broken_for_one_person_and_one_resource() -> None:
    room = asked()
    room.do(BreakGlass(1), SUPERVISOR_QIAN)
    assert not looks(room, "qian")
    assert not looks(room, "zhao", "transcript")


def test_it_closes_by_itself() -> None:
    room = asked()
    room.do(BreakGlass(1), ADMIN_SUN)
    room.wait(OPEN_FOR - SECOND)
    assert looks(room)
    room.wait(SECOND)
    assert not looks(room)
    with pytest.raises(Refused, match="no_such_glass"):
        room.do(BreakGlass(1), SUPERVISOR_QIAN)


def test_a_wish_that_nobody_answered_is_over_after_two_hours_and_may_be_asked_anew() -> None:
    room = asked()
    with pytest.raises(Refused, match="already_asked"):
        room.do(WISH, SUPERVISOR_ZHAO)
    room.wait(ASKED_FOR)
    with pytest.raises(Refused, match="no_such_glass"):
        room.do(BreakGlass(1), SUPERVISOR_QIAN)
    room.do(WISH, SUPERVISOR_ZHAO)
    room.do(BreakGlass(2), SUPERVISOR_QIAN)
    assert looks(room)


@pytest.mark.parametrize("broken", [False, True])
def test_a_no_shuts_it_whether_it_was_broken_or_not(broken: bool) -> None:
    room = asked()
    if broken:
        room.do(BreakGlass(1), SUPERVISOR_QIAN)
    room.do(RefuseGlass(1), SUPERVISOR_QIAN)
    assert not looks(room)
    for wish in (BreakGlass(1), RefuseGlass(1)):
        with pytest.raises(Refused, match="no_such_glass"):
            room.do(wish, SUPERVISOR_QIAN)


@pytest.mark.parametrize("by", [COUNSELOR_CHEN, WORKER_LI, ADMIN_SUN])
def test_only_supervisors_and_crisis_workers_ask(by: Actor) -> None:
    with pytest.raises(NotPermitted):
        asked(by)
    asked(RESCUER)


def test_a_counselor_is_no_second_person() -> None:
    room = asked()
    for wish in (BreakGlass(1), RefuseGlass(1)):
        with pytest.raises(NotPermitted):
            room.do(wish, COUNSELOR_CHEN)


PEOPLE = (SUPERVISOR_ZHAO, SUPERVISOR_QIAN, RESCUER)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.one_of(
            st.builds(AskGlass, st.sampled_from(("identity", "recording")), st.just("court"), st.just("7")),
            st.builds(BreakGlass, st.integers(1, 4)),
            st.builds(RefuseGlass, st.integers(1, 4)),
        ),
        st.integers(0, 50),
    ),
    max_size=25,
)


@given(STEPS)
def test_whoever_looks_was_let_in_by_somebody_else_less_than_half_an_hour_ago(
    steps: list[tuple[Actor, AskGlass | BreakGlass | RefuseGlass, int]],
) -> None:
    """The oracle reads what was said and accepted, not the state."""
    room, asked_by, let = Room(), dict[int, tuple[str, str]](), dict[int, tuple[str, datetime]]()
    for by, wish, minutes in steps:
        try:
            room.do(wish, by, timedelta(minutes=minutes))
        except Refused:
            pass
        else:
            if isinstance(wish, AskGlass):
                asked_by[len(asked_by) + 1] = (by.id, wish.behind)
            elif isinstance(wish, BreakGlass):
                let[wish.glass] = (by.id, room.now)
            else:
                let.pop(wish.glass, None)
        for person, behind in product((each.id for each in PEOPLE), ("identity", "recording")):
            allowed = any(
                asked_by[number] == (person, behind) and second != person and room.now < at + OPEN_FOR
                for number, (second, at) in let.items()
            )
            assert looks(room, person, behind) is allowed
