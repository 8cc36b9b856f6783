"""Alternatives tried one by one find exactly what they would find as one expression."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.expression import Alternative, Expression
from triage.domain.sieve import Sieve, grams
from triage.triggers import needs

PARTS = st.sampled_from(
    [
        "a",
        "ab",
        "b+",
        "(?<=a)b",
        "^a",
        "c$",
        "[bc]a",
        "a.{0,2}c",
        "(?<!b)c",
        "ca|b",
        "(?:ab)+",
        "aab?",
        "b(?!a)",
        "c{2,3}",
    ]
)


@given(st.lists(PARTS, min_size=1, max_size=5), st.text("abcd", max_size=14))
@settings(max_examples=800)
def test_spans_are_those_of_the_parts_joined_by_or(sources: list[str], text: str) -> None:
    expression = Expression(tuple(map(Alternative, sources)), tuple(map(needs, sources)))
    passing = sorted(Sieve(expression.needs).passing(grams(text)))
    joined = re.compile("|".join(f"(?:{source})" for source in sources))
    expected = [match.span() for match in joined.finditer(text)]
    assert list(expression.spans(text, range(len(sources)))) == expected
    assert list(expression.spans(text, passing)) == expected


def test_a_part_that_passes_over_nothing_does_not_hold_the_scan_up() -> None:
    parts = Alternative("x*"), Alternative("b")
    assert list(Expression(parts, ((), ())).spans("aab", (0, 1)))[-1][1] <= 3
