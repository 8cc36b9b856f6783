"""Kept to the floor, never beyond the ceiling; sealed before the floor when erasure is asked, destroyed after it."""

from datetime import timedelta

import pytest

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Medium, Role
from recordings_policy.domain.retention import UNRULED
from recordings_policy.messages import (
    ApplyPolicy,
    BeginPurge,
    CloseRecord,
    ConfirmPurge,
    ErasureRequested,
    OpenRecord,
    PolicyApplied,
    PurgeBegun,
    PurgeCompleted,
    PurgeOrdered,
    RecordClosed,
    RequestErasure,
    SealOrdered,
    Span,
    WithdrawConsent,
)
from recordings_policy.policy import Purpose
from tests.recordings_policy.people import (
    COUNSELOR_CHEN,
    DAY,
    HASH,
    OLD_HASH,
    SUPERVISOR_ZHAO,
    T0,
    WORKER_LI,
    Room,
    policy,
    roundtrip,
    rule,
)

TEXT = rule(3, given=policy(Medium.TEXT))
VOICE = rule(4, given=policy(retention_floor_days=5, retention_ceiling_days=20))


def orders(events: tuple[object, ...]) -> list[PurgeOrdered]:
    """Pick the orders."""
    return [event for event in events if isinstance(event, PurgeOrdered)]


def test_a_closed_contact_is_kept_to_its_ceiling_and_says_so() -> None:
    room = Room(TEXT)
    (closed,) = room.close()
    assert closed == RecordClosed(T0, (Span(Medium.TEXT, T0 + 30 * DAY, T0 + 90 * DAY, T0 + 90 * DAY, 3),))
    assert room.wait(90 * DAY - timedelta(seconds=1)) == ()
    assert room.wait(timedelta(seconds=1)) == (PurgeOrdered(Medium.TEXT, T0 + 90 * DAY, 1),)


def test_each_medium_has_its_own_end_and_the_last_one_ends_the_record() -> None:
    room = Room(TEXT, VOICE)
    room.record_something()
    room.close()
    assert [o.medium for o in orders(room.wait(20 * DAY))] == [Medium.VOICE]
    room.do(BeginPurge(Medium.VOICE))
    room.do(ConfirmPurge(Medium.VOICE, HASH))
    assert not room.state.gone
    assert [o.medium for o in orders(room.wait(70 * DAY))] == [Medium.TEXT]
    assert room.do(BeginPurge(Medium.TEXT)) == (PurgeBegun(Medium.TEXT),)
    assert room.do(ConfirmPurge(Medium.TEXT, OLD_HASH)) == (PurgeCompleted(Medium.TEXT, OLD_HASH),)
    assert room.state.gone


def test_a_contact_that_was_never_recorded_keeps_no_voice() -> None:
    room = Room(TEXT, VOICE)
    (closed,) = room.close()
    assert isinstance(closed, RecordClosed)
    assert [span.medium for span in closed.spans] == [Medium.TEXT]


def test_without_a_policy_it_is_kept_thirty_days() -> None:
    room = Room()
    (closed,) = room.close()
    assert isinstance(closed, RecordClosed)
    assert closed.purge_at == T0 + UNRULED == T0 + 30 * DAY


def test_where_nothing_is_to_be_recorded_it_is_kept_to_the_floor_only() -> None:
    room = Room(rule(given=policy(Medium.TEXT, record=False)))
    (closed,) = room.close()
    assert isinstance(closed, RecordClosed)
    assert closed.purge_at == T0 + 30 * DAY


def test_closing_counts_from_the_contacts_end_and_never_from_the_future() -> None:
    early, late = Room(TEXT), Room(TEXT)
    early.do(CloseRecord(T0 - DAY))
    late.do(CloseRecord(T0 + 9 * DAY))
    assert (early.state.closed_at, late.state.closed_at) == (T0 - DAY, T0)
    assert early.do(CloseRecord(T0)) == ()


def test_erasure_before_the_floor_seals_now_and_destroys_at_the_floor() -> None:
    room = Room(TEXT)
    room.close()
    room.wait(10 * DAY)
    planned = (Span(Medium.TEXT, T0 + 30 * DAY, T0 + 90 * DAY, T0 + 30 * DAY, 3),)
    assert room.do(RequestErasure(), WORKER_LI) == (ErasureRequested(room.now, planned), SealOrdered())
    assert room.wait(20 * DAY - timedelta(seconds=1)) == ()
    assert orders(room.wait(timedelta(seconds=1)))


def test_erasure_after_the_floor_destroys_at_once() -> None:
    room = Room(TEXT)
    room.close()
    room.wait(40 * DAY)
    room.do(RequestErasure(), WORKER_LI)
    assert orders(room.wait(timedelta(0)))


def test_erasure_asked_during_the_talk_waits_for_its_end_and_never_interrupts() -> None:
    room = Room(TEXT)
    assert room.do(RequestErasure(), WORKER_LI) == (ErasureRequested(T0),)
    room.wait(DAY)
    closed, sealed = room.close()
    assert isinstance(closed, RecordClosed)
    assert isinstance(sealed, SealOrdered)
    assert closed.purge_at == room.now + 30 * DAY


