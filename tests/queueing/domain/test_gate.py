"""The gate is open exactly in the published hours; danger is let in while anybody is there."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Medium, RiskLevel, Role
from queueing.domain.gate import answer, published
from queueing.domain.seat import Seat, SeatState
from queueing.messages import OpenInterval
from tests.strategies import T0, media, risks

HOUR = timedelta(hours=1)
DAY = [
    OpenInterval(T0 + start * HOUR, T0 + end * HOUR, T0 + (end - 0.5) * HOUR, medium)
    for medium, start, end in ((Medium.TEXT, 0, 3), (Medium.TEXT, 5, 8), (Medium.VOICE, 1, 2))
]
SEATS = {
    None: [],
    "off": [Seat("chen", "x", Role.COUNSELOR, SeatState.OFF, owed=("c9",))],
    "lost": [Seat("chen", "x", Role.COUNSELOR, SeatState.READY, lost_at=T0)],
    "entered": [Seat("chen", "x", Role.COUNSELOR)],
    "ready": [Seat("chen", "x", Role.COUNSELOR, SeatState.READY)],
}


@pytest.mark.promise("R7")
@given(risk=risks, medium=media, minute=st.integers(-120, 600), who=st.sampled_from(list(SEATS)))
def test_every_minute_the_gate_says_what_is_published(
    risk: RiskLevel, medium: Medium, minute: int, who: str | None
) -> None:
    """The oracle counts in minutes."""
    said, opens_at = answer(DAY, SEATS[who], medium, risk, T0 + timedelta(minutes=minute))
    windows = [(0, 180), (300, 480)] if medium is Medium.TEXT else [(60, 120)]
    inside = [(start, end) for start, end in windows if start <= minute < end]
    admitted = bool(inside) and minute < inside[0][1] - 30
    if admitted:
        assert (said, opens_at) == ("admit", None)
        return
    if risk in (RiskLevel.HIGH, RiskLevel.IMMINENT):
        expected = "admit" if who in ("entered", "ready") else "nobody_on_duty"
    else:
        expected = "last_admission" if inside else "closed"
    assert said == expected
    if said != "admit":
        coming = [start for start, _ in windows if start > minute]
        assert opens_at == (T0 + timedelta(minutes=min(coming)) if coming else None)


def test_a_line_that_publishes_nothing_is_closed_and_does_not_say_when_it_opens() -> None:
    assert answer([], [], Medium.TEXT, RiskLevel.ROUTINE, T0) == ("closed", None)
    assert answer([], SEATS["ready"], Medium.TEXT, RiskLevel.IMMINENT, T0) == ("admit", None)


def test_a_medium_is_published_for_its_own_hours_to_the_last_minute_and_for_no_other() -> None:
    hour = timedelta(hours=1)
    voice = OpenInterval(T0, T0 + 2 * hour, T0 + hour, Medium.VOICE)
    for at, open_ in ((T0 - hour / 60, False), (T0, True), (T0 + 2 * hour - hour / 60, True), (T0 + 2 * hour, False)):
        assert published([voice], Medium.VOICE, at) is open_
        assert not published([voice], Medium.TEXT, at)
