"""How many slots a load needs: the exact Erlang-A chain (Poisson arrivals, exponential service and patience).

Rates are per minute, times in minutes. Patience None means nobody gives up (Erlang-C).
"""

from collections.abc import Iterator
from itertools import count
from math import exp

import msgspec

NEGLIGIBLE = 1e-17


class Demand(msgspec.Struct, frozen=True):
    """What comes in: contacts per minute, mean handling time and mean patience in minutes."""

    arrivals: float
    handling: float
    patience: float | None = None

    @property
    def load(self) -> float:
        """The offered load in erlangs: slots busy on average if nobody gave up."""
        return self.arrivals * self.handling


class Service(msgspec.Struct, frozen=True):
    """What a contact meets: chance to wait, to give up, mean minutes in queue, and how busy the slots are."""

    waits: float
    gives_up: float
    mean_wait: float
    occupancy: float


def stationary(demand: Demand, slots: int) -> list[float]:
    """The chance of n contacts in the system (served and waiting), n = 0, 1, ...; as far as it matters."""
    if demand.patience is None and demand.load >= slots:
        raise ValueError("without abandonment the load must be below the slots")
    weights, top = [1.0], 1.0
    for n in count(1):
        weights.append(weights[-1] * demand.arrivals / _leaving(demand, slots, n))
        top = max(top, weights[-1])
        if n > slots and weights[-1] < top * NEGLIGIBLE:
            break
        if top > 1e200:
            weights, top = [w / top for w in weights], 1.0
    total = sum(weights)
    return [w / total for w in weights]


def _leaving(demand: Demand, slots: int, n: int) -> float:
    """The rate at which one of n contacts leaves, answered or not."""
    impatience = 0.0 if demand.patience is None else max(n - slots, 0) / demand.patience
    return min(n, slots) / demand.handling + impatience


def service(demand: Demand, slots: int) -> Service:
    """The steady state of `slots` under the demand."""
    chances = stationary(demand, slots)
    queue = sum((n - slots) * p for n, p in enumerate(chances) if n > slots)
    busy = sum(min(n, slots) * p for n, p in enumerate(chances))
    lost = 0.0 if demand.patience is None else queue / demand.patience / demand.arrivals
    return Service(sum(chances[slots:]), lost, queue / demand.arrivals, busy / slots)


def service_level(demand: Demand, slots: int, within: float) -> float:
    """The share of all contacts answered within the minutes; who gives up counts as not answered."""
    if slots < 1:
        return 0.0
    chances = stationary(demand, slots)
    answered = zip(chances[slots:], _tagged(demand, slots, within), strict=False)
    return sum(chances[:slots]) + sum(chance * share for chance, share in answered)


def _tagged(demand: Demand, slots: int, within: float) -> Iterator[float]:
    """P(answered within the minutes) of a contact with k = 0, 1, ... others waiting before it.

    The others leave at slots/handling + k/patience: the wait is a regularised incomplete beta I_x(k+1, a+1)
    with a = slots * patience / handling and x = P(patience < within), here by its recurrence in k.
    """
    if demand.patience is None:
        yield from _tagged_patient(slots * within / demand.handling)
        return
    a = slots * demand.patience / demand.handling
    x = 1 - exp(-within / demand.patience)
    below = exp(-(a + 1) * within / demand.patience)
    cdf, step = 1 - below, below
    for k in count():
        yield a / (a + k + 1) * max(cdf, 0.0)
        step *= x * (a + 1 + k) / (k + 1)
        cdf -= step


def _tagged_patient(mean: float) -> Iterator[float]:
    """The same with endless patience: P(more than k departures), a Poisson tail."""
    step = exp(-mean)
    tail = 1 - step
    for k in count(1):
        yield max(tail, 0.0)
        step *= mean / k
        tail -= step


def slots_needed(demand: Demand, share: float, within: float, limit: int = 4096) -> int | None:
    """The fewest slots that answer `share` of all contacts within the minutes; None above the limit."""
    low, high = 0, 1
    while not _enough(demand, high, share, within):
        low, high = high, 2 * high
        if high > limit:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(demand, middle, share, within) else (middle, high)
    return high


def _enough(demand: Demand, slots: int, share: float, within: float) -> bool:
    overloaded = demand.patience is None and demand.load >= slots
    return not overloaded and service_level(demand, slots, within) >= share


def handling_at(concurrency: int, alone: float, slowdown: float) -> float:
    """Mean minutes of one text session when a counselor holds several: alone * (1 + slowdown * (k - 1))."""
    return alone * (1 + slowdown * (concurrency - 1))


def counselors_needed(
    demand: Demand, share: float, within: float, *, concurrency: int = 1, slowdown: float = 0.25
) -> int | None:
    """The fewest counselors, each with `concurrency` slots; demand.handling is that of a lone session."""
    slower = handling_at(concurrency, demand.handling, slowdown)
    needed = slots_needed(msgspec.structs.replace(demand, handling=slower), share, within)
    return None if needed is None else -(-needed // concurrency)
