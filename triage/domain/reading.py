"""Reading a turn: folded, harmless phrases masked, every rule's matches and every combination of cues found."""

import re
from itertools import islice

import msgspec

from triage.domain.lexicon import Combo, Lexicon, Rule, Tried
from triage.domain.normalise import Folded, fold, respell
from triage.domain.sieve import grams
from triage.domain.stance import Stance, stance

LONGEST = 8000  # characters of one turn that are read; a text message is far shorter
_DEADLY = re.compile("[死杀命跳吊毒割活亡葬砍掐捅撞刀]|kill|die|dead|death|suicid|jump|hang|shoot")
_QUIET_MARK = "○"
_SILENT = (Stance.DENIED, Stance.QUOTED)
_REACH = 30  # characters between the beginnings of two cues that are heard together
_HEARD = 16  # own matches of one rule in one turn; the seventeenth tells nothing new
_TRIED = 400  # matches of one rule in one turn that are looked at, own or not
_MOST = 8  # of one cue's places that are looked at


class Hit(msgspec.Struct, frozen=True):
    """One match of a rule, and how it is meant."""

    rule: Rule
    start: int
    end: int
    stance: Stance


class Reading(msgspec.Struct, frozen=True):
    """A turn after folding.

    `plain` has quiet phrases masked; `scored` has denied and quoted danger masked too; `cues` names the cues that stand
    alone ("cue.a") and those close together ("cue.a+cue.b"); `quiet` counts the masked phrases. `held` are the grams of
    `scored`.
    """

    folded: Folded
    plain: str
    scored: str
    held: set[str]
    hits: tuple[Hit, ...]
    cues: frozenset[str]
    quiet: int


def read(lexicon: Lexicon, text: str) -> Reading:
    """Fold, mask harmless phrases, and find every rule's matches with their stance."""
    folded, held = respell(fold(text[:LONGEST]), lexicon.spellings, lexicon.disguised)
    tried = lexicon.tried(held)
    plain, quiet = _mask(lexicon, tried, folded.text)
    first, last = len(lexicon.quiet), len(lexicon.quiet) + len(lexicon.rules)
    hits = [
        hit
        for number in tried
        if first <= number < last
        for hit in _hits(lexicon, lexicon.rules[number - first], plain, tried[number])
    ]
    cues = _cues(lexicon, tried, plain)
    hits.extend(_combined(lexicon, plain, cues))
    scored = _unheard(plain, hits)
    held = held if scored == folded.text else grams(scored)
    return Reading(folded, plain, scored, held, tuple(hits), _pairs(cues), quiet)


def _unheard(plain: str, hits: list[Hit]) -> str:
    """The text with denied, quoted and other people's danger masked, unless it is part of the visitor's own."""
    if not hits:
        return plain
    own = [(hit.start, hit.end) for hit in hits if hit.stance is Stance.OWN and hit.rule.alarm]
    chars = list(plain)
    for hit in hits:
        if hit.stance not in _SILENT or any(a < hit.end and hit.start < b for a, b in own):
            continue
        chars[hit.start : hit.end] = _QUIET_MARK * (hit.end - hit.start)
    return "".join(chars)


def _hits(lexicon: Lexicon, rule: Rule, plain: str, tried: list[int]) -> list[Hit]:
    """Every match of one rule whose surroundings do not exclude it."""
    found: list[Hit] = []
    own = 0
    for start, end in islice(rule.expression.spans(plain, tried), _TRIED):
        if start == end:
            continue
        if rule.unless is not None and rule.unless.search(plain, max(0, start - 40), min(len(plain), end + 40)):
            continue
        meant = stance(plain, start, end, rule, lexicon.grammar)
        found.append(Hit(rule, start, end, meant))
        own += meant is Stance.OWN
        if own >= _HEARD:
            break
    return found


def _mask(lexicon: Lexicon, tried: Tried, text: str) -> tuple[str, int]:
    """Deadly characters inside harmless phrases are masked, so that neither rules nor score see them."""
    masked = 0
    for number, quiet in enumerate(lexicon.quiet):
        for start, end in tuple(quiet.expression.spans(text, tried[number])) if number in tried else ():
            text = f"{text[:start]}{_hush(text[start:end])}{text[end:]}"
            masked += 1
    return text, masked


