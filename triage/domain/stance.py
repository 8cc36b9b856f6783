"""Whose danger a match speaks of: the visitor's own, somebody else's, denied, long mended, or only quoted."""

import re
from enum import StrEnum
from itertools import repeat

from triage.domain.lexicon import Grammar, Rule

_SENTENCE_ENDS = "。！？!?\n；;"
_FULL_STOP = re.compile(r"(?<=[a-z])[.](?=\s|$)")  # in English; 3.5 and e.g. hold no sentence end
_CLAUSE_ENDS = _SENTENCE_ENDS + "，,、：:"
_PAUSE = re.compile("[，,、：]|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff]|$)")
_AROUND = 160  # characters; a past that was mended is told in one breath
_LOOK_BACK = 80  # characters; a subject further away is not heard as the subject


class Stance(StrEnum):
    """How a match is meant."""

    OWN = "own"
    DENIED = "denied"
    OTHER = "other"
    MENDED = "mended"
    QUOTED = "quoted"


def stance(text: str, start: int, end: int, rule: Rule, grammar: Grammar) -> Stance:
    """How the words around text[start:end] say that the match is meant."""
    before = _after_last(text, max(0, start - _LOOK_BACK), start, _SENTENCE_ENDS)
    clause = _after_last(before, 0, len(before), _CLAUSE_ENDS)
    if rule.negatable and _is_denied(clause, text[end : end + 24], grammar):
        return Stance.DENIED
    if not rule.subject:
        return Stance.OWN
    if _is_about_other(before, text[start:end], grammar):
        return Stance.OTHER
    around = text[max(0, start - _AROUND) : end + _AROUND]
    if grammar.long_ago.search(around) and grammar.mended.search(around):
        return Stance.MENDED
    if _is_quoted(text, start, end, before, grammar):
        return Stance.QUOTED
    return Stance.OWN


def _after_last(text: str, start: int, end: int, marks: str) -> str:
    """text[start:end] from behind the last of the marks on."""
    cut = max(map(text.rfind, marks, repeat(start), repeat(end)))
    for stop in _FULL_STOP.finditer(text, max(start, cut), end):
        cut = stop.start()
    return text[max(start, cut + 1) : end]


def _is_denied(clause: str, after: str, grammar: Grammar) -> bool:
    """Denied by a word right before (没有, 不会, never) or right after (已经没有了, 开玩笑的)."""
    if grammar.doubly.search(clause[-24:]) or grammar.hollow.search(after):
        return False
    return bool(grammar.denied_before.search(clause[-24:]) or grammar.denied_after.search(after))


def _is_about_other(before: str, match: str, grammar: Grammar) -> bool:
    """The last person named before the match is its subject, and is not the visitor."""
    other = _last(grammar.other_person.finditer(before))
    if other is None:
        return False
    own = _last(grammar.own_person.finditer(before))
    if own is not None and own[0] >= other[1]:
        return False
    if grammar.not_subject_before.search(before[max(0, other[0] - 6) : other[0]]):
        return False
    between = before[other[1] :]
    if grammar.not_subject_after.search(between):
        return False
    told = grammar.says.search(before[max(0, other[0] - 4) :])
    if not _PAUSE.search(between):
        return bool(told) or not ("我" in match[:3] or match.startswith("就"))
    return bool(told or grammar.about_other.search(between))


def _is_quoted(text: str, start: int, end: int, before: str, grammar: Grammar) -> bool:
    """The sentence is about a text, a course or the job, and the visitor is not the one who wishes."""
    found = [at for at in (text.find(mark, end) for mark in _SENTENCE_ENDS) if at >= 0]
    dot = _FULL_STOP.search(text, end)
    stop = min((*found, *((dot.start(),) if dot else ())), default=len(text))
    if not grammar.quoted.search(before + text[start : min(stop, end + _LOOK_BACK)]):
        return False
    own = _last(grammar.own_person.finditer(before))
    near = own is not None and len(before) - own[1] <= 4
    return not near and not text[start:end].startswith("我")


def _last(found: object) -> tuple[int, int] | None:
    """The span of the last match of an iterator, if there is one."""
    span: tuple[int, int] | None = None
    for match in found:  # type: ignore[attr-defined]
        span = match.span()
    return span
