"""Whose danger it is, tried with a grammar of a few English words, so that only the reading is under test."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import RiskLevel
from triage.domain.expression import Expression
from triage.domain.lexicon import Grammar, Rule
from triage.domain.stance import Stance, stance

NEVER = re.compile("(?!)")
GRAMMAR = Grammar(
    denied_before=re.compile(r"\bno "),
    doubly=re.compile(r"\bnot no "),
    hollow=re.compile("^ really"),
    denied_after=re.compile("^ (?:is over|kidding)"),
    other_person=re.compile(r"\b(?:he|mother)\b"),
    own_person=re.compile(r"\bI\b"),
    not_subject_before=re.compile("with $"),
    not_subject_after=re.compile("left me"),
    says=re.compile(r"\bsays\b"),
    about_other=re.compile(r"\bwants\b"),
    long_ago=re.compile("long ago"),
    mended=re.compile("now fine"),
    quoted=re.compile(r"\bnovel\b"),
    over=NEVER,
)
DANGER = Rule("t.danger", 1, "act", RiskLevel.HIGH, 0.9, Expression.of(re.compile("fall")))


def heard(text: str, word: str = "fall", **changes: Any) -> Stance:
    """How the first `word` of the text is meant."""
    start = text.index(word)
    return stance(text, start, start + len(word), msgspec.structs.replace(DANGER, **changes), GRAMMAR)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("I fall", Stance.OWN),
        ("no fall", Stance.DENIED),
        ("no, fall", Stance.OWN),
        ("no way 。fall", Stance.OWN),
        ("not no fall", Stance.OWN),
        ("fall kidding", Stance.DENIED),
        ("fall, kidding", Stance.OWN),
        ("no fall really", Stance.OWN),
        ("no" + " x" * 12 + " fall", Stance.OWN),
    ],
)
def test_a_denial_is_in_the_same_clause_near_by_and_not_itself_denied(text: str, meant: Stance) -> None:
    assert heard(text) is meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("he fall", Stance.OTHER),
        ("he! fall", Stance.OWN),
        ("he and I fall", Stance.OWN),
        ("I and he fall", Stance.OTHER),
        ("with he fall", Stance.OWN),
        ("he left me fall", Stance.OWN),
        ("he went, fall", Stance.OWN),
        ("he says, fall", Stance.OTHER),
        ("he wants, fall", Stance.OTHER),
        ("mother" + " x" * 40 + " fall", Stance.OWN),
    ],
)
def test_the_last_person_named_in_the_sentence_is_the_subject_unless_there_is_a_pause(text: str, meant: Stance) -> None:
    assert heard(text) is meant


def test_a_match_that_says_i_is_the_visitors_after_another_person_unless_that_person_is_quoted() -> None:
    assert heard("he 我fall", "我fall") is Stance.OWN
    assert heard("he 就fall", "就fall") is Stance.OWN
    assert heard("he says 我fall", "我fall") is Stance.OTHER


def test_a_past_is_mended_when_both_its_age_and_its_end_are_told_in_one_breath() -> None:
    assert heard("long ago I fall! now fine") is Stance.MENDED
    assert heard("long ago I fall") is Stance.OWN
    assert heard("I fall, now fine") is Stance.OWN
    assert heard("I fall" + " x" * 80 + " long ago now fine") is Stance.OWN


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("in the novel they fall", Stance.QUOTED),
        ("they fall in the novel", Stance.QUOTED),
        ("they fall。 a novel", Stance.OWN),
        ("a novel。they fall", Stance.OWN),
        ("in the novel I fall", Stance.OWN),
        ("I read a novel where they fall", Stance.QUOTED),
    ],
)
def test_a_story_is_quoted_when_its_own_sentence_says_so_and_nobody_says_i(text: str, meant: Stance) -> None:
    assert heard(text) is meant


def test_denial_is_read_first_then_the_other_person_then_the_past_then_the_story() -> None:
    everything = "long ago novel he fall, now fine"
    assert heard(everything.replace("he", "he no")) is Stance.DENIED
    assert heard(everything) is Stance.OTHER
    assert heard(everything.replace("he ", "")) is Stance.MENDED
    assert heard("novel fall, now fine") is Stance.QUOTED


def test_a_rule_that_cannot_be_denied_or_has_no_subject_is_not_asked() -> None:
    assert heard("no fall", negatable=False) is Stance.OWN
    assert heard("he no fall", negatable=False) is Stance.OTHER
    assert heard("he fall", subject=False) is Stance.OWN
    assert heard("novel: they fall", subject=False) is Stance.OWN
    assert heard("no fall", subject=False) is Stance.DENIED


WORDS = st.lists(
    st.sampled_from(["no ", "not no ", "he ", "I ", "says ", "novel ", "long ago ", "now fine", "，", "。", "x "]),
    max_size=8,
).map("".join)


@given(WORDS, WORDS, WORDS)
def test_what_stands_in_other_sentences_neither_denies_nor_names_another_person(
    before: str, sentence: str, after: str
) -> None:
    alone = heard(f"。{sentence}fall。")
    among = heard(f"{before}。{sentence}fall。{after}")
    if Stance.MENDED not in (alone, among):  # a past that was mended may be told over several sentences
        assert among is alone


@given(WORDS, WORDS, st.booleans(), st.booleans())
def test_every_surrounding_gives_one_answer_that_the_rule_allows(
    before: str, after: str, negatable: bool, subject: bool
) -> None:
    meant = heard(f"{before}fall{after}", negatable=negatable, subject=subject)
    assert negatable or meant is not Stance.DENIED
    assert subject or meant in (Stance.OWN, Stance.DENIED)


def test_an_english_full_stop_ends_a_sentence_and_a_decimal_point_does_not() -> None:
    assert heard("he sings. fall") is Stance.OWN
    assert heard("he sings at 3.5 and fall") is Stance.OTHER
    assert heard("novel. fall") is Stance.OWN
    assert heard("fall. novel") is Stance.OWN
