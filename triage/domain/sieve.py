"""Which expressions can match a text at all: told from the characters and pairs of characters it holds.

Most turns hold nothing of most rules. An index from each character and pair to the alternatives that wait for it
answers in one walk over the text which few expressions are worth trying; it never leaves out one that would match.
"""

from collections.abc import Sequence

Needs = tuple[tuple[frozenset[str], ...], ...]
"""Per alternative of an expression: sets of grams; a match holds at least one of each. Empty: it is always tried."""


def grams(text: str) -> set[str]:
    """Every character and every pair of neighbours."""
    found = set(text)
    found.update(map(str.__add__, text, text[1:]))
    return found


class Sieve:
    """Built once over the needs of numbered expressions."""

    def __init__(self, needs: Sequence[Needs]) -> None:
        """Index each alternative under its first set; the other sets are looked at when that one is met."""
        self._always = frozenset(number for number, one in enumerate(needs) if not one or not all(one))
        self._alternatives = [
            (number, sets[1:]) for number, one in enumerate(needs) if number not in self._always for sets in one
        ]
        self._index: dict[str, int] = {}
        firsts = (sets[0] for number, one in enumerate(needs) if number not in self._always for sets in one)
        for bit, first in enumerate(firsts):
            for gram in first:
                self._index[gram] = self._index.get(gram, 0) | 1 << bit
        self._known = frozenset(self._index)

    def passing(self, held: set[str]) -> set[int]:
        """Numbers of the expressions that a text with these grams may match."""
        met = 0
        for gram in held & self._known:
            met |= self._index[gram]
        numbers = set(self._always)
        while met:
            low = met & -met
            number, others = self._alternatives[low.bit_length() - 1]
            if number not in numbers and not any(other.isdisjoint(held) for other in others):
                numbers.add(number)
            met ^= low
        return numbers
