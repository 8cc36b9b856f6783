"""How many contacts to expect per half hour: profile of the weekday x its level, and an honest error figure.

No learning library: at about 110 contacts a day this recipe already stands near the Poisson floor, the error
that nobody can go below because arrivals are random.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from math import exp, floor, lgamma, log, sqrt

import msgspec

PROFILE_DECAY = 0.85
"""Weight of a week's share profile against the week after it."""
LEVEL_DECAY = 0.7
"""Weight of a week's daily total against the week after it."""
TREND_LIMITS = (0.7, 1.4)
ABNORMAL_BELOW = 0.5
"""A day under this share of its weekday's median is left out: the line was down or closed."""
SPECIAL_SAMPLES = 3
PRIOR_CONTACTS = 60.0
"""How many contacts of evidence it takes to believe half of what today, or a special day, suggests."""
INTRADAY_DECAY = 0.9
"""Weight of a half hour of today against the half hour after it."""


class DayCounts(msgspec.Struct, frozen=True):
    """The contacts of one day per half hour; `special` names its kind, such as holiday or make-up."""

    day: date
    counts: tuple[int, ...]
    special: str = ""

    @property
    def total(self) -> int:
        """All contacts of the day."""
        return sum(self.counts)


def forecast_day(history: Iterable[DayCounts], day: date, special: str = "") -> tuple[float, ...]:
    """Expected contacts per half hour on `day`, from days before it; empty when its weekday has no past.

    A special day follows its own weekday until three of its kind are known, then it is shrunk towards them.
    """
    past = sorted((d for d in history if d.day < day), key=lambda d: d.day)
    same = _normal(d for d in past if d.day.weekday() == day.weekday() and not d.special)
    if not same:
        return ()
    level = _level(same, day) * _trend(past, day)
    if special:
        level *= _special_factor(past, special)
    return tuple(level * share for share in _profile(same, day))


def _normal(days: Iterable[DayCounts]) -> list[DayCounts]:
    """The days without those in which the line was down."""
    found = list(days)
    if not found:
        return []
    usual = sorted(d.total for d in found)[len(found) // 2]
    return [d for d in found if d.total >= ABNORMAL_BELOW * usual]


def _weeks(day: date, past: date) -> float:
    return (day - past).days / 7


def _level(same: Sequence[DayCounts], day: date) -> float:
    """The weighted daily total of a weekday as seen from `day`."""
    weights: list[float] = [LEVEL_DECAY ** _weeks(day, d.day) for d in same]
    return sum(w * d.total for w, d in zip(weights, same, strict=True)) / sum(weights)


def _profile(same: Sequence[DayCounts], day: date) -> tuple[float, ...]:
    """The share of each half hour in the day, weighted by week; all equal when nobody ever came."""
    width = max(len(d.counts) for d in same)
    sums = [0.0] * width
    for past in same:
        weight = PROFILE_DECAY ** _weeks(day, past.day)
        for slot, contacts in enumerate(past.counts):
            sums[slot] += weight * contacts
    total = sum(sums)
    return tuple(s / total for s in sums) if total else (1 / width,) * width


def _trend(past: Sequence[DayCounts], day: date) -> float:
    """The square root of last week against what its weekdays led one to expect, within limits."""
    seen = expected = 0.0
    for recent in (d for d in past if (day - d.day).days <= 7 and not d.special):
        before = (d for d in past if d.day < recent.day and d.day.weekday() == recent.day.weekday())
        same = _normal(d for d in before if not d.special)
        if same:
            expected += _level(same, recent.day)
            seen += recent.total
    if not expected:
        return 1.0
    low, high = TREND_LIMITS
    return min(max(sqrt(seen / expected), low), high)


def _special_factor(past: Sequence[DayCounts], special: str) -> float:
    """How days of this kind compare with their weekday, shrunk towards one by the evidence."""
    seen = expected = 0.0
    samples = 0
    for found in (d for d in past if d.special == special):
        before = [d for d in past if d.day < found.day and d.day.weekday() == found.day.weekday()]
        same = _normal(d for d in before if not d.special)
        if same:
            samples += 1
            seen += found.total
            expected += _level(same, found.day)
    if samples < SPECIAL_SAMPLES:
        return 1.0
    return (seen + PRIOR_CONTACTS) / (expected + PRIOR_CONTACTS)


def intraday_factor(seen: Sequence[int], expected: Sequence[float]) -> float:
    """What today's half hours so far say about the rest of the day, the latest weighing most."""
    found = hoped = PRIOR_CONTACTS
    ages = range(len(seen) - 1, -1, -1)
    for age, count, mean in zip(ages, seen, expected, strict=False):
        weight = INTRADAY_DECAY**age
        found += weight * count
        hoped += weight * mean
    return found / hoped


def wape(actual: Sequence[float], predicted: Sequence[float]) -> float:
    """Weighted absolute percentage error: sum of absolute errors over the sum of what came."""
    total = sum(actual)
    errors = sum(abs(a - p) for a, p in zip(actual, predicted, strict=True))
    return errors / total if total else 0.0


def poisson_floor(rates: Iterable[float]) -> float:
    """The WAPE of whoever knows the true rates: arrivals are random and nobody does better on average."""
    known = list(rates)
    total = sum(known)
    return sum(poisson_deviation(rate) for rate in known) / total if total else 0.0


def poisson_deviation(rate: float) -> float:
    """The mean absolute deviation of a Poisson count from its mean: 2 m^(k+1) e^-m / k!, k = floor(m)."""
    if rate <= 0:
        return 0.0
    whole = floor(rate)
    return 2 * exp((whole + 1) * log(rate) - rate - lgamma(whole + 1))
