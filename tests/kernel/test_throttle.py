"""Buckets slow a flood and never lock anybody out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kernel.throttle import Bucket

T0 = datetime(2026, 3, 10, tzinfo=UTC)


@given(
    size=st.integers(1, 50),
    per_s=st.integers(1, 20),
    steps=st.lists(st.integers(-5000, 5000), max_size=60),
)
def test_never_more_than_the_burst_and_what_time_brought(size: int, per_s: int, steps: list[int]) -> None:
    """Also with a clock that jumps back, which brings nothing."""
    bucket, now, taken, passed_ms = Bucket.full(size, per_s, T0), T0, 0, 0
    for step in steps:
        now += timedelta(milliseconds=step)
        passed_ms += max(0, step)
        bucket, enough = bucket.take(now)
        taken += enough
        assert 0 <= bucket.tokens <= size
        assert taken <= size + per_s * passed_ms / 1000 + 1e-6


@given(size=st.integers(1, 50), per_s=st.integers(1, 20))
def test_whoever_waits_as_long_as_told_is_let_through(size: int, per_s: int) -> None:
    bucket, now, enough = Bucket.full(size, per_s, T0), T0, True
    while enough:
        bucket, enough = bucket.take(now)
    bucket, enough = bucket.take(now + timedelta(milliseconds=bucket.wait_ms()))
    assert enough
