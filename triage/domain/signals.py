"""Screening: what one visitor's turn says about danger, with every reason as a rule and a span."""

from typing import Literal

import msgspec

from kernel.terms import RiskLevel
from triage.domain.lexicon import Lexicon
from triage.domain.reading import Hit, Reading, features, read
from triage.domain.score import contributions, heaviest, logit, probability, windows
from triage.domain.stance import Stance

_CERTAIN = 0.98  # above this the score outweighs the guess that somebody else is meant
Route = Literal["self", "third_party", "other", "none"]


class Reason(msgspec.Struct, frozen=True):
    """Why: a rule at a version, and the half-open span of code points it was read from. No excerpt."""

    rule_id: str
    version: int
    category: str
    span: tuple[int, int]


class Heard(msgspec.Struct, frozen=True):
    """The most that was heard from this visitor so far; only a named counselor lowers it."""

    alarm: bool = False
    level: RiskLevel = RiskLevel.ROUTINE
    score: float = 0.0
    route: Route = "none"


class Screening(msgspec.Struct, frozen=True):
    """What a turn raises, never below what was heard before; `reasons` are of this turn only."""

    alarm: bool
    level: RiskLevel
    score: float
    reasons: tuple[Reason, ...]
    route: Route

    def heard(self) -> Heard:
        """The running maximum to carry to the visitor's next turn."""
        return Heard(self.alarm, self.level, self.score, self.route)


class Judged(msgspec.Struct, frozen=True):
    """What the rules alone make of a reading; `floor` is the least score they insist on."""

    level: RiskLevel
    route: Route
    floor: float
    reasons: tuple[Reason, ...]


def screen(lexicon: Lexicon, text: str, heard: Heard | None = None) -> Screening:
    """Screen one turn of the visitor and raise what was heard before; it never lowers."""
    before = heard or Heard()
    reading = read(lexicon, text)
    judged = judge(lexicon, reading)
    level, route, reasons = judged.level, judged.route, list(judged.reasons)
    score, where = _score(lexicon, reading)
    if score < _CERTAIN and _only_others(reading):
        score = min(score, lexicon.weights.threshold - 0.01)
    score = max(score, judged.floor)
    alarm = score >= lexicon.weights.threshold
    if alarm and not any(hit.stance is Stance.OWN and hit.rule.alarm for hit in reading.hits):
        reasons.append(Reason("score.ngrams", lexicon.weights.version, "score", reading.folded.span(*where)))
        level = max(level, _unruled(lexicon, reading, score), key=_rank)
    if alarm and route in ("none", "third_party") and judged.floor < lexicon.weights.threshold:
        route = "self"
    return Screening(
        alarm=alarm or before.alarm,
        level=max(level, before.level, key=_rank),
        score=round(max(score, before.score), 4),
        reasons=tuple(reasons),
        route=_firmer(route, before.route),
    )


def _unruled(lexicon: Lexicon, reading: Reading, score: float) -> RiskLevel:
    """The level of what no rule knows: imminent where a place or a means stands in it and no errand, else moderate."""
    here = score >= lexicon.presence.least and bool(lexicon.presence.cues & reading.cues)
    return RiskLevel.IMMINENT if here and not lexicon.combos_unless.search(reading.plain) else RiskLevel.MODERATE


def _rank(level: RiskLevel) -> int:
    """The level's order of urgency."""
    return level.rank


def _firmer(now: Route, before: Route) -> Route:
    """Of two routes the one that asks more: the visitor's own danger first."""
    order: tuple[Route, ...] = ("none", "third_party", "other", "self")
    return max(now, before, key=order.index)


def _only_others(reading: Reading) -> bool:
    """Danger is spoken of or somebody is worried about, and none of it is the visitor's own."""
    stances = {hit.stance for hit in reading.hits if hit.rule.alarm}
    worried = any(hit.rule.category == "concern" and hit.stance is Stance.OWN for hit in reading.hits)
    return (worried or Stance.OTHER in stances) and Stance.OWN not in stances


def judge(lexicon: Lexicon, reading: Reading) -> Judged:
    """Level, route, the least score the rules insist on, and the reasons."""
    level, floor = RiskLevel.ROUTINE, 0.0
    route: Route = "none"
    reasons: list[Reason] = []
    for hit in reading.hits:
        effect = _effect(lexicon, reading, hit)
        if effect is None:
            continue
        hit_level, hit_route, hit_floor = effect
        level = max(level, hit_level, key=_rank)
        route = _firmer(hit_route, route)
        floor = max(floor, hit_floor)
        reasons.append(
            Reason(hit.rule.id, hit.rule.version, hit.rule.category, reading.folded.span(hit.start, hit.end))
        )
    return Judged(level, route, floor, tuple(reasons))


def _effect(lexicon: Lexicon, reading: Reading, hit: Hit) -> tuple[RiskLevel, Route, float] | None:
    """What one hit does, by its stance: level, route, least score; None when it does nothing."""
    rule = hit.rule
    match hit.stance:
        case Stance.OWN:
            route: Route = rule.route  # type: ignore[assignment]
            return rule.level, route, rule.strength if rule.alarm else 0.0
        case Stance.OTHER:
            if rule.category == "act" and not lexicon.grammar.over.search(reading.plain):
                return RiskLevel.IMMINENT, "third_party", rule.strength
            return RiskLevel.MODERATE, "third_party", 0.0
        case Stance.MENDED:
            return RiskLevel.MODERATE, "self", 0.0
        case _:
            return None


def _score(lexicon: Lexicon, reading: Reading) -> tuple[float, tuple[int, int]]:
    """The trained probability (the highest window's), and the folded span that weighed most."""
    weights = lexicon.weights
    ruled = weights.bias + sum(weights.features.get(name, 0.0) for name in features(reading))
    best, where = -1.0, (0, 0)
    parts = windows(reading.scored)
    held = reading.held if len(parts) == 1 else None
    for start, part in parts:
        value = probability(ruled + logit(part, weights, held))
        if value > best:
            alarming = value >= weights.threshold
            begin, end = heaviest(contributions(part, weights), len(part)) if alarming else (0, len(part))
            best, where = value, (start + begin, start + end)
    return best, where
