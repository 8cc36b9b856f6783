"""What an expression needs: characters, pairs and triples without which none of its alternatives can match.

Derived from the parsed expression, once, at load. An over-wide set only costs time; a set can never be too narrow:
a stretch of the expression that spells finitely many strings is passed whole by every match, so one gram of each
string will do.
"""

import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from triage.domain.sieve import LONGEST, Needs

Items = list[tuple[Any, Any]]
_STRINGS = 400  # more strings than this spare nothing
_CLASS = 64  # characters of a class that is spelled out
_SETS = 3  # of one alternative's sets that are worth keeping
_EVERYDAY = frozenset("我你他她不的了是想要在有到一个上去会这那就都也来没人说过得着吧啊呢吗")
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_NO_WIDTH = (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT)


def needs(source: str) -> Needs:
    """The needs of each alternative; empty when one of them can match without any particular character."""
    parsed = _parser.parse(source)
    if parsed.state.flags & re.IGNORECASE:
        return ()
    sets = [_sets(one) for one in _alternatives(list(parsed))]
    if not all(sets):
        return ()
    return tuple(tuple(sorted(one, key=_width)[:_SETS]) for one in sets)


def _width(grams: frozenset[str]) -> float:
    """How much of everyday text would pass: one common character lets through as much as many rare pairs."""
    return sum(1.0 if len(gram) > 1 else 100.0 if gram in _EVERYDAY else 10.0 for gram in grams)


def _alternatives(items: Items) -> list[Items]:
    """The alternatives of an expression that is nothing but a choice; otherwise the expression itself."""
    if len(items) == 1:
        op, argument = items[0]
        if op is _constants.SUBPATTERN:
            return _alternatives(list(argument[-1]))
        if op is _constants.BRANCH:
            return [one for branch in argument[1] for one in _alternatives(list(branch))]
    return [items]


def _sets(items: Items) -> list[frozenset[str]]:
    """The needed sets of a sequence, one per stretch that spells finitely many strings."""
    found: list[frozenset[str]] = []
    stretch = {""}
    for op, argument in items:
        strings = _strings(op, argument)
        if strings is not None and len(strings) * len(stretch) <= _STRINGS:
            stretch = {one + two for one in stretch for two in strings}
            continue
        found += _needed(stretch)
        stretch = {""} if strings is None else strings
        if strings is None:
            found += _inside(op, argument)
    return found + _needed(stretch)


def _needed(strings: set[str]) -> list[frozenset[str]]:
    """One gram of each string, the rarest; nothing where the empty string is among them."""
    return [] if "" in strings else [frozenset(map(_rarest, strings))]


def _rarest(string: str) -> str:
    """The longest gram with the fewest everyday characters."""
    if len(string) <= LONGEST:
        return string
    found = [string[at : at + LONGEST] for at in range(len(string) + 1 - LONGEST)]
    return min(found, key=lambda gram: sum(map(_EVERYDAY.__contains__, gram)))


def _inside(op: Any, argument: Any) -> list[frozenset[str]]:
    """What an element needs that spells too many strings."""
    if op is _constants.SUBPATTERN:
        return _sets(list(argument[-1]))
    if op in _REPEATS and argument[0] > 0:
        return _sets(list(argument[2]))
    if op is _constants.BRANCH:
        best = [min(_sets(list(branch)), key=_width, default=None) for branch in argument[1]]
        chosen = [one for one in best if one is not None]
        return [frozenset().union(*chosen)] if len(chosen) == len(best) else []
    return []


def _strings(op: Any, argument: Any) -> set[str] | None:
    """Every string an element can pass over, None when they are too many to say."""
    if op is _constants.LITERAL:
        return {chr(argument)}
    if op is _constants.IN:
        return _listed(argument)
    if op in _NO_WIDTH:
        return {""}
    if op is _constants.SUBPATTERN:
        return _joined(list(argument[-1]))
    if op in _REPEATS and argument[1] <= 2:
        once = _joined(list(argument[2]))
        if once is None:
            return None
        powers = [{""}, once, {one + two for one in once for two in once} if argument[1] == 2 else set()]
        return _few(set().union(*powers[argument[0] : argument[1] + 1]))
    if op is _constants.BRANCH:
        branches = [_joined(list(branch)) for branch in argument[1]]
        known = [one for one in branches if one is not None]
        return _few(set().union(*known)) if len(known) == len(branches) else None
    return None


def _joined(items: Items) -> set[str] | None:
    """Every string a sequence can pass over."""
    whole = {""}
    for op, argument in items:
        strings = _strings(op, argument)
        if strings is None or len(strings) * len(whole) > _STRINGS:
            return None
        whole = {one + two for one in whole for two in strings}
    return whole


def _few(strings: set[str]) -> set[str] | None:
    """The strings, unless they are too many."""
    return strings if len(strings) <= _STRINGS else None


def _listed(items: Items) -> set[str] | None:
    """The characters of a class of single characters and short ranges."""
    out: set[str] = set()
    for op, argument in items:
        if op is _constants.LITERAL:
            out.add(chr(argument))
        elif op is _constants.RANGE and argument[1] - argument[0] < _CLASS:
            out.update(chr(code) for code in range(argument[0], argument[1] + 1))
        else:
            return None
    return out
