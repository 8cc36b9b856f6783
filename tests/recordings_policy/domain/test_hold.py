"""A legal hold wins over destruction, needs two people both ways, and ends by itself (R6)."""

from datetime import timedelta

import msgspec
import pytest

from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Medium, Role
from recordings_policy.domain.hold import LONGEST, PROPOSAL
from recordings_policy.domain.record import DECIDER
from recordings_policy.messages import (
    ApproveHold,
    BeginPurge,
    ConfirmPurge,
    HoldExpired,
    HoldLapsed,
    HoldLifted,
    HoldLiftProposed,
    HoldPlaced,
    HoldProposed,
    LiftHold,
    PlaceHold,
    PurgeOrdered,
)
from tests.recordings_policy.people import (
    ADMIN_SUN,
    COUNSELOR_CHEN,
    DAY,
    HASH,
    SUPERVISOR_QIAN,
    SUPERVISOR_ZHAO,
    WORKER_LI,
    Room,
    policy,
    rule,
)

pytestmark = pytest.mark.promise("R6")
KEPT = rule(given=policy(Medium.TEXT))


def place(room: Room, span: timedelta = 365 * DAY, document: str = "2026-118") -> PlaceHold:
    """A court's wish."""
    return PlaceHold("court-4", document, room.now + span)


def held(room: Room, span: timedelta = 365 * DAY) -> None:
    """Two people place a hold."""
    assert isinstance(room.do(place(room, span), SUPERVISOR_ZHAO)[0], HoldProposed)
    assert room.do(ApproveHold(1), SUPERVISOR_QIAN) == (HoldPlaced(1),)


def test_nothing_is_destroyed_while_a_hold_stands_and_the_plan_resumes_when_it_expires() -> None:
    room = Room(KEPT)
    room.close()
    held(room, 200 * DAY)
    assert room.wait(199 * DAY) == ()
    assert room.wait(DAY) == (HoldExpired(1), PurgeOrdered(Medium.TEXT, room.now, 1))


def test_a_proposal_alone_delays_destruction_for_three_days_only() -> None:
    room = Room(KEPT)
    room.close()
    room.wait(90 * DAY - timedelta(seconds=1))
    room.do(place(room), SUPERVISOR_ZHAO)
    assert room.wait(PROPOSAL - timedelta(seconds=1)) == ()
    assert room.wait(DAY)[:2] == (
        HoldLapsed(1),
        PurgeOrdered(Medium.TEXT, room.state.keeps[0].span.purge_at - timedelta(seconds=1) + PROPOSAL, 1),
    )
    with pytest.raises(Refused, match="no_such_hold"):
        room.do(ApproveHold(1), SUPERVISOR_QIAN)
    with pytest.raises(Refused, match="already_asked"):
        room.do(place(room), SUPERVISOR_ZHAO)


def test_nobody_approves_their_own_hold() -> None:
    room = Room(KEPT)
    room.do(place(room), SUPERVISOR_ZHAO)
    for same in (SUPERVISOR_ZHAO, Actor(Role.ADMINISTRATOR, SUPERVISOR_ZHAO.id)):
        with pytest.raises(Refused, match="same_person"):
            room.do(ApproveHold(1), same)
    assert room.do(ApproveHold(1), ADMIN_SUN) == (HoldPlaced(1),)


def test_a_hold_is_lifted_by_two_people() -> None:
    room = Room(KEPT)
    held(room)
    assert room.do(LiftHold(1), SUPERVISOR_ZHAO) == (HoldLiftProposed(1, "zhao"),)
    assert room.do(LiftHold(1), SUPERVISOR_ZHAO) == ()
    assert room.state.frozen
    assert room.do(LiftHold(1), ADMIN_SUN) == (HoldLifted(1),)
    assert not room.state.frozen


def test_a_hold_that_comes_before_destruction_begins_calls_the_order_off() -> None:
    room = Room(KEPT)
    room.close()
    room.wait(90 * DAY)
    assert room.state.keeps[0].ordered_at is not None
    room.do(place(room), SUPERVISOR_ZHAO)
    with pytest.raises(Refused, match="not_ordered"):
        room.do(BeginPurge(Medium.TEXT))


def test_a_hold_that_comes_after_destruction_began_comes_too_late() -> None:
    room = Room(KEPT)
    room.close()
    room.wait(90 * DAY)
    room.do(BeginPurge(Medium.TEXT))
    with pytest.raises(Refused, match="too_late"):
        room.do(place(room), SUPERVISOR_ZHAO)
    room.do(ConfirmPurge(Medium.TEXT, HASH))
    with pytest.raises(Refused, match="erased"):
        room.do(place(room), SUPERVISOR_ZHAO)


def test_a_hold_saves_what_is_left_when_one_medium_is_already_being_destroyed() -> None:
    room = Room(KEPT, rule(given=policy(retention_floor_days=0, retention_ceiling_days=10)))
    room.record_something()
    room.close()
    room.wait(10 * DAY)
    room.do(BeginPurge(Medium.VOICE))
    held(room, 300 * DAY)
    room.do(ConfirmPurge(Medium.VOICE, HASH))
    assert room.wait(299 * DAY) == ()


@pytest.mark.parametrize(
    ("span", "code"),
    [(timedelta(0), "already_expired"), (LONGEST + timedelta(seconds=1), "hold_too_long")],
)
def test_a_hold_ends_in_the_future_and_within_two_years(span: timedelta, code: str) -> None:
    room = Room(KEPT)
    with pytest.raises(Refused, match=code):
        room.do(place(room, span), SUPERVISOR_ZHAO)


@pytest.mark.parametrize("who", [WORKER_LI, COUNSELOR_CHEN, SYSTEM])
def test_only_supervisors_and_administrators_hold_and_lift(who: Actor) -> None:
    room = Room(KEPT)
    held(room)
    for wish in (place(room, document="other"), ApproveHold(1), LiftHold(1)):
        with pytest.raises(NotPermitted):
            room.do(wish, who)


def test_two_holds_both_have_to_end() -> None:
    room = Room(KEPT)
    room.close()
    held(room, 100 * DAY)
    room.do(place(room, 200 * DAY, "2026-119"), SUPERVISOR_ZHAO)
    room.do(ApproveHold(2), SUPERVISOR_QIAN)
    assert room.wait(150 * DAY) == (HoldExpired(1),)
    assert room.wait(60 * DAY)[:2] == (HoldExpired(2), PurgeOrdered(Medium.TEXT, room.now - 10 * DAY, 1))


def test_even_an_order_that_should_not_be_there_does_not_begin_under_a_hold() -> None:
    """The second lock: no story leads here, but what cannot be undone is asked about twice."""
    room = Room(KEPT)
    room.close()
    room.wait(90 * DAY)
    ordered = room.state.keeps
    held(room)
    room.state = msgspec.structs.replace(room.state, keeps=ordered)
    with pytest.raises(Refused, match="held"):
        DECIDER.decide(room.state, BeginPurge(Medium.TEXT), SYSTEM, room.now)


def test_a_hold_whose_time_is_over_is_neither_approved_nor_lifted_even_before_the_clock_says_so() -> None:
    room = Room(KEPT)
    room.do(place(room), SUPERVISOR_ZHAO)
    with pytest.raises(Refused, match="no_such_hold"):
        room.do(ApproveHold(1), SUPERVISOR_QIAN, after=PROPOSAL)
    room = Room(KEPT)
    held(room, 10 * DAY)
    with pytest.raises(Refused, match="no_such_hold"):
        room.do(LiftHold(1), SUPERVISOR_QIAN, after=10 * DAY)
