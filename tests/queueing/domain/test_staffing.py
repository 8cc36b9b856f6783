"""The staffing figures agree with the closed forms and with a chain solved another way."""

from math import exp, factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueing.domain.staffing import (
    Demand,
    counselors_needed,
    handling_at,
    service,
    service_level,
    slots_needed,
    stationary,
)

loads = st.floats(0.05, 40)
slot_counts = st.integers(1, 60)
minutes = st.floats(0.1, 60)


def erlang_b(load: float, slots: int) -> float:
    """The loss formula by its own recurrence."""
    blocked = 1.0
    for n in range(1, slots + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, slots: int) -> float:
    """The delay formula from the loss formula."""
    blocked = erlang_b(load, slots)
    return blocked / (1 - load / slots * (1 - blocked))


@given(load=loads, slots=slot_counts, handling=minutes)
def test_with_no_patience_at_all_it_is_erlang_b(load: float, slots: int, handling: float) -> None:
    demand = Demand(load / handling, handling, 1e-9)
    assert service(demand, slots).gives_up == pytest.approx(erlang_b(load, slots), rel=1e-5, abs=1e-12)


@given(share=st.floats(0.02, 0.97), slots=slot_counts, handling=minutes, within=minutes)
def test_with_endless_patience_it_is_erlang_c(share: float, slots: int, handling: float, within: float) -> None:
    load = share * slots
    demand = Demand(load / handling, handling)
    waits = erlang_c(load, slots)
    late = waits * exp(-(slots - load) * within / handling)
    assert service(demand, slots).waits == pytest.approx(waits, rel=1e-9, abs=1e-13)
    assert service(demand, slots).mean_wait == pytest.approx(waits * handling / (slots - load), rel=1e-7)
    assert service_level(demand, slots, within) == pytest.approx(1 - late, abs=1e-10)


@given(share=st.floats(0.02, 0.9), slots=slot_counts, within=minutes)
def test_very_long_patience_comes_near_erlang_c(share: float, slots: int, within: float) -> None:
    load = share * slots
    endless, long = Demand(load / 30, 30), Demand(load / 30, 30, 1e7)
    assert service_level(long, slots, within) == pytest.approx(service_level(endless, slots, within), abs=1e-4)


@given(load=loads, slots=slot_counts)
def test_when_patience_equals_handling_the_system_is_poisson(load: float, slots: int) -> None:
    """Then everybody leaves at the same rate, waiting or not: M/M/infinity."""
    chances = stationary(Demand(load / 25, 25, 25), slots)
    for n, chance in enumerate(chances[:100]):
        assert chance == pytest.approx(exp(-load) * load**n / factorial(n), rel=1e-12, abs=1e-15)


@given(load=loads, slots=slot_counts, patience=minutes)
def test_flow_is_conserved(load: float, slots: int, patience: float) -> None:
    """Whoever comes is answered or gives up."""
    found = service(Demand(load / 30, 30, patience), slots)
    assert load * (1 - found.gives_up) == pytest.approx(found.occupancy * slots, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(load=st.floats(0.5, 12), slots=st.integers(1, 14), patience=st.floats(3, 60), within=st.floats(0.5, 20))
def test_the_tagged_contact_agrees_with_a_chain_solved_step_by_step(
    load: float, slots: int, patience: float, within: float
) -> None:
    demand = Demand(load / 30, 30, patience)
    chances = stationary(demand, slots)
    expected = sum(chances[:slots])
    for ahead, chance in enumerate(chances[slots : slots + 60]):
        expected += chance * answered_by_steps(ahead, slots / 30, 1 / patience, within)
    assert service_level(demand, slots, within) == pytest.approx(expected, abs=2e-6)


def answered_by_steps(ahead: int, served: float, impatience: float, within: float) -> float:
    """Runge-Kutta over the chances of k others before a contact that may itself give up; the last is answered."""
    rates = [served + k * impatience for k in range(ahead + 1)]

    def slope(now: list[float]) -> list[float]:
        inflow = [*(p * r for p, r in zip(now[1:-1], rates[1:], strict=True)), 0.0]
        change = [i - p * (r + impatience) for i, p, r in zip(inflow, now, rates, strict=False)]
        return [*change, served * now[0]]

    def moved(by: float, along: list[float]) -> list[float]:
        return [p + by * d for p, d in zip(chances, along, strict=True)]

    chances = [0.0] * ahead + [1.0, 0.0]
    steps = max(40, int(4 * within * (served + (ahead + 1) * impatience)))
    width = within / steps
    for _ in range(steps):
        one = slope(chances)
        two = slope(moved(width / 2, one))
        three = slope(moved(width / 2, two))
        four = slope(moved(width, three))
        chances = moved(width, [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(one, two, three, four, strict=True)])
    return chances[-1]


@pytest.mark.parametrize(
    ("load", "easy", "strict", "endless"),
    [
        (2, 4, 5, 4),
        (4, 6, 7, 7),
        (6, 8, 10, 9),
        (10, 12, 15, 13),
        (15, 16, 20, 19),
        (20, 21, 26, 24),
        (30, 30, 37, 34),
    ],
)
def test_the_table_of_the_research_is_met(load: int, easy: int, strict: int, endless: int) -> None:
    """AHT 30, patience 20: 80 % within 5 min, 90 % within 1 min, and Erlang-C 80 % within 5 min."""
    demand = Demand(load / 30, 30, 20)
    assert slots_needed(demand, 0.8, 5) == easy
    assert slots_needed(demand, 0.9, 1) == strict
    assert slots_needed(Demand(load / 30, 30), 0.8, 5) == endless


@settings(max_examples=200, deadline=None)
@given(load=st.floats(0.05, 25), patience=minutes, share=st.floats(0.3, 0.99), within=st.floats(0, 20))
def test_the_answer_is_the_smallest_that_is_enough(load: float, patience: float, share: float, within: float) -> None:
    demand = Demand(load / 30, 30, patience)
    needed = slots_needed(demand, share, within)
    assert needed is not None
    assert service_level(demand, needed, within) >= share
    assert all(service_level(demand, fewer, within) < share for fewer in range(1, needed))


def test_what_no_limit_can_meet_is_none_and_an_overload_without_abandonment_is_an_error() -> None:
    assert slots_needed(Demand(1, 30, 20), 1.1, 5) is None
    with pytest.raises(ValueError, match="below the slots"):
        service(Demand(1, 30), 30)


def test_concurrency_slows_each_session_and_still_saves_counselors() -> None:
    assert handling_at(3, 30, 0.25) == 45
    demand = Demand(10 / 30, 30, 20)
    assert counselors_needed(demand, 0.8, 5) == 12
    assert counselors_needed(demand, 0.8, 5, concurrency=2) == 7
    assert counselors_needed(demand, 1.1, 5, concurrency=2) is None


def test_a_large_service_does_not_overflow() -> None:
    assert service_level(Demand(2000 / 30, 30, 20), 2000, 5) == pytest.approx(1, abs=0.05)
