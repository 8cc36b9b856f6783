"""The forecast stands near the floor that chance itself sets, and says how near."""

from datetime import date, timedelta
from math import exp, factorial, pi, sin
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.domain.forecast import (
    DayCounts,
    forecast_day,
    intraday_factor,
    poisson_deviation,
    poisson_floor,
    wape,
)

START = date(2026, 1, 5)
WEEKDAY = (1.1, 1.0, 0.95, 0.95, 1.0, 0.9, 1.1)


def true_rates(day: date, level: float = 110) -> list[float]:
    """A made-up line open 10:00-24:00, its evening peak later at weekends; sums to about `level`."""
    shift = 2 if day.weekday() > 4 else 0
    shape = [0.0] * 20 + [1 + 0.8 * sin(pi * (slot - shift) / 28) ** 2 + slot / 40 for slot in range(28)]
    return [level * WEEKDAY[day.weekday()] * s / sum(shape) for s in shape]


def poisson(rng: Random, mean: float) -> int:
    """A Poisson draw by the product of uniforms."""
    limit, count, product = exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def traffic(weeks: int, seed: int, growth: float = 0.0) -> list[DayCounts]:
    """Days of Poisson traffic; growth per week."""
    rng = Random(seed)
    days = [START + timedelta(days=n) for n in range(7 * weeks)]
    return [
        DayCounts(day, tuple(poisson(rng, r * (1 + growth) ** (n / 7)) for r in true_rates(day)))
        for n, day in enumerate(days)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_110_contacts_a_day_the_error_is_within_115_percent_of_the_poisson_floor(seed: int) -> None:
    history = traffic(26, seed)
    actual: list[float] = []
    predicted: list[float] = []
    rates: list[float] = []
    for today in history[12 * 7 :]:
        actual += today.counts
        predicted += forecast_day(history, today.day)
        rates += true_rates(today.day)
    assert wape(actual, predicted) <= 1.15 * poisson_floor(rates)


def test_growth_is_followed() -> None:
    history = traffic(26, 7, growth=0.03)
    last = history[-7:]
    expected = sum(sum(forecast_day(history, day.day)) for day in last)
    assert expected == pytest.approx(sum(day.total for day in last), rel=0.08)


def test_only_the_past_is_read() -> None:
    history = traffic(12, 5)
    day = history[70].day
    assert forecast_day(history, day) == forecast_day(history[:70], day)
    assert forecast_day(history[1:3], day) == ()


def test_a_day_on_which_the_line_was_down_does_not_lower_the_next_week() -> None:
    history = traffic(12, 5)
    broken = [DayCounts(d.day, (0,) * 48) if d is history[-7] else d for d in history]
    day = START + timedelta(weeks=12)
    assert sum(forecast_day(broken, day)) >= 0.85 * sum(forecast_day(history, day))


def test_a_special_day_follows_its_weekday_until_three_of_its_kind_are_known() -> None:
    history = traffic(20, 11)

    def marked(numbers: list[int]) -> list[DayCounts]:
        half = {n: DayCounts(history[n].day, tuple(c // 2 for c in history[n].counts), "holiday") for n in numbers}
        return [half.get(n, d) for n, d in enumerate(history)]

    day = START + timedelta(weeks=20)
    few, known = marked([60, 80]), marked([60, 80, 100, 110])
    assert sum(forecast_day(few, day, "holiday")) == pytest.approx(sum(forecast_day(few, day)))
    assert 0.45 < sum(forecast_day(known, day, "holiday")) / sum(forecast_day(known, day)) < 0.7


def test_a_surge_today_raises_the_rest_of_the_day_and_silence_lowers_it() -> None:
    usual = [4.0] * 10
    assert intraday_factor([], usual) == 1
    assert intraday_factor([4] * 10, usual) == pytest.approx(1)
    assert intraday_factor([12] * 10, usual) > 1.5
    assert intraday_factor([0] * 10, usual) < 0.75


@given(st.floats(0.001, 60))
def test_the_deviation_of_a_poisson_count_agrees_with_the_sum_over_its_chances(rate: float) -> None:
    direct = sum(abs(k - rate) * exp(-rate) * rate**k / factorial(k) for k in range(150))
    assert poisson_deviation(rate) == pytest.approx(direct, rel=1e-9)


@given(st.lists(st.floats(0, 50), max_size=48))
def test_the_floor_is_finite_and_a_perfect_forecast_has_no_error(rates: list[float]) -> None:
    assert poisson_floor(rates) >= 0
    assert wape(rates, rates) == 0


@given(
    st.lists(
        st.builds(
            DayCounts,
            day=st.dates(date(2026, 1, 1), date(2026, 3, 1)),
            counts=st.lists(st.integers(0, 9), min_size=4, max_size=4).map(tuple),
            special=st.sampled_from(["", "", "holiday"]),
        ),
        max_size=30,
    )
)
def test_any_history_gives_a_finite_forecast_of_no_negative_count(history: list[DayCounts]) -> None:
    for special in ("", "holiday"):
        found = forecast_day(history, date(2026, 3, 1), special)
        assert len(found) in (0, 4)
        assert all(0 <= value < 1000 for value in found)
