"""Reading a turn with a small lexicon of our own: masks, matches, cues that stand together, features."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import RiskLevel
from triage.domain.expression import Expression
from triage.domain.lexicon import Combo, Grammar, Lexicon, Quiet, Rule, Weights
from triage.domain.normalise import Spelling
from triage.domain.reading import LONGEST, Reading, features, read
from triage.domain.sieve import Needs
from triage.domain.stance import Stance

NEVER = re.compile("(?!)")
GRAMMAR = Grammar(*[NEVER] * 14)
GRAMMAR = msgspec.structs.replace(GRAMMAR, denied_before=re.compile("no $"), other_person=re.compile("he "))


def a_rule(name: str, pattern: str, category: str = "act", needs: Needs = (), **changes: Any) -> Rule:
    """A rule in short."""
    plain = Rule(name, 1, category, RiskLevel.HIGH, 0.9, Expression.of(re.compile(pattern), needs))
    return msgspec.structs.replace(plain, **changes)


def cue(name: str, pattern: str) -> Rule:
    """A cue in short."""
    return a_rule(name, pattern, "cue", alarm=False, subject=False)


PLAIN = Lexicon(
    spellings=(Spelling(re.compile("f4ll"), "fall"),),
    quiet=(
        Quiet("q.tired", 1, "hyperbole", Expression.of(re.compile("kill time"))),
        Quiet("q.soft", 1, "idiom", Expression.of(re.compile("fall asleep"), ((frozenset("f"),),))),
    ),
    rules=(a_rule("t.fall", "fall"), a_rule("t.kill", "kill"), a_rule("t.empty", "z*", "hopeless")),
    cues=(cue("c.rope", "rope"), cue("c.roof", "roof"), cue("c.bye", "bye"), cue("c.rooftop", "rooftop")),
    combos=(Combo(a_rule("t.combo", "(?!)"), ("c.roof",), ("c.bye", "c.rope"), 10),),
    combos_unless=re.compile("shop"),
    grammar=GRAMMAR,
    weights=Weights(0, 0.0, 0.5, 3, {}, {}),
)


def seen(text: str, lexicon: Lexicon = PLAIN) -> list[tuple[str, int, int, str]]:
    """The matches in short."""
    return [(hit.rule.id, hit.start, hit.end, str(hit.stance)) for hit in read(lexicon, text).hits]


def test_only_the_deadly_part_of_a_harmless_phrase_is_masked_and_all_of_one_that_has_none() -> None:
    reading = read(PLAIN, "Kill time, fall asleep, kill")
    assert reading.plain == "○○○○ time, ○○○○○○○○○○○, kill"
    assert reading.quiet == 2
    assert seen("Kill time, fall asleep, kill") == [("t.kill", 24, 28, "own")]


def test_a_disguise_is_read_as_its_word_and_the_span_leads_back_to_what_was_typed() -> None:
    reading = read(PLAIN, "F\u200b4LL now")
    (hit,) = reading.hits
    assert reading.plain == "fall now"
    assert reading.folded.span(hit.start, hit.end) == (0, 5)


@pytest.mark.parametrize(
    ("text", "scored"),
    [
        ("fall", "fall"),
        ("no fall", "no ○○○○"),
        ("no fall, kill", "no ○○○○, kill"),
        ("he fall", "he fall"),  # somebody else's danger is still danger that is told
    ],
)
def test_denied_danger_is_not_scored_and_all_other_is(text: str, scored: str) -> None:
    assert read(PLAIN, text).scored == scored


def test_what_is_part_of_the_visitors_own_danger_is_scored_even_where_it_is_denied_too() -> None:
    whole = a_rule("t.no_fall", "no fall", negatable=False)
    for alarm, scored in ((True, "no fall"), (False, "no ○○○○")):
        rule = msgspec.structs.replace(whole, alarm=alarm)
        lexicon = msgspec.structs.replace(PLAIN, rules=(*PLAIN.rules, rule))
        assert read(lexicon, "no fall").scored == scored


def test_what_excludes_a_rule_is_looked_for_forty_characters_around_and_no_farther() -> None:
    rules = (a_rule("t.fall", "fall", unless=re.compile("leaves")),)
    lexicon = msgspec.structs.replace(PLAIN, rules=rules)
    for gap, heard in ((34, False), (35, True)):
        for text in ("leaves" + "." * gap + "fall", "fall" + "." * gap + "leaves"):
            assert bool(seen(text, lexicon)) is heard, (gap, text)


def test_sixteen_of_the_visitors_own_matches_are_kept_and_denied_ones_do_not_use_them_up() -> None:
    assert len(seen("fall " * 30)) == 16
    denied = seen("no fall, " * 30 + "fall " * 30)
    assert [sum(stance == kind for *_, stance in denied) for kind in ("denied", "own")] == [30, 16]


def test_a_turn_is_read_up_to_its_longest_and_no_farther() -> None:
    assert seen("." * (LONGEST - 4) + "fall") == [("t.fall", LONGEST - 4, LONGEST, "own")]
    assert seen("." * (LONGEST - 3) + "fall") == []


def test_a_rule_is_tried_only_where_one_of_its_characters_stands_in_the_masked_text() -> None:
    lexicon = msgspec.structs.replace(PLAIN, rules=(a_rule("t.any", "x|fall", needs=((frozenset("x"),),)),))
    assert seen("fall", lexicon) == []
    assert [name for name, *_ in seen("fall x", lexicon)] == ["t.any", "t.any"]


# --- cues ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap", "pair"), [(26, True), (27, False)])
def test_two_cues_are_a_pair_when_they_begin_thirty_characters_apart_on_either_side(gap: int, pair: bool) -> None:
    for text in ("rope" + "." * gap + "roof", "roof" + "." * gap + "rope"):
        cues = read(PLAIN, text).cues
        assert cues == {"c.rope", "c.roof"} | ({"c.roof+c.rope"} if pair else set())


def test_cues_that_share_characters_are_no_pair_and_a_denied_cue_is_none() -> None:
    assert read(PLAIN, "rooftop").cues == {"c.roof", "c.rooftop"}
    assert read(PLAIN, "rooftop, roof").cues == {"c.roof", "c.rooftop", "c.roof+c.rooftop"}
    assert read(PLAIN, "no roof bye").cues == {"c.bye"}


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("roof bye", [(0, 8)]),
        ("bye roof", [(0, 8)]),
        ("roof ..... bye", []),  # eleven characters apart
        ("roof .... bye", [(0, 13)]),
        ("roof", []),
        ("bye rope", []),
        ("roof .......... roof rope", [(16, 25)]),
        ("roof bye, shop", []),
        ("no roof bye", []),
    ],
)
def test_a_combination_is_heard_where_its_cues_stand_within_reach_and_no_business_is_told(
    text: str, spans: list[tuple[int, int]]
) -> None:
    assert [(start, end) for name, start, end, _ in seen(text) if name == "t.combo"] == spans


def test_a_combination_wants_every_one_of_its_first_cues() -> None:
    combos = (Combo(a_rule("t.combo", "(?!)"), ("c.roof", "c.rope"), (), 10),)
    lexicon = msgspec.structs.replace(PLAIN, combos=combos)
    assert seen("rope roof", lexicon) == [("t.combo", 0, 9, "own")]
    for text in ("roof", "rope", "roof " + "." * 10 + "rope"):
        assert seen(text, lexicon) == []


# --- features -----------------------------------------------------------------------------------------


def named(text: str) -> set[str]:
    """The features of a text."""
    found = features(read(PLAIN, text))
    assert set(found.values()) <= {1.0}
    return set(found)


def test_a_match_is_named_by_its_rule_when_meant_and_by_its_stance_when_not() -> None:
    assert named("") == set()
    assert named("fall fall") == {"t.fall", "any:own"}
    assert named("no fall") == {"denied:act", "any:denied"}
    assert named("he fall") == {"other:act", "any:other"}
    assert named("kill time, bye") == {"quiet", "c.bye"}


def test_hopelessness_alone_speaks_for_no_alarm_and_neither_does_a_rule_without_one() -> None:
    assert seen("zzz") == [("t.empty", 0, 3, "own")]
    silent = msgspec.structs.replace(PLAIN.rules[2], alarm=False)
    reading = read(msgspec.structs.replace(PLAIN, rules=(silent,)), "zzz")
    assert features(reading) == {}
    quiet_rule = a_rule("t.sad", "sad", "ideation", alarm=False)
    assert features(read(msgspec.structs.replace(PLAIN, rules=(quiet_rule,)), "sad")) == {"t.sad": 1.0}


TURNS = st.lists(
    st.sampled_from(["fall", "f4ll", "kill", "kill time", "fall asleep", "no ", "he ", "roof", "bye", "，", "。", "z"]),
    max_size=14,
).map(" ".join)


@given(TURNS)
def test_masking_changes_no_length_and_only_denied_danger_goes_from_what_is_scored(text: str) -> None:
    reading: Reading = read(PLAIN, text)
    assert len(reading.folded.text) == len(reading.plain) == len(reading.scored)
    denied = {at for hit in reading.hits if hit.stance is Stance.DENIED for at in range(hit.start, hit.end)}
    assert denied == {at for at, (one, two) in enumerate(zip(reading.plain, reading.scored, strict=True)) if one != two}
    assert all(0 <= hit.start < hit.end <= len(reading.plain) for hit in reading.hits)
