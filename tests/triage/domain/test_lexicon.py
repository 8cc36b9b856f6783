"""What the screening knows, as shipped: every record is sound, is reachable, and cannot be changed."""

import re
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.triage.wordings import composed, wordings
from triage.domain.expression import Expression
from triage.domain.lexicon import Grammar, Rule
from triage.domain.normalise import fold
from triage.domain.reading import Reading, read
from triage.domain.signals import screen
from triage.domain.stance import Stance
from triage.screening import lexicon

SHIPPED = lexicon()
SIFTED: tuple[Any, ...] = (*SHIPPED.rules, *SHIPPED.cues, *SHIPPED.quiet)
RAISING = (*SHIPPED.rules, *(combo.rule for combo in SHIPPED.combos))


def whole(one: Any) -> Any:
    """The same record with its alternatives joined into one pattern that is always tried, as the data spells it."""
    joined = re.compile("|".join(f"(?:{part.pattern})" for part in one.expression.alternatives))
    return msgspec.structs.replace(one, expression=Expression.of(joined))


TRIED = msgspec.structs.replace(
    SHIPPED,
    rules=tuple(map(whole, SHIPPED.rules)),
    cues=tuple(map(whole, SHIPPED.cues)),
    quiet=tuple(map(whole, SHIPPED.quiet)),
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


WRITTEN = [one.text for one in (*wordings("tune"), *wordings("held"), *composed(60))]


@given(SPOKEN | st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=3).map("".join))
@settings(max_examples=150, deadline=None)
def test_sparing_what_cannot_match_never_misses_a_match_and_changes_no_score(text: str) -> None:
    assert read(SHIPPED, text) == read_with_everything_tried(text)
    assert screen(SHIPPED, text) == screen(TRIED, text)


def test_what_this_house_has_written_itself_is_read_as_with_everything_tried() -> None:
    different = [text for text in WRITTEN if read(SHIPPED, text) != read_with_everything_tried(text)]
    assert different == []


def read_with_everything_tried(text: str) -> Reading:
    """The same reading with every expression tried, its records put back to those shipped."""
    found = read(TRIED, text)
    shipped = {rule.id: rule for rule in RAISING}  # combinations included, whose rules match nothing by themselves
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
    alternatives = [(one.id, part) for one in SIFTED for part in one.expression.alternatives]
    passes = [name for name, part in alternatives if _parser.parse(part.pattern).getwidth()[0] == 0]
    assert passes == []  # a part that passes over nothing would stop a merged scan from going on
    patterns = {f"{name}.{number}": part.compiled for number, (name, part) in enumerate(alternatives)}
    patterns |= {name: getattr(SHIPPED.grammar, name) for name in Grammar.__struct_fields__}
    patterns |= {f"as {one.means}": one.pattern for one in SHIPPED.spellings}
    assert [name for name, pattern in patterns.items() if pattern.search("")] == []


def test_every_record_that_waits_for_a_character_waits_for_one_that_folding_leaves() -> None:
    # An upper-case, full-width or traditional character is folded away before any rule looks.
    waiting = {f"{one.id}.{number}": needs for one in SIFTED for number, needs in enumerate(one.expression.needs)}
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
    rule = Rule("t", 1, "act", RAISING[0].level, 0.5, Expression.of(re.compile("x")))
    assert (rule.alarm, rule.negatable, rule.subject) == (True, True, True)
    assert (rule.route, rule.unless, rule.expression.needs) == ("self", None, ((),))


def test_what_a_combination_needs_is_never_also_its_alternative() -> None:
    """A cue that stands in both makes the alternatives mean nothing."""
    doubled = {combo.rule.id for combo in SHIPPED.combos if set(combo.all) & set(combo.any)}
    assert doubled == set()
