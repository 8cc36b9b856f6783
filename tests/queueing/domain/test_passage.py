"""The first-passage chain agrees with closed forms and with plain simulation, and is quick."""

from collections.abc import Callable
from heapq import heappop, heappush
from math import exp, inf
from random import Random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueing.domain.passage import HORIZON, Crew, Outlook, Overtaker, first_passage


def erlang_cdf(stages: int, mean: float) -> float:
    """P(at least `stages` Poisson events) when `mean` are expected."""
    term, below = exp(-mean), 0.0
    for k in range(stages):
        below += term
        term *= mean / (k + 1)
    return 1 - below


@settings(max_examples=60, deadline=None)
@given(ahead=st.integers(0, 60), slots=st.integers(1, 40), handling=st.floats(5, 60), minutes=st.floats(0.5, 90))
def test_without_abandonment_the_wait_is_a_sum_of_exponentials(
    ahead: int, slots: int, handling: float, minutes: float
) -> None:
    passage = first_passage(Outlook(ahead, (Crew(0, slots),), handling))
    expected = erlang_cdf(ahead + 1, minutes * slots / handling)
    if expected < 0.9:
        assert passage.probability(minutes) == pytest.approx(expected, abs=0.03)


@settings(max_examples=60, deadline=None)
@given(ahead=st.integers(0, 40), slots=st.integers(1, 20), patience=st.floats(3, 60), minutes=st.floats(0.5, 60))
def test_with_abandonment_it_is_an_order_statistic(ahead: int, slots: int, patience: float, minutes: float) -> None:
    """With slots/handling = m/patience, m whole, the turn comes when the (ahead+1)th of ahead+m clocks has rung."""
    handling = patience
    passage = first_passage(Outlook(ahead, (Crew(0, slots),), handling, patience))
    rung = 1 - exp(-minutes / patience)
    total = ahead + slots
    chance = 1 - sum(binomial(total, k) * rung**k * (1 - rung) ** (total - k) for k in range(ahead + 1))
    if chance < 0.9:
        assert passage.probability(minutes) == pytest.approx(chance, abs=0.03)


def binomial(total: int, chosen: int) -> float:
    """The number of choices."""
    product = 1.0
    for k in range(chosen):
        product *= (total - k) / (k + 1)
    return product


def simulated(outlook: Outlook, rng: Random) -> float:
    """One wait by single events: the next departure, loss or overtaking, one clock each."""
    now, ahead = 0.0, outlook.ahead
    changes = sorted({c.after for c in outlook.crew} | {o.until for o in outlook.overtakers} | {HORIZON})
    while now < HORIZON:
        slots = max((c for c in outlook.crew if c.after <= now), key=lambda c: c.after).slots
        pace: list[tuple[float, str]] = []
        for rate, what in (
            (slots / outlook.handling, "served"),
            (ahead / outlook.patience if outlook.patience else 0, "lost"),
            (sum(o.rate for o in outlook.overtakers if now < o.until), "passed"),
        ):
            if rate:
                heappush(pace, (rng.expovariate(rate), what))
        edge = min(c for c in changes if c > now)
        wait, what = heappop(pace) if pace else (inf, "")
        if now + wait >= edge:
            now = edge
            continue
        now += wait
        if what == "served" and ahead == 0:
            return now
        ahead += 1 if what == "passed" else -1
    return HORIZON


@pytest.mark.parametrize(
    "outlook",
    [
        Outlook(6, (Crew(0, 8), Crew(10, 4)), 30, 20, (Overtaker(0.05), Overtaker(0.2, 20))),
        Outlook(25, (Crew(0, 6), Crew(30, 14)), 25, 15, (Overtaker(0.02), Overtaker(0.1, 50))),
        Outlook(2, (Crew(0, 0), Crew(5, 3)), 20, None, (Overtaker(0.05, 10),)),
        Outlook(0, (Crew(0, 12),), 35, 20),
    ],
)
def test_quantiles_agree_with_a_simulation_of_single_events(outlook: Outlook) -> None:
    rng = Random(4)
    waits = sorted(simulated(outlook, rng) for _ in range(6000))
    passage = first_passage(outlook)
    for share in (0.1, 0.5, 0.8, 0.9):
        assert passage.quantile(share) == pytest.approx(waits[int(share * 6000)], rel=0.06, abs=0.25)


def test_a_free_slot_means_no_wait_and_nobody_on_duty_means_no_end() -> None:
    assert first_passage(Outlook(1, (Crew(0, 5),), 30, free=2)).quantile(0.9) == 0
    assert first_passage(Outlook(0, (), 30)).quantile(0.1) == HORIZON
    assert first_passage(Outlook(3, (Crew(0, 0),), 30, 20)).probability(60) == 0


def spent(work: Callable[[], object]) -> float:
    """Processor seconds, the least of five: the machine has other work."""
    spans = []
    for _ in range(5):
        begin = process_time()
        work()
        spans.append(process_time() - begin)
    return min(spans)


def test_one_estimate_costs_no_more_than_a_million_steps_of_a_loop_even_in_a_crowd() -> None:
    """Typically 4 ms on a machine that takes 30 for such a loop; both are measured here, since machines differ."""
    crowd = Outlook(80, (Crew(0, 3), Crew(35, 2)), 30, 20, (Overtaker(0.2), Overtaker(0.5, 20)))
    assert spent(lambda: first_passage(crowd)) <= spent(lambda: sum(number for number in range(1_000_000)))
