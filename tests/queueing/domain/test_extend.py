"""Longer hours for today: bounded, with a reason, and harmless when asked for twice."""

from datetime import date, timedelta

import pytest

from kernel.errors import Refused
from kernel.terms import Medium
from queueing.domain.extend import extended
from queueing.domain.hours import gate
from queueing.domain.schedule import WEEKDAYS, Reason, Schedule, WeeklyRule, Window
from tests.strategies import T0

UNTIL = T0 + timedelta(hours=3)
WHY = Reason("来访较多", "Many visitors")
DAILY = Schedule(rules=(WeeklyRule(days=WEEKDAYS, windows=(Window(600, 900),), valid_from=date(2026, 1, 1)),))
"""Ten to three; T0 is half past two."""


@pytest.mark.promise("R7")
def test_the_line_is_open_until_then_without_a_gap() -> None:
    after = extended(DAILY, UNTIL, WHY, T0)
    for medium in Medium:
        now = gate(after, {}, medium, T0)
        assert (now.is_open, now.closes_at) == (True, UNTIL)
    assert gate(DAILY, {}, Medium.TEXT, T0).closes_at == T0 + timedelta(minutes=30)


def test_asked_again_nothing_more_happens() -> None:
    after = extended(DAILY, UNTIL, WHY, T0)
    assert extended(after, UNTIL, WHY, T0 + timedelta(seconds=5)) == after
    assert len(extended(after, UNTIL + timedelta(minutes=30), WHY, T0).extensions) == 2


@pytest.mark.parametrize(
    ("hours", "why", "code"), [(3, " ", "no_reason"), (0, "x", "in_the_past"), (7, "x", "too_far")]
)
def test_what_is_no_extension_is_refused(hours: int, why: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        extended(DAILY, T0 + timedelta(hours=hours), Reason(why, why), T0)
