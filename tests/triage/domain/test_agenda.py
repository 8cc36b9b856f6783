"""A station's agenda: no place is given twice, whatever is asked in whatever order; slots follow the weekly rule."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Command
from tests.personas import XIAO_LI
from tests.strategies import T0
from triage.domain.agenda import DECIDER, AgendaState, WeeklyVisits, decide, slots
from triage.messages.agenda import (
    FreePlace,
    HoldPlace,
    PlaceHeld,
    PlaceLost,
    PlaceRefused,
    PublishSlots,
    ReportVisit,
    Slot,
    VisitReported,
)

STATION = Actor(Role.REFERRAL_PARTNER, "near")
THURSDAY = T0 + timedelta(days=2)
LATER = THURSDAY + timedelta(hours=1)
TWO = (Slot(THURSDAY, 50, 2), Slot(LATER, 50, 1))


def after(*commands: Command, by: Actor = SYSTEM, now: datetime = T0) -> AgendaState:
    """The agenda after some commands."""
    state = AgendaState()
    for command in commands:
        state = DECIDER.fold(state, decide(state, command, by, now))
    return state


WHEN = st.sampled_from([THURSDAY, LATER, T0])


@given(
    asked=st.lists(st.tuples(st.sampled_from("abcdefg"), WHEN, st.sampled_from(["hold", "hold", "free"])), max_size=40),
    places=st.integers(1, 3),
)
def test_no_place_is_given_twice_and_none_stays_empty_while_somebody_is_refused(
    asked: list[tuple[str, datetime, str]], places: int
) -> None:
    """The oracle is a plain list of names per time."""
    state = after(PublishSlots((Slot(THURSDAY, 50, places), Slot(LATER, 50, 1))))
    inside: dict[datetime, list[str]] = {THURSDAY: [], LATER: []}
    room = {THURSDAY: places, LATER: 1}
    for contact, at, what in asked:
        command: Command = HoldPlace(contact, at) if what == "hold" else FreePlace(contact, at)
        events = decide(state, command, SYSTEM, T0)
        state = DECIDER.fold(state, events)
        here = inside.get(at, [])
        if what == "free":
            if contact in here:
                here.remove(contact)
        elif contact not in here:
            (said,) = events
            if at in room and len(here) < room[at]:
                assert isinstance(said, PlaceHeld)
                here.append(contact)
            else:
                assert isinstance(said, PlaceRefused)
        else:
            assert events == ()
        numbers = [(each.starts_at, each.place) for each in state.held]
        assert len(numbers) == len(set(numbers))
        assert sorted((each.starts_at, each.contact) for each in state.held) == sorted(
            (time_, name) for time_, names in inside.items() for name in names
        )
        assert all(1 <= number <= room[at_] for at_, number in numbers)


def test_slots_are_the_weekly_rule_s_within_hours_and_never_on_a_closed_day() -> None:
    rule = WeeklyVisits((2, 4), time(14), time(17), 50, 1)
    first = date(2026, 3, 9)  # a Monday
    found = slots(rule, first, 7, closed={date(2026, 3, 12)})
    beijing = [each.starts_at.astimezone(ZoneInfo("Asia/Shanghai")) for each in found]
    assert [(at.isoweekday(), at.strftime("%H:%M")) for at in beijing] == [(2, "14:00"), (2, "14:50"), (2, "15:40")]
    assert slots(rule, first, 0) == ()


def test_a_slot_that_is_taken_back_is_told_to_whoever_held_it_and_the_past_stays() -> None:
    state = after(PublishSlots(TWO), HoldPlace("a", THURSDAY), HoldPlace("b", LATER))
    assert decide(state, PublishSlots(TWO), SYSTEM, T0) == ()
    lost = decide(state, PublishSlots(TWO[:1]), SYSTEM, T0)
    assert [each for each in lost if isinstance(each, PlaceLost)] == [PlaceLost("b", LATER)]
    gone_by = decide(state, PublishSlots(()), SYSTEM, LATER + timedelta(minutes=1))
    assert not [each for each in gone_by if isinstance(each, PlaceLost)]


def test_the_station_says_who_came_once_the_time_has_come() -> None:
    state = after(PublishSlots(TWO), HoldPlace("a", THURSDAY))
    with pytest.raises(Refused, match="too_early"):
        decide(state, ReportVisit(THURSDAY, 1, came=True), STATION, T0)
    with pytest.raises(Refused, match="no_appointment"):
        decide(state, ReportVisit(THURSDAY, 2, came=True), STATION, LATER)
    assert decide(state, ReportVisit(THURSDAY, 1, came=True), STATION, LATER) == (VisitReported("a", THURSDAY, True),)
    told = DECIDER.fold(state, (VisitReported("a", THURSDAY, True),))
    assert decide(told, ReportVisit(THURSDAY, 1, came=True), STATION, LATER) == ()
    assert DECIDER.due(told) is None


def test_nobody_but_the_house_and_the_station_speaks_to_an_agenda() -> None:
    for command in (PublishSlots(TWO), HoldPlace("a", THURSDAY), ReportVisit(THURSDAY, 1, came=True)):
        with pytest.raises(NotPermitted):
            decide(AgendaState(), command, XIAO_LI, T0)


def test_whoever_asks_where_there_is_no_agenda_is_told_so() -> None:
    assert decide(AgendaState(), HoldPlace("a", THURSDAY), SYSTEM, T0) == (PlaceRefused("a", THURSDAY),)
