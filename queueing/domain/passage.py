"""When will it be my turn: the first-passage time of a birth-death chain over the contacts that go before.

State j = contacts that still go before this one. It falls when a slot comes free or one of them gives up, and
rises when a more urgent contact arrives. Times are minutes from now, rates per minute.
"""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from math import inf

import msgspec

HORIZON = 120.0
"""Minutes after which the chain is no longer followed; a later quantile is given as this."""
FOLLOWED = 0.96
"""Chance of having had one's turn at which the chain may stop: quantiles above are never asked for."""
MAX_STATES = 80
FINEST, COARSEST = 0.15, 1.0
"""Events expected per step of the integration at the fastest state; fine near the end, coarse in a crowd."""
SHORTEST_STEP, LONGEST_STEP = 0.1, 1.0
NEGLIGIBLE = 1e-5


class Crew(msgspec.Struct, frozen=True):
    """From `after` minutes on, this many slots are served (all lines of the roster that can take the contact)."""

    after: float
    slots: float


class Overtaker(msgspec.Struct, frozen=True):
    """Later arrivals that go before: their rate, until so many minutes from now (without end: math.inf)."""

    rate: float
    until: float = inf


class Outlook(msgspec.Struct, frozen=True):
    """What is known of the desk: contacts ahead, free slots, the roster, mean handling and patience in minutes."""

    ahead: int
    crew: tuple[Crew, ...]
    handling: float
    patience: float | None = None
    overtakers: tuple[Overtaker, ...] = ()
    free: int = 0


class Passage(msgspec.Struct, frozen=True):
    """The distribution of the wait: P(wait <= times[i]) = chances[i], both rising, straight in between."""

    times: tuple[float, ...]
    chances: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """The minutes within which it is one's turn with this chance; the horizon when that is not reached."""
        at = bisect_left(self.chances, share)
        if at == 0:
            return self.times[0]
        if at == len(self.chances):
            return HORIZON
        low, high = self.chances[at - 1], self.chances[at]
        part = (share - low) / (high - low)
        return self.times[at - 1] + part * (self.times[at] - self.times[at - 1])

    def probability(self, minutes: float) -> float:
        """The chance of having one's turn within the minutes (at most what was followed)."""
        at = bisect_right(self.times, minutes)
        if at == 0:
            return 0.0
        if at == len(self.times):
            return self.chances[-1]
        part = (minutes - self.times[at - 1]) / (self.times[at] - self.times[at - 1])
        return self.chances[at - 1] + part * (self.chances[at] - self.chances[at - 1])


def first_passage(outlook: Outlook) -> Passage:
    """The distribution of the wait of one contact that stays."""
    if outlook.ahead < outlook.free:
        return Passage((0.0,), (1.0,))
    times, chances = [0.0], [0.0]
    now, states = _thinned(outlook)
    here = [0.0] * states + [1.0]
    if now:
        times.append(now)
        chances.append(0.0)
    for begins, ends, served, births in _segments(outlook, now):
        now = begins
        while now < ends and chances[-1] < FOLLOWED:
            rates = [served + j * _impatience(outlook) for j in range(len(here) + 1)]
            step = min(_step(rates[-1] + births, len(here)), ends - now)
            here = _advanced(here, rates, births, step)
            now = ends if ends - now <= step else now + step
            times.append(now)
            chances.append(max(chances[-1], 1 - sum(here)))
    return Passage(tuple(times), tuple(chances))


def _step(rate: float, states: int) -> float:
    """Minutes of one step when the fastest state sees `rate` events a minute."""
    events = min(FINEST + states / MAX_STATES, COARSEST)
    return min(max(events / max(rate, 1e-9), min(SHORTEST_STEP, COARSEST / max(rate, 1e-9))), LONGEST_STEP)


def _impatience(outlook: Outlook) -> float:
    return 0.0 if outlook.patience is None else 1 / outlook.patience


def _segments(outlook: Outlook, begin: float) -> list[tuple[float, float, float, float]]:
    """Stretches of constant rates from `begin` to the horizon: (begins, ends, served, births)."""
    edges = {begin, HORIZON, *(c.after for c in outlook.crew), *(o.until for o in outlook.overtakers)}
    cuts = sorted(edge for edge in edges if begin <= edge <= HORIZON)
    return [(low, high, *_rates(outlook, low)) for low, high in pairwise(cuts)]


def _rates(outlook: Outlook, at: float) -> tuple[float, float]:
    """The rate of slots coming free, and of overtakers arriving."""
    slots = [c.slots for c in sorted(outlook.crew, key=lambda c: c.after) if c.after <= at]
    births = sum(o.rate for o in outlook.overtakers if at < o.until)
    return (slots[-1] if slots else 0.0) / outlook.handling, births


def _thinned(outlook: Outlook) -> tuple[float, int]:
    """Where to start: more people ahead than the chain has states are let go at their mean rate first."""
    now, ahead = 0.0, float(max(outlook.ahead - outlook.free, 0))
    while ahead > MAX_STATES and now < HORIZON:
        served, births = _rates(outlook, now)
        now += 0.25
        ahead += 0.25 * (births - served - ahead * _impatience(outlook))
    return min(now, HORIZON), min(round(ahead), MAX_STATES)


def _advanced(here: list[float], rates: list[float], births: float, step: float) -> list[float]:
    """The chances one step later (second order); a state is added where births lead, dropped where none is left."""
    if births and here[-1] > NEGLIGIBLE and len(here) <= 2 * MAX_STATES:
        here = [*here, 0.0]
    middle = [p + step / 2 * d for p, d in zip(here, _slope(here, rates, births), strict=True)]
    after = [p + step * d for p, d in zip(here, _slope(middle, rates, births), strict=True)]
    while len(after) > 1 and after[-1] < NEGLIGIBLE / 10:
        last = after.pop()
        after[-1] += last
    return after


def _slope(here: list[float], rates: list[float], births: float) -> list[float]:
    """The change of the chances per minute; from state 0 one's own turn comes and the mass is gone."""
    falls = [p * r for p, r in zip(here, rates, strict=False)]
    change = [more - less for more, less in zip([*falls[1:], 0.0], falls, strict=True)]
    if births:
        rises = [births * p for p in here]
        rises[-1] = 0.0
        change = [c + i - o for c, i, o in zip(change, [0.0, *rises], rises, strict=False)]
    return change
