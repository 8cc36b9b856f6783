"""The end of the hours: who is out of danger keeps the place, danger stays; intake and surge end by themselves."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from kernel.decider import Elapse
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.closing import closing_after, ends_of
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from tests.queueing.domain.test_duty import enter, says
from tests.strategies import T0

LEAD = Actor(Role.SUPERVISOR, "su")
DAY = timedelta(days=1)
CLOSES = T0 + timedelta(hours=6)
HOURS = tuple(
    m.OpenInterval(T0 + n * DAY, CLOSES + n * DAY, CLOSES + n * DAY, medium) for n in (0, 1) for medium in Medium
)


def given(state: DeskState, now: datetime, *steps: tuple[Command, Actor]) -> DeskState:
    """Give commands at an instant."""
    for command, by in steps:
        state = DECIDER.fold(state, decide(state, command, by, now))
    return state


def waiting(*risks: RiskLevel) -> DeskState:
    """Contacts that wait, one per risk, while nobody is ready."""
    opened = (m.PublishHours(HOURS, "1"), SYSTEM)
    came = [(m.RequestTicket(f"c{n}", Medium.TEXT, risk, T0), SYSTEM) for n, risk in enumerate(risks, 1)]
    return given(DeskState(), T0, opened, *came)


@pytest.mark.promise("R7")
def test_at_the_hard_stop_danger_and_high_risk_stay_and_the_others_keep_their_place_for_tomorrow() -> None:
    state = waiting(*RiskLevel)
    assert DECIDER.due(state) == CLOSES
    state = given(state, CLOSES, (Elapse(), SYSTEM), enter("an"), says("an", m.ReadySeat(4)))
    assert {c for c, each in state.tickets.items() if each.not_before} == {"c1", "c2"}
    assert [c for c, each in state.tickets.items() if each.offers] == ["c4"]
    assert DECIDER.due(state) == CLOSES + timedelta(seconds=10)
    before = {c: each.order for c, each in state.tickets.items()}
    state = given(state, T0 + DAY, (Elapse(), SYSTEM))
    assert {c: each.order for c, each in state.tickets.items()} == before
    assert not any(each.not_before for each in state.tickets.values())


def test_who_is_to_be_called_back_need_not_stay_connected() -> None:
    away = (m.MarkTicketAway("c1"), SYSTEM)
    state = given(waiting(RiskLevel.ROUTINE), T0, (m.BookCallback("c1"), SYSTEM), away)
    state = given(state, T0 + timedelta(hours=1), (Elapse(), SYSTEM), enter("an"), says("an", m.ReadySeat(1)))
    assert [offer.counselor for offer in state.tickets["c1"].offers] == ["an"]


def test_somebody_put_off_who_is_in_more_danger_is_asked_for_at_once() -> None:
    state = given(waiting(RiskLevel.ROUTINE), CLOSES, (Elapse(), SYSTEM), enter("an"), says("an", m.ReadySeat(1)))
    assert not state.tickets["c1"].offers
    state = given(state, CLOSES, (m.RequestTicket("c1", Medium.TEXT, RiskLevel.HIGH, T0), SYSTEM))
    assert state.tickets["c1"].offers


def test_hours_that_go_on_without_a_gap_do_not_end() -> None:
    on = (*HOURS, m.OpenInterval(CLOSES, CLOSES + timedelta(hours=2), CLOSES, Medium.TEXT))
    assert closing_after(on, Medium.TEXT, T0) == CLOSES + timedelta(hours=2)
    assert closing_after(on, Medium.VOICE, T0) == CLOSES
    assert closing_after((), Medium.TEXT, T0) is None


def test_a_closed_intake_lets_danger_in_and_is_open_again_tomorrow() -> None:
    state = given(waiting(), T0, enter("su"), (m.SwitchIntake(False, "too many"), LEAD))
    assert state.intake_closed_until == CLOSES
    state = given(
        state,
        T0,
        (m.RequestTicket("c1", Medium.TEXT, RiskLevel.MODERATE, T0), SYSTEM),
        (m.RequestTicket("c2", Medium.TEXT, RiskLevel.IMMINENT, T0), SYSTEM),
    )
    assert list(state.tickets) == ["c2"]
    state = given(state, T0 + DAY, (m.RequestTicket("c3", Medium.TEXT, RiskLevel.ROUTINE, T0 + DAY), SYSTEM))
    assert "c3" in state.tickets
    opened = given(state, T0, (m.SwitchIntake(True), LEAD))
    assert opened.intake_closed_until is None


def test_a_surge_promises_routine_contacts_less_for_two_hours_and_nobody_else() -> None:
    def due(surge: bool, risk: RiskLevel, later: timedelta = timedelta()) -> timedelta:
        state = given(waiting(), T0, (m.SwitchSurge(surge), LEAD))
        came = T0 + later
        state = given(state, came, (m.RequestTicket("c1", Medium.TEXT, risk, came), SYSTEM))
        return state.tickets["c1"].due_at - came

    assert due(True, RiskLevel.ROUTINE) == timedelta(hours=2)
    assert due(True, RiskLevel.ROUTINE, timedelta(hours=2)) == timedelta(hours=1)
    assert due(True, RiskLevel.HIGH) == due(False, RiskLevel.HIGH) == timedelta(minutes=10)


@drawn(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12), st.sampled_from(Medium)), max_size=8))
def test_the_hours_end_at_a_minute_after_which_nothing_is_open_and_something_opens_later(
    spans: list[tuple[int, int, Medium]],
) -> None:
    """Painted minute by minute: an end is an open minute, then a closed one, and an opening at it or after it."""

    def at(minute: int) -> datetime:
        return T0 + timedelta(minutes=minute)

    hours = tuple(m.OpenInterval(at(begin), at(begin + long), at(begin + long), how) for begin, long, how in spans)
    for medium in Medium:
        own = [(begin, begin + long) for begin, long, how in spans if how is medium]
        painted = [any(begin <= minute < end for begin, end in own) for minute in range(60)]
        ends = [
            minute
            for minute in range(1, 60)
            if painted[minute - 1] and not painted[minute] and any(begin >= minute for begin, _ in own)
        ]
        assert ends_of(hours)[medium] == tuple(at(minute) for minute in ends)