def _hush(phrase: str) -> str:
    """The phrase with its deadly parts masked (all of it when it has none), its length unchanged."""
    if not _DEADLY.search(phrase):
        return _QUIET_MARK * len(phrase)
    return _DEADLY.sub(lambda found: _QUIET_MARK * len(found.group()), phrase)


def _cues(lexicon: Lexicon, tried: Tried, plain: str) -> dict[str, list[Hit]]:
    """The cues of the text that the visitor says of himself or herself, by name."""
    first = len(lexicon.quiet) + len(lexicon.rules)
    found = {
        lexicon.cues[number - first].id: [
            hit
            for hit in _hits(lexicon, lexicon.cues[number - first], plain, tried[number])
            if hit.stance is Stance.OWN
        ]
        for number in tried
        if number >= first
    }
    return {name: hits for name, hits in found.items() if hits}


def _pairs(cues: dict[str, list[Hit]]) -> frozenset[str]:
    """Each cue, and each two different cues that stand within reach of each other without sharing a character."""
    names = sorted(cues)
    close = {
        f"{one}+{two}"
        for at, one in enumerate(names)
        for two in names[at + 1 :]
        if any(_nearest(hit, _others(cues[two], [hit]), _REACH) for hit in cues[one][:_MOST])
    }
    return frozenset(names) | close


def _combined(lexicon: Lexicon, plain: str, cues: dict[str, list[Hit]]) -> list[Hit]:
    """The combinations of cues in the text; ordinary business in the text silences all of them."""
    if not cues:
        return []
    hits = [_together(combo, cues) for combo in lexicon.combos if _all_there(combo, cues)]
    found = [hit for hit in hits if hit is not None]
    return [] if found and lexicon.combos_unless.search(plain) else found


def _all_there(combo: Combo, cues: dict[str, list[Hit]]) -> bool:
    """Every cue the combination asks for was found; most fail at the first."""
    return combo.all[0] in cues and all(name in cues for name in combo.all[1:])


def _together(combo: Combo, cues: dict[str, list[Hit]]) -> Hit | None:
    """The first place where the combination's cues stand close together."""
    for anchor in cues[combo.all[0]][:_MOST]:
        near = [_nearest(anchor, cues[name], combo.reach) for name in combo.all[1:]]
        parts = [hit for hit in near if hit is not None]
        if len(parts) < len(near):
            continue
        used = [anchor, *parts]
        if combo.any:
            extra = [_nearest(anchor, _others(cues.get(name, []), used), combo.reach) for name in combo.any]
            used.extend([hit for hit in extra if hit is not None][:1])
            if len(used) == len(combo.all):
                continue
        return Hit(combo.rule, min(hit.start for hit in used), max(hit.end for hit in used), Stance.OWN)
    return None


def _others(hits: list[Hit], used: list[Hit]) -> list[Hit]:
    """Hits that do not lie on one already used."""
    return [hit for hit in hits if not any(hit.start < one.end and one.start < hit.end for one in used)]


def _nearest(anchor: Hit, hits: list[Hit], reach: int) -> Hit | None:
    """The first hit that begins within reach of the anchor, on either side."""
    return next((hit for hit in hits if abs(hit.start - anchor.start) <= reach), None)


def features(reading: Reading) -> dict[str, float]:
    """The rule features the score was trained on: per rule when meant, per stance when not."""
    out: dict[str, float] = dict.fromkeys(reading.cues, 1.0)
    for hit in reading.hits:
        if hit.rule.category == "hopeless":
            continue  # half of all counselling talk is without hope; it sets a level, it does not speak for an alarm
        name = hit.rule.id if hit.stance is Stance.OWN else f"{hit.stance}:{hit.rule.category}"
        out[name] = 1.0
        if hit.stance is not Stance.OWN:
            out[f"any:{hit.stance}"] = 1.0
    if any(hit.stance is Stance.OWN and hit.rule.alarm for hit in reading.hits):
        out["any:own"] = 1.0
    if reading.quiet:
        out["quiet"] = 1.0
    return out
