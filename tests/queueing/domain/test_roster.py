"""The roster against the hours: gaps as an oracle of minutes sees them, shifts that touch, the last offer."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.outlook import Planned
from queueing.domain.roster import gaps, joined, last_offer_at, shift_of
from queueing.messages.shifts import CoverageNoted, NoteCoverage, Uncovered
from tests.queueing.domain.test_outlook import comes, desk, sits
from tests.strategies import T0

MINUTES = 120
minutes = st.integers(0, MINUTES)
spans = st.tuples(minutes, minutes).map(sorted).filter(lambda pair: pair[0] < pair[1])


def at(minute: int) -> datetime:
    """So many minutes after the beginning."""
    return T0 + timedelta(minutes=minute)


def planned(name: str, begins: int, ends: int) -> Planned:
    """A shift in minutes."""
    return Planned(name, at(begins), at(ends))


@given(
    hours=st.lists(spans, max_size=3),
    shifts=st.lists(st.tuples(st.sampled_from(["an", "bo"]), spans), max_size=6),
    need=st.integers(0, 3),
)
@settings(max_examples=200, deadline=None)
def test_a_gap_is_every_published_minute_with_too_few_people(
    hours: list[list[int]], shifts: list[tuple[str, list[int]]], need: int
) -> None:
    published = [m.OpenInterval(at(a), at(b), at(b), Medium.TEXT) for a, b in hours]
    roster = [planned(name, a, b) for name, (a, b) in shifts]
    found = gaps(published, roster, need, at(0), at(MINUTES))
    for minute in range(MINUTES):
        is_open = any(a <= minute < b for a, b in hours)
        people = {name for name, (a, b) in shifts if a <= minute < b}
        short = is_open and len(people) < need
        here = [gap for gap in found if gap.begins_at <= at(minute) < gap.ends_at]
        assert bool(here) is short, minute
        assert not here or here[0].have == len(people)
    assert all(one.ends_at <= two.begins_at for one, two in pairwise(found))


def test_only_the_asked_for_time_is_looked_at() -> None:
    published = [m.OpenInterval(at(0), at(100), at(100), Medium.TEXT)]
    (gap,) = gaps(published, (), 1, at(30), at(60))
    assert (gap.begins_at, gap.ends_at, gap.have, gap.need) == (at(30), at(60), 0, 1)


def test_shifts_that_touch_are_one_and_between_shifts_there_is_none() -> None:
    roster = (planned("an", 0, 10), planned("an", 10, 20), planned("an", 40, 50), planned("bo", 0, 50))
    assert shift_of(roster, "an", at(5)) == planned("an", 0, 20)
    assert shift_of(roster, "an", at(20)) is None
    assert shift_of(roster, "ce", at(5)) is None
    assert joined([(at(5), at(5)), (at(1), at(3)), (at(2), at(4))]) == [(at(1), at(4))]


def test_nothing_new_is_offered_near_the_end_and_a_short_shift_keeps_its_first_half() -> None:
    assert last_offer_at(planned("an", 0, 120), timedelta(minutes=40)) == at(80)
    assert last_offer_at(planned("an", 0, 60), timedelta(minutes=40)) == at(30)


def test_near_the_end_of_a_shift_only_danger_rings_and_whoever_says_ready_after_it_stays_of_their_own_accord() -> None:
    state = desk(*sits("chen"))
    state = DECIDER.fold(state, decide(state, m.SetShift("chen", T0, at(60)), SYSTEM, T0))
    assert decide(state, m.SetShift("chen", T0, at(60)), SYSTEM, T0) == (), "told once"
    calm = DECIDER.fold(state, decide(state, comes("a")[0], SYSTEM, at(1)))
    assert not calm.tickets["a"].offers
    chen = Actor(Role.COUNSELOR, "chen")
    agreed = DECIDER.fold(state, decide(state, m.ReadySeat(2, burst=True), chen, at(1)))
    danger = DECIDER.fold(agreed, decide(agreed, comes("b", RiskLevel.IMMINENT)[0], SYSTEM, at(2)))
    assert danger.tickets["b"].offers
    stays = DECIDER.fold(calm, decide(calm, m.ReadySeat(2), chen, at(61)))
    assert stays.tickets["a"].offers


def test_the_desk_is_told_of_gaps_once() -> None:
    found = (Uncovered(at(0), at(30), 0, 1),)
    state = desk()
    events = decide(state, NoteCoverage(found), SYSTEM, T0)
    assert events == (CoverageNoted(found),)
    state = DECIDER.fold(state, events)
    assert state.uncovered == found
    assert decide(state, NoteCoverage(found), SYSTEM, T0) == ()
