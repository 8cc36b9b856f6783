"""The plan of keeping and the preview of a change, against arithmetic of their own (R6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Medium, Role
from recordings_policy.domain.retention import Closing, Terms, plan, preview
from recordings_policy.messages import ApplyPolicy, CloseRecord
from recordings_policy.policy import Purpose, faults
from tests.recordings_policy.people import DAY, T0, Room, policy, promise, rule

NUMBERS = st.integers(0, 400)


@given(floor=NUMBERS, extra=NUMBERS, asked=st.none() | NUMBERS, record=st.booleans())
def test_destruction_lies_between_floor_and_ceiling_or_as_soon_as_erasure_allows(
    floor: int, extra: int, asked: int | None, record: bool
) -> None:
    kept = policy(record=record, retention_floor_days=floor, retention_ceiling_days=floor + extra)
    erase_at = None if asked is None else T0 + asked * DAY
    span = plan(Terms.read(kept, 1), Medium.VOICE, T0, erase_at)
    last = floor + extra if record else floor
    wanted = last if asked is None else min(last, max(floor, asked))
    assert (span.floor_at - T0, span.purge_at - T0) == (floor * DAY, wanted * DAY)


@given(
    closings=st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=12),
    old=st.none() | st.integers(0, 100),
    new=st.tuples(st.integers(0, 100), st.integers(0, 100)),
)
def test_the_preview_counts_what_a_record_would_really_do(
    closings: list[tuple[int, bool]], old: int | None, new: tuple[int, int]
) -> None:
    """Oracle: each closed record is run, before and after the change, through the real decider."""
    now = T0 + 200 * DAY
    before = None if old is None else policy(Medium.TEXT, retention_floor_days=0, retention_ceiling_days=old)
    after = policy(Medium.TEXT, retention_floor_days=min(new), retention_ceiling_days=max(new))
    gone = held = sooner = later = 0
    for age, on_hold in closings:
        room = Room(*([rule(1, given=before)] if before else []))
        room.now = now
        room.do(CloseRecord(now - age * DAY))
        first = room.state.keeps[0].span.purge_at
        room.do(ApplyPolicy((rule(2, given=after),)))
        second = room.state.keeps[0].span.purge_at
        ends_now = second <= now < first
        gone, held = gone + ends_now, held + (ends_now and on_hold)
        sooner, later = sooner + (second < first and not ends_now), later + (second > first)
    told = preview([Closing(now - age * DAY, on_hold) for age, on_hold in closings], before, after, now)
    assert (told.total, told.purged_now, told.held) == (len(closings), gone, held)
    assert (told.sooner, told.later) == (sooner, later)
    assert told.unchanged == len(closings) - gone - sooner - later


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"retention_floor_days": -1}, "floor_negative"),
        ({"retention_floor_days": 91}, "floor_above_ceiling"),
        ({"retention_ceiling_days": 10_981}, "ceiling_too_long"),
        ({"who_may_consent": ()}, "nobody_may_consent"),
        ({"who_may_consent": (Role.ADMINISTRATOR,)}, "consent_by_whom"),
        ({"purposes": ()}, "recording_not_a_purpose"),
        ({"purposes": (Purpose.RECORDING, Purpose.TRAINING)}, "promise_missing"),
        ({"promises": (promise(), promise())}, "promise_twice"),
    ],
)
def test_a_policy_that_makes_no_sense_is_named(changes: dict[str, object], code: str) -> None:
    assert faults(policy()) == ()
    assert faults(policy(**changes)) == (code,)  # type: ignore[arg-type]  # any field may be wrong
