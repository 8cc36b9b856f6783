"""The shell of the screening: reads the rules and the weights once, and binds them to the pure functions."""

import re
import tomllib
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

import msgspec

from kernel.terms import RiskLevel
from triage.domain import signals
from triage.domain.expression import Alternative, Expression
from triage.domain.lexicon import Combo, Grammar, Lexicon, Presence, Quiet, Rule, Weights
from triage.domain.normalise import Spelling
from triage.domain.signals import Heard, Screening
from triage.waiting import waits_for

_WORD = re.compile(r"<([a-z_]+)>")
_GAP = re.compile(r"<([cg])(\d+)>")
_RULES = ("act", "plan", "ideation", "veiled", "plain", "other", "english")
_CLAUSE, _SENTENCE = "[^，,。！？!?\\n；;]", "[^。！？!?\\n；;]"


@cache
def lexicon() -> Lexicon:
    """Rules, phrases and weights as shipped in triage/data, read once per process."""
    words: dict[str, str] = _toml("words.toml")["words"]
    rules = [raw for name in _RULES for raw in _toml(f"rules/{name}.toml")["rule"]]
    cues = _toml("rules/cues.toml")
    grammar = {name: _compiled(value, words) for name, value in _toml("grammar.toml")["grammar"].items()}
    return Lexicon(
        spellings=tuple(
            Spelling(pattern, raw["means"], waits_for(pattern.pattern))
            for raw in _toml("spellings.toml")["spelling"]
            for pattern in [_compiled(raw["patterns"], words)]
        ),
        quiet=tuple(
            Quiet(raw["id"], raw["version"], raw["kind"], _ready(raw["patterns"], words))
            for raw in _toml("quiet.toml")["quiet"]
        ),
        rules=tuple(_rule(raw, words) for raw in rules),
        cues=tuple(_cue(raw, words) for raw in cues["cue"]),
        combos=tuple(_combo(raw) for raw in cues["combo"]),
        combos_unless=_compiled(cues["combos"]["unless"], words),
        grammar=Grammar(**grammar),
        weights=_weights(),
        presence=Presence(frozenset(cues["presence"]["cues"]), cues["presence"]["least"]),
    )


def ready() -> Lexicon:
    """The same with every alternative compiled, so that no text is the first to be held against one."""
    known = lexicon()
    expressions = [*(one.expression for one in known.quiet), *(one.expression for one in (*known.rules, *known.cues))]
    for alternative in chain.from_iterable(each.alternatives for each in expressions):
        alternative.compiled  # noqa: B018 - reading it compiles it
    return known


def screen(text: str, heard: Heard | None = None) -> Screening:
    """Screen one turn of a visitor; see triage/domain/signals.py. Never for counselor or template text."""
    return signals.screen(lexicon(), text, heard)


def _rule(raw: dict[str, Any], words: dict[str, str]) -> Rule:
    """One rule of the data, compiled."""
    fields = {**raw, "level": RiskLevel(raw["level"])}
    fields["expression"] = _ready(fields.pop("patterns"), words)
    if "unless" in fields:
        fields["unless"] = _compiled(fields["unless"], words)
    return Rule(**fields)


def _cue(raw: dict[str, Any], words: dict[str, str]) -> Rule:
    """A cue is a rule that raises nothing by itself."""
    expression, subject = _ready(raw["patterns"], words), raw.get("subject", False)
    return Rule(raw["id"], 1, "cue", RiskLevel.ROUTINE, 0.0, expression, alarm=False, subject=subject)


def _combo(raw: dict[str, Any]) -> Combo:
    """Cues that stand together raise what their combination's rule says; that rule matches nothing by itself."""
    level, never = RiskLevel(raw["level"]), Expression((), ())
    rule = Rule(raw["id"], raw["version"], raw["category"], level, raw["strength"], never)
    return Combo(rule, tuple(raw["all"]), tuple(raw["any"]), raw["reach"])


def _ready(patterns: str | list[str], words: dict[str, str]) -> Expression:
    """The alternatives, and for each the grams without which it need not be tried."""
    sources = [patterns] if isinstance(patterns, str) else patterns
    spelled = [_spelled(source, words) for source in sources]
    return Expression(tuple(map(Alternative, spelled)), tuple(map(waits_for, spelled)))


def _compiled(patterns: str | list[str], words: dict[str, str]) -> re.Pattern[str]:
    """One expression out of one or several."""
    return re.compile(_spelled(patterns, words))


def _spelled(patterns: str | list[str], words: dict[str, str]) -> str:
    """The source of one expression out of one or several, with <words> and <c6> / <g6> gaps put in."""
    source = patterns if isinstance(patterns, str) else "|".join(f"(?:{one})" for one in patterns)
    source = _GAP.sub(lambda m: f"{_CLAUSE if m[1] == 'c' else _SENTENCE}{{0,{m[2]}}}", source)
    return _WORD.sub(lambda m: f"(?:{words[m[1]]})", source)


def _toml(name: str) -> dict[str, Any]:
    """One file of triage/data."""
    return tomllib.loads((resources.files("triage") / "data" / name).read_text("utf-8"))


def _weights() -> Weights:
    """The trained weights, or an empty score where none were trained yet."""
    path = resources.files("triage") / "data" / "weights.json"
    if not path.is_file():
        return Weights(0, -3.0, 0.5, 3, {}, {})
    return msgspec.json.decode(path.read_bytes(), type=Weights)