def test_asking_for_erasure_twice_is_asking_once() -> None:
    room = Room(TEXT)
    room.do(RequestErasure(), WORKER_LI)
    assert room.do(RequestErasure(), WORKER_LI, after=DAY) == ()


def test_an_order_is_repeated_with_growing_pauses_until_the_receipt_comes() -> None:
    room = Room(TEXT)
    room.close()
    first = room.wait(90 * DAY)
    pauses, last = [], room.now
    for order in orders(room.wait(5 * DAY)):
        pauses.append((order.at - last) / timedelta(minutes=1))
        last = order.at
    assert orders(first)[0].attempt == 1
    assert pauses[:8] == [10, 20, 40, 80, 160, 320, 640, 1280]
    assert set(pauses[8:]) == {1440}
    room.do(BeginPurge(Medium.TEXT))
    room.do(ConfirmPurge(Medium.TEXT, HASH))
    assert room.wait(9 * DAY) == ()


def test_nothing_is_confirmed_that_was_not_begun_nor_begun_that_was_not_ordered() -> None:
    room = Room(TEXT)
    with pytest.raises(Refused, match="not_ordered"):
        room.do(BeginPurge(Medium.TEXT))
    room.close()
    with pytest.raises(Refused, match="not_ordered"):
        room.do(BeginPurge(Medium.TEXT))
    room.wait(90 * DAY)
    with pytest.raises(Refused, match="not_begun"):
        room.do(ConfirmPurge(Medium.TEXT, HASH))
    with pytest.raises(Refused, match="not_ordered"):
        room.do(BeginPurge(Medium.VOICE))


def test_after_the_end_facts_are_ignored_and_wishes_refused() -> None:
    room = Room(TEXT)
    room.close()
    room.wait(90 * DAY)
    room.do(BeginPurge(Medium.TEXT))
    room.do(ConfirmPurge(Medium.TEXT, HASH))
    for fact in (OpenRecord("main"), ApplyPolicy(()), CloseRecord(T0), ConfirmPurge(Medium.TEXT, OLD_HASH)):
        assert room.do(fact) == ()
    for wish in (RequestErasure(), WithdrawConsent(Purpose.STORAGE)):
        with pytest.raises(Refused, match="erased"):
            room.do(wish, WORKER_LI)


def test_a_later_policy_shortens_what_is_kept_but_lengthens_it_only_to_its_floor() -> None:
    room = Room(TEXT)
    room.close()
    (applied,) = room.do(ApplyPolicy((rule(5, given=policy(Medium.TEXT, retention_ceiling_days=60)),)))
    assert isinstance(applied, PolicyApplied)
    assert applied.spans[0].purge_at == T0 + 60 * DAY
    (applied,) = room.do(ApplyPolicy((rule(6, given=policy(Medium.TEXT, retention_ceiling_days=900)),)))
    assert isinstance(applied, PolicyApplied)
    assert applied.spans[0].purge_at == T0 + 60 * DAY
    longer = policy(Medium.TEXT, retention_floor_days=70, retention_ceiling_days=900)
    (applied,) = room.do(ApplyPolicy((rule(7, given=longer),)))
    assert isinstance(applied, PolicyApplied)
    assert applied.spans[0].purge_at == T0 + 70 * DAY
    room.do(ApplyPolicy((rule(8, given=policy(Medium.TEXT, retention_ceiling_days=900)),)))
    assert room.state.keeps[0].span.purge_at == T0 + 60 * DAY, "an old floor must not outlive its policy"


def test_a_policy_that_vanishes_leaves_the_plan_as_it_stands() -> None:
    room = Room(TEXT)
    room.close()
    before = room.state.keeps
    room.do(ApplyPolicy(()))
    assert room.state.keeps == before


def test_a_policy_that_is_known_late_takes_the_place_of_the_thirty_days() -> None:
    room = Room()
    room.close()
    room.do(ApplyPolicy((TEXT,)))
    assert room.state.keeps[0].span.purge_at == T0 + 90 * DAY


def test_a_policy_of_another_line_is_refused() -> None:
    with pytest.raises(Refused, match="other_line"):
        Room(TEXT).do(ApplyPolicy((rule(given=policy(line="night")),)))


def test_destruction_that_has_begun_is_not_planned_anew() -> None:
    room = Room(TEXT)
    room.close()
    room.wait(90 * DAY)
    room.do(BeginPurge(Medium.TEXT))
    room.do(ApplyPolicy((rule(9, given=policy(Medium.TEXT, retention_floor_days=80)),)))
    room.do(ConfirmPurge(Medium.TEXT, HASH))
    assert room.state.gone


@pytest.mark.parametrize("who", [COUNSELOR_CHEN, SUPERVISOR_ZHAO, Actor(Role.ADMINISTRATOR, "sun")])
def test_only_the_visitor_asks_for_erasure(who: Actor) -> None:
    with pytest.raises(NotPermitted):
        Room(TEXT).do(RequestErasure(), who)


def test_the_snapshot_survives_its_json() -> None:
    room = Room(TEXT, VOICE)
    room.record_something()
    room.close()
    room.do(RequestErasure(), WORKER_LI)
    assert roundtrip(room.state) == room.state
