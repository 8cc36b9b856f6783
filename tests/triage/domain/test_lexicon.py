"""What the screening knows, as shipped: every record is sound, is reachable, and cannot be changed."""

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.lexicon import Grammar, Rule
from triage.domain.normalise import fold
from triage.domain.reading import Reading, read
from triage.domain.stance import Stance
from triage.screening import lexicon

SHIPPED = lexicon()
RAISING = (*SHIPPED.rules, *(combo.rule for combo in SHIPPED.combos))
TRIED = msgspec.structs.replace(
    SHIPPED,
    rules=tuple(msgspec.structs.replace(rule, needs=()) for rule in SHIPPED.rules),
    cues=tuple(msgspec.structs.replace(cue, needs=()) for cue in SHIPPED.cues),
    quiet=tuple(msgspec.structs.replace(quiet, needs=()) for quiet in SHIPPED.quiet),
)
SPOKEN = st.lists(
    st.sampled_from(
        [
            *("我", "他", "不想", "没有", "死", "活", "自杀", "药", "一瓶", "吃了", "楼顶", "跳", "绳子", "刀", "遗书"),
            *(
                "今晚",
                "，",
                "。",
                "累",
                "笑",
                "了",
                "再见",
                "拜托",
                "割腕",
                "kill myself",
                "jump",
                "pills",
                " ",
                "tonight",
            ),
        ]
    ),
    max_size=24,
).map("".join)


@given(SPOKEN)
@settings(max_examples=150, deadline=None)
def test_sparing_a_rule_where_its_characters_are_missing_never_misses_a_match(text: str) -> None:
    assert read(SHIPPED, text) == read_with_everything_tried(text)


def read_with_everything_tried(text: str) -> Reading:
    """The same reading with every expression tried, its records put back to those shipped."""
    found = read(TRIED, text)
    shipped = {rule.id: rule for rule in RAISING}
    hits = tuple(msgspec.structs.replace(hit, rule=shipped[hit.rule.id]) for hit in found.hits)
    return msgspec.structs.replace(found, hits=hits)


def test_every_record_has_a_name_of_its_own_and_a_version() -> None:
    records = [(one.id, one.version) for one in (*RAISING, *SHIPPED.cues)]
    records += [(one.id, one.version) for one in SHIPPED.quiet]
    assert len({name for name, _ in records}) == len(records)
    assert all(version >= 1 for _, version in records)


def test_strengths_are_probabilities_and_routes_are_known() -> None:
    for rule in RAISING:
        assert 0.0 <= rule.strength <= 1.0, rule.id
        assert rule.route in {"self", "third_party", "other"}, rule.id
        assert rule.category, rule.id


def test_no_expression_matches_nothing_at_all() -> None:
    patterns = {one.id: one.pattern for one in (*SHIPPED.rules, *SHIPPED.cues)}
    patterns |= {one.id: one.pattern for one in SHIPPED.quiet}
    patterns |= {name: getattr(SHIPPED.grammar, name) for name in Grammar.__struct_fields__}
    patterns |= {f"as {one.means}": one.pattern for one in SHIPPED.spellings}
    assert [name for name, pattern in patterns.items() if pattern.search("")] == []


def test_every_record_that_waits_for_a_character_waits_for_one_that_folding_leaves() -> None:
    # An upper-case, full-width or traditional character is folded away before any rule looks.
    waiting = {one.id: one.needs for one in (*SHIPPED.rules, *SHIPPED.cues)}
    waiting |= {one.id: one.needs for one in SHIPPED.quiet}
    deaf = [
        (name, sorted(grams)[:3])
        for name, needs in waiting.items()
        for sets in needs
        for grams in sets
        if not any(fold(gram).text == gram for gram in grams)
    ]
    assert deaf == []


def test_a_combination_names_cues_that_exist_and_can_be_reached() -> None:
    cues = {cue.id for cue in SHIPPED.cues}
    for combo in SHIPPED.combos:
        assert combo.all, combo.rule.id
        assert {*combo.all, *combo.any} <= cues, combo.rule.id
        assert combo.reach > 0, combo.rule.id


def test_the_trained_weights_speak_of_rules_that_still_exist() -> None:
    weights = SHIPPED.weights
    assert 0.0 < weights.threshold < 1.0
    assert all(1 <= len(gram) <= weights.longest for gram in weights.grams)
    known = {one.id for one in (*RAISING, *SHIPPED.cues)} | {"quiet"}
    kinds = {rule.category for rule in RAISING}
    known |= {f"any:{stance}" for stance in Stance} | {f"{stance}:{kind}" for stance in Stance for kind in kinds}
    assert {name for name in weights.features if not set(name.split("+")) <= known} == set()


@pytest.mark.parametrize(
    "one",
    [SHIPPED, SHIPPED.grammar, SHIPPED.weights, SHIPPED.rules[0], SHIPPED.quiet[0], SHIPPED.combos[0]],
    ids=lambda one: type(one).__name__,
)
def test_nothing_of_it_can_be_changed_in_a_running_house(one: msgspec.Struct) -> None:
    for field in one.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(one, field, None)


def test_a_rule_says_by_default_that_the_visitor_is_meant_and_may_deny_it() -> None:
    rule = Rule("t", 1, "act", RAISING[0].level, 0.5, re.compile("x"))
    assert (rule.alarm, rule.negatable, rule.subject) == (True, True, True)
    assert (rule.route, rule.unless, rule.needs) == ("self", None, ())


def test_what_a_combination_needs_is_never_also_its_alternative() -> None:
    """A cue that stands in both makes the alternatives mean nothing."""
    doubled = {combo.rule.id for combo in SHIPPED.combos if set(combo.all) & set(combo.any)}
    assert doubled == set()
