"""A pure-Python logistic regression over character n-grams and rule features, with the span that weighed most."""

import math

from triage.domain.lexicon import Weights
from triage.domain.sieve import LONGEST, grams

_MANY = 600  # characters; a longer text is scored in overlapping windows so that one sentence is not drowned
_STEP = 400


def probability(logit: float) -> float:
    """The logistic function, safe for any float."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def contributions(text: str, weights: Weights) -> list[tuple[int, int, float]]:
    """The known n-grams of the text as (start, end, weight), each kind counted once, scaled to unit length."""
    seen: dict[str, tuple[int, int]] = {}
    known = weights.grams
    padded = _padded(text)
    last = len(padded)
    for size in range(1, weights.longest + 1):
        for start in range(last - size + 1):
            gram = padded[start : start + size]
            if gram in known and gram not in seen:
                seen[gram] = (start, start + size)
    scale = 1.0 / math.sqrt(max(1, len(seen)))
    return [(max(0, start - 1), min(len(text), end - 1), known[gram] * scale) for gram, (start, end) in seen.items()]


def logit(text: str, weights: Weights, held: set[str] | None = None) -> float:
    """The sum of what `contributions` would list, without the places: most texts need no more.

    `held` are the text's grams where they are known already.
    """
    padded = _padded(text)
    if weights.longest != LONGEST:
        held = {
            padded[at : at + size] for size in range(1, weights.longest + 1) for at in range(len(padded) + 1 - size)
        }
    else:
        held = (grams(text) if held is None else held) | grams(padded[:LONGEST]) | grams(padded[-LONGEST:])
    found = list(map(weights.grams.get, held))
    return math.fsum(filter(None, found)) / math.sqrt(max(1, len(found) - found.count(None)))


def _padded(text: str) -> str:
    """The text between its two ends."""
    return f"^{text}$"


def heaviest(parts: list[tuple[int, int, float]], length: int) -> tuple[int, int]:
    """The half-open span whose characters add most to the score (largest sum of a run)."""
    if length == 0:
        return (0, 0)
    per_char = [0.0] * length
    for start, end, weight in parts:
        share = weight / max(1, end - start)
        for at in range(start, end):
            per_char[at] += share
    mean = max(0.0, sum(per_char) / length)
    best, best_span, run, begin = float("-inf"), (0, 1), 0.0, 0
    for at, value in enumerate(per_char):
        if run <= 0:
            run, begin = 0.0, at
        run += value - mean
        if run > best:
            best, best_span = run, (begin, at + 1)
    return best_span


def windows(text: str) -> list[tuple[int, str]]:
    """The text in overlapping windows of at most 600 characters, each with its start."""
    if len(text) <= _MANY:
        return [(0, text)]
    return [(start, text[start : start + _MANY]) for start in range(0, len(text) - _STEP // 2, _STEP)]
