"""The line's order: danger first, then the promised moment, then the number; the key never moves back."""

from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Medium, RiskLevel
from queueing.domain.order import Ticket, TicketPhase, due_of, in_order, soonest_first, tier_of
from queueing.policy import DeskPolicy
from tests.strategies import T0, risks

PROMISED_MIN = {RiskLevel.IMMINENT: 0, RiskLevel.HIGH: 10, RiskLevel.MODERATE: 30, RiskLevel.ROUTINE: 60}


def ticket(number: int, risk: RiskLevel = RiskLevel.ROUTINE, came: datetime = T0) -> Ticket:
    """A ticket as the desk issues it."""
    due_at = due_of(came, risk, DeskPolicy())
    return Ticket(f"c{number}", number, Medium.TEXT, risk, tier_of(risk), came, due_at)


@pytest.mark.parametrize("risk", list(RiskLevel))
def test_the_promised_moment_is_the_published_target_after_connecting(risk: RiskLevel) -> None:
    assert due_of(T0, risk, DeskPolicy()) == T0 + timedelta(minutes=PROMISED_MIN[risk])
    assert tier_of(risk) == (0 if risk is RiskLevel.IMMINENT else 1)


@pytest.mark.promise("R4")
@given(st.lists(st.tuples(risks, st.integers(0, 7200)), max_size=12))
def test_no_one_stands_behind_somebody_less_urgent(crowd: list[tuple[RiskLevel, int]]) -> None:
    """Compared pair by pair, in words of its own: danger, then promise, then who was first."""
    came = sorted(crowd, key=lambda each: each[1])
    tickets = [ticket(n, risk, T0 + timedelta(seconds=at)) for n, (risk, at) in enumerate(came, start=1)]
    line = in_order(reversed(tickets))
    assert list(soonest_first(reversed(tickets))) == line
    assert sorted(each.number for each in line) == [each.number for each in tickets]
    for ahead, behind in pairwise(line):
        danger = (ahead.risk is RiskLevel.IMMINENT, behind.risk is RiskLevel.IMMINENT)
        if danger[0] is not danger[1]:
            assert danger[0]
            continue
        promised = [each.arrived_at + timedelta(minutes=PROMISED_MIN[each.risk]) for each in (ahead, behind)]
        assert promised[0] < promised[1] or (promised[0] == promised[1] and ahead.number < behind.number)


@pytest.mark.promise("R4")
@given(first=risks, later=risks, waited_s=st.integers(0, 7200))
def test_after_their_own_target_less_the_shortest_nobody_who_comes_can_pass(
    first: RiskLevel, later: RiskLevel, waited_s: int
) -> None:
    """Danger aside: the bound is 50 min for routine, 20 for moderate, 0 for high."""
    if RiskLevel.IMMINENT in (first, later) or waited_s <= (PROMISED_MIN[first] - 10) * 60:
        return
    newcomer = ticket(2, later, T0 + timedelta(seconds=waited_s))
    assert in_order([newcomer, ticket(1, first)])[0].number == 1


def test_only_those_who_wait_stand_in_line_and_away_is_not_asked_unless_in_danger() -> None:
    waiting = ticket(1)
    held = msgspec.structs.replace(ticket(2), phase=TicketPhase.ACTIVE, owner="chen")
    stranded = msgspec.structs.replace(ticket(3, RiskLevel.IMMINENT), phase=TicketPhase.STRANDED, away_since=T0)
    away = msgspec.structs.replace(ticket(4), away_since=T0)
    assert [each.number for each in in_order([waiting, held, stranded, away])] == [3, 1, 4]
    assert [each.number for each in soonest_first([waiting, held, stranded, away])] == [3, 1, 4]
    assert [each.may_ring for each in (waiting, held, stranded, away)] == [True, False, True, False]
