"""The honest wait: calibrated quantiles, shown as a range rounded outward, or no number at all.

A label is what really happened to somebody who was given an estimate: the wait until the turn came, for those who
gave up too (their ghost keeps the place until somebody behind it is taken), else waits look far too short.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from math import ceil, inf

import msgspec

from kernel.terms import RiskLevel
from queueing.domain.passage import HORIZON, Outlook, Overtaker, Passage, first_passage

LABELS_NEEDED = 20
LABELS_KEPT = 500
COVERAGE = 0.8
FACTOR_LIMITS = (0.7, 2.0)
LEAST_HALF_WIDTH = 0.25
"""Minutes: below this a half interval is not scored as narrower, or one late offer would blow the factor up."""
EDGES = (0, 2, 5, 10, 20, 40)
"""The borders of the shown ranges in minutes; above the last it is only said that it is more."""
SOFT_STOP_BELOW, REOPEN_MARGIN = 0.9, 0.04
"""The list is closed below this chance, and opened again only where it is so much better, or it would flutter."""


class Label(msgspec.Struct, frozen=True):
    """One scored estimate in minutes: the model's own quantiles before correction, and the wait that came."""

    waited: float
    p10: float
    p50: float
    p90: float


class Calibration(msgspec.Struct, frozen=True):
    """How the intervals of one medium and class are corrected, and how many of the labels they then cover."""

    labels: int = 0
    factor: float = 1.0
    covered: float = 0.0


class Basis(StrEnum):
    """What an estimate rests on."""

    MODEL = "model"
    NONE = "none"


class Shown(msgspec.Struct, frozen=True):
    """What a person is told: minutes from-to (no end: more than the last border), in both languages."""

    low: int
    high: int | None
    zh: str
    en: str


UNRELIABLE = Shown(0, None, "暂时无法可靠估计等待时间", "no reliable estimate at the moment")


class Estimate(msgspec.Struct, frozen=True):
    """Seconds by which it is one's turn with 10, 50, 80, 90 % chance; without basis they are None."""

    basis: Basis
    shown: Shown
    p10: float | None = None
    p50: float | None = None
    p80: float | None = None
    p90: float | None = None


class Change(StrEnum):
    """Why the wait got longer, in the order in which it is told."""

    MORE_URGENT = "more_urgent_contact"
    FEWER_COUNSELORS = "fewer_counselors"
    LONGER_SESSIONS = "longer_sessions"


def estimate(outlook: Outlook, calibration: Calibration, passage: Passage | None = None) -> Estimate:
    """The wait of one contact; no number while nobody serves, or too few estimates have been scored.

    `passage` is the outlook's own, where somebody has reckoned it already.
    """
    if not _known(outlook) or calibration.labels < LABELS_NEEDED:
        return Estimate(Basis.NONE, UNRELIABLE)
    passage = passage or first_passage(outlook)
    p10, p50, p80, p90 = corrected(passage, calibration.factor)
    return Estimate(Basis.MODEL, shown(p10, p90), p10 * 60, p50 * 60, p80 * 60, p90 * 60)


def _known(outlook: Outlook) -> bool:
    """Whether somebody serves within the horizon and the model's figures make sense."""
    staffed = any(crew.slots > 0 and crew.after < HORIZON for crew in outlook.crew)
    return staffed and 0 < outlook.handling < inf and (outlook.patience is None or outlook.patience > 0)


def corrected(passage: Passage, factor: float) -> tuple[float, float, float, float]:
    """p10, p50, p80, p90 in minutes, widened about the median by the factor, within 0 and the horizon."""
    middle = passage.quantile(0.5)
    raw = (passage.quantile(share) for share in (0.1, 0.5, 0.8, 0.9))
    low, mid, high, top = (min(max(middle + factor * (q - middle), 0.0), HORIZON) for q in raw)
    return low, mid, high, top


def shown(low: float, high: float) -> Shown:
    """The range low-high (minutes) rounded outward to the borders, in words; never a lone number."""
    floor = max(edge for edge in EDGES if edge <= max(low, 0.0))
    ceiling = min((edge for edge in EDGES[1:] if high <= edge), default=None)
    if ceiling == floor:
        ceiling = EDGES[EDGES.index(floor) + 1] if floor < EDGES[-1] else None
    if ceiling is None:
        return Shown(floor, None, f"{floor} 分钟以上", f"more than {floor} min") if floor else UNRELIABLE
    if floor == 0:
        return Shown(0, ceiling, f"{ceiling} 分钟以内", f"less than {ceiling} min")
    return Shown(floor, ceiling, f"{floor}–{ceiling} 分钟", f"{floor}–{ceiling} min")


def calibrate(labels: Sequence[Label]) -> Calibration:
    """The factor under which the interval p10-p90 covered 80 % of the latest labels (split conformal, clipped)."""
    kept = labels[-LABELS_KEPT:]
    if not kept:
        return Calibration()
    scores = sorted(map(_score, kept))
    rank = min(ceil((len(scores) + 1) * COVERAGE), len(scores))
    low, high = FACTOR_LIMITS
    factor = min(max(scores[rank - 1], low), high)
    return Calibration(len(kept), factor, sum(score <= factor for score in scores) / len(scores))


def _score(label: Label) -> float:
    """The factor at which the interval would just have covered the wait."""
    if label.waited >= label.p50:
        return (label.waited - label.p50) / max(label.p90 - label.p50, LEAST_HALF_WIDTH)
    return (label.p50 - label.waited) / max(label.p50 - label.p10, LEAST_HALF_WIDTH)


def overtakers(
    risk: RiskLevel,
    waited: timedelta,
    targets: Mapping[RiskLevel, timedelta],
    arrivals: Mapping[RiskLevel, float],
) -> tuple[Overtaker, ...]:
    """Who may still come and go before: imminent always, others while their due time is the earlier one.

    `arrivals` are per minute. A contact of class i arriving t minutes from now has the smaller key as long as
    t < T_k - T_i - waited.
    """
    if risk is RiskLevel.IMMINENT:
        return ()
    found = [Overtaker(arrivals.get(RiskLevel.IMMINENT, 0.0))]
    for other, rate in arrivals.items():
        until = (targets[risk] - targets[other] - waited).total_seconds() / 60
        if other is not RiskLevel.IMMINENT and until > 0:
            found.append(Overtaker(rate, until))
    return tuple(o for o in found if o.rate > 0)


def why_longer(before: Outlook, after: Outlook) -> Change | None:
    """The reason to tell when an estimate got worse; None when no single cause stands out."""
    if after.ahead > before.ahead:
        return Change.MORE_URGENT
    if _slots_now(after) < _slots_now(before):
        return Change.FEWER_COUNSELORS
    return Change.LONGER_SESSIONS if after.handling > before.handling else None


def _slots_now(outlook: Outlook) -> float:
    current = [c for c in outlook.crew if c.after <= 0]
    return max(current, key=lambda c: c.after).slots if current else 0.0


def soft_stop(stopped: bool, chances: Iterable[float], below: float = SOFT_STOP_BELOW) -> bool:
    """Whether the waiting list is closed before the hours end, from P(wait <= time left), with hysteresis."""
    least = min(chances, default=1.0)
    return least < (min(below + REOPEN_MARGIN, 1.0) if stopped else below)
