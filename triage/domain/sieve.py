"""Which expressions can match a text at all: told from the characters, pairs and triples of characters it holds.

Most turns hold nothing of most rules. An index from each of these grams to the alternatives that wait for it
answers in one walk over the text which few expressions are worth trying; it never leaves out one that would match.
"""

from collections.abc import Sequence

Needs = tuple[tuple[frozenset[str], ...], ...]
"""Per alternative of an expression: sets of grams; a match holds at least one of each. Empty: it is always tried."""

LONGEST = 3  # characters of a gram


def grams(text: str) -> set[str]:
    """Every character, and every two and three that stand next to each other."""
    pairs = list(map(str.__add__, text, text[1:]))
    return {*text, *pairs, *map(str.__add__, pairs, text[2:])}


class Sieve:
    """Built once over the needs of numbered expressions."""

    def __init__(self, needs: Sequence[Needs]) -> None:
        """Index each alternative under its first set; the other sets are looked at when that one is met."""
        self._always = frozenset(number for number, one in enumerate(needs) if not one or not all(one))
        waiting = [(number, sets) for number, one in enumerate(needs) if number not in self._always for sets in one]
        self._others = [(number, sets[1:]) for number, sets in waiting]
        index: dict[str, list[int]] = {}
        for at, (_, sets) in enumerate(waiting):
            for gram in sets[0]:
                index.setdefault(gram, []).append(at)
        self._index = index
        self._known = frozenset(index)

    def passing(self, held: set[str]) -> set[int]:
        """Numbers of the expressions that a text with these grams may match."""
        met: set[int] = set()
        for gram in held & self._known:
            met.update(self._index[gram])
        numbers = set(self._always)
        for at in met:
            number, others = self._others[at]
            for other in others:
                if other.isdisjoint(held):
                    break
            else:
                numbers.add(number)
        return numbers
