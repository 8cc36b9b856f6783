"""How the estimates came true: what share of waits the ranges covered, and how far off the middle was."""

from collections.abc import Sequence
from math import inf

import msgspec

from queueing.domain.learnt import Scored


class Score(msgspec.Struct, frozen=True):
    """Of one group of estimates; minutes. `against_usual`: the error over that of a moving average of waits.

    `covered` is of the corrected interval p10-p90, which is meant to cover 80 %; `shown_covered` of the range that was
    on the screen. None where there is nothing to tell.
    """

    of: int
    ghosts: int
    covered: float | None = None
    shown: int = 0
    shown_covered: float | None = None
    mean_error: float | None = None
    against_usual: float | None = None


def score(found: Sequence[Scored]) -> Score:
    """Score a group of estimates."""
    shown = [each for each in found if each.wait.low_min is not None]
    return Score(
        of=len(found),
        ghosts=sum(each.ghost for each in found),
        covered=_share([_covers(each) for each in found]),
        shown=len(shown),
        shown_covered=_share([_shown_covers(each) for each in shown]),
        mean_error=_mean([_error(each) for each in found]),
        against_usual=_against_usual([each for each in found if each.usual is not None]),
    )


def by_class(found: Sequence[Scored]) -> dict[str, Score]:
    """All together, and each medium and class by itself."""
    groups: dict[str, list[Scored]] = {"all": list(found)}
    for each in found:
        groups.setdefault(f"{each.medium}.{each.risk}", []).append(each)
    return {name: score(group) for name, group in sorted(groups.items())}


def _covers(each: Scored) -> bool:
    """The interval as it was corrected at the time, widened about the median."""
    wait, minutes = each.wait, 60 * each.waited
    low = max(0.0, wait.p50_s + wait.factor * (wait.p10_s - wait.p50_s))
    high = wait.p50_s + wait.factor * (wait.p90_s - wait.p50_s)
    return low - 0.5 <= minutes <= high + 0.5  # quantiles are kept in whole seconds


def _shown_covers(each: Scored) -> bool:
    """The range on the screen."""
    high = inf if each.wait.high_min is None else each.wait.high_min
    return (each.wait.low_min or 0) <= each.waited <= high


def _error(each: Scored) -> float:
    return abs(each.waited - each.wait.p50_s / 60)


def _against_usual(found: Sequence[Scored]) -> float | None:
    """Mean error over the mean error of the moving average, on the estimates where both said something."""
    usual = sum(abs(each.waited - (each.usual or 0.0)) for each in found)
    return round(sum(map(_error, found)) / usual, 4) if usual else None


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None
