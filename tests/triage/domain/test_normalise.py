"""Folding makes one plain form of what people type, and every character still knows where it came from."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.normalise import Folded, Spelling, fold, respell
from triage.domain.sieve import Sieve

UNSIEVED = Sieve([()] * 9)  # tries every spelling

TYPED = st.text(st.sampled_from(list("我想說話，ABcd.!?,;: \n\u200b\ufe0fＡｂ１㍿。…é🙂")), max_size=30)


@given(st.text(st.characters(), max_size=60) | TYPED)
@settings(max_examples=300)
def test_every_character_of_the_plain_form_stands_for_one_of_the_original_in_order(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= a < len(text) and b == a + 1 for a, b in zip(folded.starts, folded.ends, strict=True))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_plain_english_only_loses_its_capitals(text: str) -> None:
    assert fold(text).text == text.lower()
    assert fold(text).starts == tuple(range(len(text)))


@given(TYPED)
def test_what_nobody_sees_changes_nothing(text: str) -> None:
    seen = "".join(char for char in text if char not in "\u200b\ufe0f")
    assert fold(text).text == fold(seen).text


@given(TYPED)
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text).text).text == fold(text).text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("說話", "说话"),
        ("ＡＢｃ１２", "abc12"),
        ("好,嗎?對!", "好，吗？对！"),
        ("ok, fine?", "ok, fine?"),
        ("a\u200bb\u0301\x07c", "abc"),
        ("一\n二", "一\n二"),
        ("…。", "…。"),
        ("don’t “x”", 'don\'t "x"'),
        ("㍿", "株式会社"),
        ("", ""),
    ],
)
def test_one_form_for_each_way_of_typing(typed: str, plain: str) -> None:
    assert fold(typed).text == plain


def test_one_character_that_becomes_several_is_pointed_at_by_each() -> None:
    assert fold("a㍿b") == Folded("a株式会社b", (0, 1, 1, 1, 1, 2), (1, 2, 2, 2, 2, 3))


def test_a_span_reaches_over_what_was_dropped_and_an_empty_one_is_nowhere() -> None:
    folded = fold("x\u200by\u200b\u200bz")
    assert folded.span(0, 3) == (0, 6)
    assert folded.span(1, 2) == (2, 3)
    assert folded.span(2, 2) == folded.span(3, 1) == (0, 0)


@given(
    st.text("abx \u200b", max_size=30),
    st.lists(st.tuples(st.sampled_from(["a", "ab", "b+", "x?"]), st.sampled_from(["", "Q", "long"])), max_size=3),
)
def test_a_disguise_becomes_the_word_that_is_meant_and_points_at_all_of_the_disguise(
    text: str, ways: list[tuple[str, str]]
) -> None:
    spelled = respell(fold(text), tuple(Spelling(re.compile(pattern), means) for pattern, means in ways), UNSIEVED)[0]
    expected = fold(text).text
    for pattern, means in ways:
        expected = re.sub(pattern, lambda found, word=means: word if found.group() else "", expected)  # type: ignore[misc]
    assert spelled.text == expected
    assert len(spelled.text) == len(spelled.starts) == len(spelled.ends)
    assert all(0 <= a < b <= len(text) for a, b in zip(spelled.starts, spelled.ends, strict=True))
    assert list(spelled.starts) == sorted(spelled.starts)


def test_each_letter_of_a_respelled_word_points_at_the_whole_disguise_and_its_neighbours_at_themselves() -> None:
    spelled = respell(fold("I z\u200bs, ok"), (Spelling(re.compile("zs"), "abc"),), UNSIEVED)[0]
    assert spelled.text == "i abc, ok"
    assert [spelled.span(at, at + 1) for at in (0, 2, 3, 4, 5)] == [(0, 1), (2, 5), (2, 5), (2, 5), (5, 6)]


def test_spellings_are_read_one_after_the_other() -> None:
    chain = (Spelling(re.compile("a"), "b"), Spelling(re.compile("bb"), "c"))
    assert respell(fold("ab"), chain, UNSIEVED)[0].text == "c"
    assert respell(fold("ab"), chain, UNSIEVED)[0].span(0, 1) == (0, 2)
    assert respell(fold("ab"), chain[::-1], UNSIEVED)[0].text == "bb"


@given(st.text("今天，睡不着。a 1?", max_size=20))
def test_everyday_text_folds_the_same_on_the_short_way_as_on_the_long_one(text: str) -> None:
    long = fold(f"{text}\u200b")  # an invisible character, which is dropped, keeps the short way shut
    assert fold(text) == long
