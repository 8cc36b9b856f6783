"""A day of a line: its figures and half hours, from the log alone."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Event
from queueing import messages as m
from queueing.domain.day import Day, most_waiting
from queueing.domain.metrics import FORMULAS
from queueing.domain.visits import Visit
from tests.queueing.simulation.test_rehearsal import rehearsed
from tests.strategies import T0


def at(minutes: float) -> datetime:
    """So many minutes after the first."""
    return T0 + timedelta(minutes=minutes)


def came(contact: str, minutes: float) -> tuple[datetime, Event]:
    """Somebody begins to wait."""
    return at(minutes), m.TicketIssued(contact, 1, Medium.TEXT, RiskLevel.ROUTINE, 1, at(minutes), at(minutes + 60))


def answered(contact: str, minutes: float) -> tuple[datetime, Event]:
    """Somebody is answered."""
    return at(minutes), m.OfferAccepted("o", contact, "an", "An", Role.COUNSELOR, 1)


def read(*rows: tuple[datetime, Event]) -> Day:
    """A day that begins at T0."""
    day = Day(T0)
    for now, event in rows:
        day.read(now, event)
    return day


def value(day: Day, formula: str, minutes: float) -> float | None:
    """One figure at a minute of the day."""
    (found,) = [each for each in day.figures(at(minutes)).figures if each.formula == formula]
    return found.value


SMALL = read(
    came("yesterday", -10), came("c1", 0), came("c2", 1), answered("c1", 2), answered("c2", 31),
    (at(32), m.OfferRung("o1", "c3", "an", at(32), at(33))), (at(33), m.OfferMissed("o1", "c3", "an", at(34))),
    came("c3", 40), (at(41), m.TicketWithdrawn("c3")), came("c4", 43),
)  # fmt: skip


def test_the_figures_of_a_small_day() -> None:
    assert value(SMALL, "SL.live.1", 45) == pytest.approx(1 / 3), "who has waited two minutes is not judged"
    assert value(SMALL, "SL.live.1", 60) == pytest.approx(1 / 4)
    assert value(SMALL, "SL.due.1", 45) == pytest.approx(2 / 3)
    assert value(SMALL, "ASA.answered.1", 45) == pytest.approx((2 + 30) / 2 * 60)
    assert (value(SMALL, "P50.answered.1", 45), value(SMALL, "P95.answered.1", 45)) == (120, 1800)
    assert value(SMALL, "AB.offered.1", 45) == 0.25
    assert value(SMALL, "RONA.rung.1", 45) == 1
    assert all(each.formula in FORMULAS for each in SMALL.figures(at(45)).figures)


def test_half_hours_say_who_came_and_how_many_waited_at_most() -> None:
    first, second = SMALL.figures(at(45)).half_hours
    assert (first.begins_at, first.offered, first.answered, first.left, first.waiting) == (T0, 2, 2, 0, 3)
    assert (second.offered, second.answered, second.left, second.waiting) == (2, 0, 1, 2)


def test_an_empty_day_has_no_figures_and_one_half_hour() -> None:
    found = Day(T0).figures(T0)
    assert {each.value for each in found.figures} == {None}
    assert [(half.offered, half.waiting, half.level) for half in found.half_hours] == [(0, 0, None)]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(1, 20))), max_size=12),
    st.integers(0, 30),
    st.integers(1, 20),
)
def test_the_most_who_waited_is_what_somebody_counting_every_minute_sees(
    waits: list[tuple[int, int | None]], begins: int, length: int
) -> None:
    known = [
        Visit(RiskLevel.ROUTINE, at(since), at(60), ((at(since), None if lasts is None else at(since + lasts)),))
        for since, lasts in waits
    ]
    seen = [
        sum(since <= minute and (lasts is None or minute < since + lasts) for since, lasts in waits)
        for minute in range(begins, begins + length)
    ]
    assert most_waiting(known, at(begins), at(begins + length)) == max(seen)


def test_a_day_read_in_pieces_is_the_day_read_whole() -> None:
    run = rehearsed(5, load=1.1, slots=12, days=1)
    since, end = run.log[0][0], run.log[-1][0]
    whole, pieces = Day(since), Day(since)
    for number, (now, event) in enumerate(run.log):
        whole.read(now, event)
        pieces.read(now, event)
        if number % 97 == 0:
            pieces.figures(now)
    one, other = whole.figures(end), pieces.figures(end)
    assert [each.formula for each in one.figures] == [each.formula for each in other.figures]
    for each, also in zip(one.figures, other.figures, strict=True):
        assert each.value == pytest.approx(also.value)
    assert one.half_hours == other.half_hours
