"""What a rule needs: the characters without which its expression cannot match, so that it need not be tried.

Derived from the parsed expression, once, at load. An over-wide set only costs time; a set can never be too narrow,
because every match passes through at least one character of every element that is not optional.
"""

import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

_WIDE = 400  # characters; a wider set spares nothing


def triggers(pattern: re.Pattern[str]) -> frozenset[str]:
    """Characters of which every match holds at least one; empty when no such narrow set exists."""
    found = _needed(list(_parser.parse(pattern.pattern, pattern.flags)))
    return frozenset() if found is None or len(found) > _WIDE else frozenset(found)


def _needed(items: list[tuple[Any, Any]]) -> set[str] | None:
    """The narrowest needed set of a sequence: one of its elements' own."""
    sets = [one for one in (_of(op, argument) for op, argument in items) if one]
    return min(sets, key=len) if sets else None


def _of(op: Any, argument: Any) -> set[str] | None:
    """The needed set of one element, None when it may match without any particular character."""
    if op is _constants.LITERAL:
        return {chr(argument)}
    if op is _constants.IN:
        return _listed(argument)
    if op is _constants.SUBPATTERN:
        return _needed(list(argument[-1]))
    if op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        return _needed(list(argument[2])) if argument[0] > 0 else None
    if op is _constants.BRANCH:
        branches = [_needed(list(branch)) for branch in argument[1]]
        return None if any(one is None for one in branches) else {c for one in branches if one for c in one}
    return None


def _listed(items: list[tuple[Any, Any]]) -> set[str] | None:
    """The characters of a class of single characters and short ranges."""
    out: set[str] = set()
    for op, argument in items:
        if op is _constants.LITERAL:
            out.add(chr(argument))
        elif op is _constants.RANGE and argument[1] - argument[0] < 64:
            out.update(chr(code) for code in range(argument[0], argument[1] + 1))
        else:
            return None
    return out
