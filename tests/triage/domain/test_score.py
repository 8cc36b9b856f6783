"""The score's arithmetic, against slow and obvious ways to do the same sums."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.lexicon import Weights
from triage.domain.score import contributions, heaviest, logit, probability, windows

FINITE = st.floats(-1e6, 1e6)


@given(FINITE, FINITE)
def test_probability_rises_with_the_logit_and_mirrors_at_nought(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert 0.0 < probability(low) <= probability(high) < 1.0
    assert probability(one) + probability(-one) == pytest.approx(1.0)
    if abs(one) < 25:
        assert math.log(probability(one) / (1 - probability(one))) == pytest.approx(one, abs=1e-4)


def test_even_odds_are_a_half_and_no_float_is_too_large() -> None:
    assert probability(0.0) == 0.5
    assert probability(math.inf) == pytest.approx(1.0)
    assert probability(-math.inf) == pytest.approx(0.0, abs=1e-12)


GRAMS = st.dictionaries(st.text("ab^$", min_size=1, max_size=4), st.floats(-3, 3), max_size=12)


@given(st.text("abc", max_size=12), GRAMS, st.integers(1, 3))
@settings(max_examples=300)
def test_each_known_gram_counts_once_where_it_first_stands_scaled_to_unit_length(
    text: str, grams: dict[str, float], longest: int
) -> None:
    padded = f"^{text}$"
    there = {gram: padded.find(gram) for gram in grams if len(gram) <= longest and gram in padded}
    expected = sorted(
        (max(0, at - 1), min(len(text), at + len(gram) - 1), grams[gram] / math.sqrt(len(there)))
        for gram, at in there.items()
    )
    found = sorted(contributions(text, Weights(1, 0.0, 0.5, longest, grams, {})))
    assert [part[:2] for part in found] == [part[:2] for part in expected]
    assert logit(text, Weights(1, 0.0, 0.5, longest, grams, {})) == pytest.approx(sum(part[2] for part in found))
    assert sorted(part[2] for part in found) == pytest.approx(sorted(part[2] for part in expected))
    assert all(0 <= start <= end <= len(text) for start, end, _ in found)


def test_nothing_known_adds_nothing() -> None:
    assert contributions("abc", Weights(1, 0.0, 0.5, 3, {}, {})) == []


def density(parts: list[tuple[int, int, float]], length: int) -> list[float]:
    """What each character adds, less the average where that is above nought."""
    each = [sum(w / max(1, b - a) for a, b, w in parts if a <= at < b) for at in range(length)]
    return [value - max(0.0, sum(each) / length) for value in each]


PARTS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.integers(-8, 8)), max_size=8)


@given(PARTS, st.integers(1, 14))
@settings(max_examples=300)
def test_the_heaviest_span_is_no_lighter_than_any_other(raw: list[tuple[int, int, int]], length: int) -> None:
    parts = [(min(a, length), min(a + n, length), float(w)) for a, n, w in raw]
    begin, end = heaviest(parts, length)
    assert 0 <= begin < end <= length
    each = density(parts, length)
    best = max(sum(each[a:b]) for a in range(length) for b in range(a + 1, length + 1))
    assert sum(each[begin:end]) == pytest.approx(best, abs=1e-9)


def test_one_heavy_word_is_found_where_it_stands_and_an_empty_text_has_no_span() -> None:
    assert heaviest([(3, 6, 6.0), (8, 9, -5.0), (0, 2, 0.2)], 12) == (3, 6)
    assert heaviest([], 0) == heaviest([(0, 0, 1.0)], 0) == (0, 0)


@given(st.integers(0, 3000))
@settings(max_examples=200)
def test_windows_leave_no_character_out_and_cut_no_sentence_of_two_hundred(length: int) -> None:
    text = "".join(chr(0x4E00 + at) for at in range(length))  # every character is one of a kind
    parts = windows(text)
    assert all(text[start : start + len(part)] == part and len(part) <= 600 for start, part in parts)
    spans = [(start, start + len(part)) for start, part in parts]
    for at in range(max(1, length - 199)):
        assert any(a <= at and min(at + 200, length) <= b for a, b in spans)
    assert len(parts) == 1 if length <= 600 else len(parts) > 1
    assert len(parts) <= 1 + length // 400
