"""How estimates are scored: coverage of the corrected interval and of what was shown, error against the usual."""

from kernel.terms import Medium, RiskLevel
from queueing.domain.learnt import Scored
from queueing.domain.scoring import Score, by_class, score
from queueing.messages.waits import Wait

WAIT = Wait("c", 120, 300, 420, 600, 2.0, 0, 10)


def scored(waited: float, wait: Wait = WAIT, *, usual: float | None = None, ghost: bool = False) -> Scored:
    """One estimate of 2 to 10 minutes (corrected: 0 to 15), and the wait that came."""
    return Scored(Medium.TEXT, RiskLevel.ROUTINE, wait, waited, ghost, usual)


def test_the_corrected_interval_is_what_is_scored() -> None:
    found = score([scored(0), scored(14.9), scored(15.1), scored(5)])
    assert (found.of, found.covered) == (4, 0.75)
    assert found.shown_covered == 0.5
    assert found.mean_error == round((5 + 9.9 + 10.1 + 0) / 4, 3)


def test_an_estimate_that_showed_nothing_is_scored_and_not_counted_as_shown() -> None:
    silent = Wait("c", 120, 300, 420, 600)
    found = score([scored(5, silent, ghost=True)])
    assert (found.of, found.shown, found.shown_covered, found.ghosts) == (1, 0, None, 1)


def test_the_error_is_compared_where_the_moving_average_said_something_too() -> None:
    assert score([scored(5, usual=9), scored(7, usual=3), scored(99)]).against_usual == round((0 + 2) / (4 + 4), 4)
    assert score([]) == Score(0, 0)


def test_each_class_by_itself() -> None:
    voice = Scored(Medium.VOICE, RiskLevel.HIGH, WAIT, 1.0, ghost=False)
    found = by_class([scored(1), voice])
    assert {name: each.of for name, each in found.items()} == {"all": 2, "text.routine": 1, "voice.high": 1}
