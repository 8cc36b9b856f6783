"""The sieve lets every expression through that could match, and says what it waits for."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.sieve import Sieve, grams
from triage.triggers import needs

SOURCES = st.recursive(
    st.sampled_from(["a", "b", "c", "ab", "[bc]", "[^a]", "a?", ".", "(?=b)", "c{0,2}", "b+", "(?:ca){2}"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        inner.map(lambda part: f"(?:{part})*"),
        inner.map(lambda part: f"({part})?"),
    ),
    max_leaves=6,
)


@given(st.lists(SOURCES, min_size=1, max_size=4), st.text("abcd", max_size=10))
@settings(max_examples=600)
def test_an_expression_that_matches_always_passes(sources: list[str], text: str) -> None:
    patterns = [re.compile(source) for source in sources]
    passing = Sieve([needs(source) for source in sources]).passing(grams(text))
    assert {number for number, pattern in enumerate(patterns) if pattern.search(text)} <= passing


@given(st.text("abcd", max_size=9))
def test_grams_are_the_characters_and_what_two_and_three_neighbours_spell(text: str) -> None:
    spelled = {text[at : at + size] for size in (1, 2, 3) for at in range(len(text))}
    assert grams(text) == {one for one in spelled if one and one in text}
    assert grams("aba") == {"a", "b", "ab", "ba", "aba"}


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("跳楼", (({"跳楼"},),)),
        ("想.{0,4}跳", (({"跳"}, {"想"}),)),
        ("(?:站|坐)在楼顶", (({"站在楼", "坐在楼"},),)),
        ("跳楼|割腕", (({"跳楼"},), ({"割腕"},))),
        ("跳?", ()),
        ("跳|.*", ()),
        ("(?i)jump", ()),
    ],
)
def test_an_expression_waits_for_its_rarest_grams(source: str, needed: tuple[tuple[set[str], ...], ...]) -> None:
    found = needs(source)
    assert sorted(tuple(map(set, sets)) for sets in found) == sorted(needed)


def test_an_alternative_passes_only_where_all_of_its_sets_are_met() -> None:
    sieve = Sieve([needs("想.{0,4}跳|割腕"), needs(".")])
    assert [sieve.passing(grams(text)) for text in ("想", "跳起来", "想跳", "割", "割腕")] == [
        {1},
        {1},
        {0, 1},
        {1},
        {0, 1},
    ]
