"""One expression made of alternatives: where it matches, found by trying only those that can."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from triage.domain.sieve import Needs


class Alternative(msgspec.Struct, frozen=True):
    """One alternative, by its source: most wait for words that never come, and compiling them all takes long."""

    pattern: str

    @property
    def compiled(self) -> re.Pattern[str]:
        """Compiled when first asked for."""
        return _compiled(self.pattern)


_compiled = cache(re.compile)


class Expression(msgspec.Struct, frozen=True):
    """Alternatives in their order, none of which passes over nothing, and what each of them waits for."""

    alternatives: tuple[Alternative, ...]
    needs: tuple[Needs, ...]

    @classmethod
    def of(cls, pattern: re.Pattern[str], needs: Needs = ()) -> "Expression":
        """A single alternative."""
        return cls((Alternative(pattern.pattern),), (needs,))

    def spans(self, text: str, tried: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Every match of `one|two|…`, from left to right; only alternatives that cannot match may be left untried."""
        if len(tried) == 1:
            return (match.span() for match in self.alternatives[tried[0]].compiled.finditer(text))
        return _merged([self.alternatives[number].compiled for number in tried], text)


def _merged(patterns: Sequence[re.Pattern[str]], text: str) -> Iterator[tuple[int, int]]:
    """What the patterns joined by `|` would find: the leftmost match, of those the first in order, and on from its end.

    `pos` hides nothing from a look-behind or an anchor, so a search that starts there sees what a scan would.
    """
    ahead = [pattern.search(text) for pattern in patterns]
    while True:
        spans = [match.span() for match in ahead if match is not None]
        if not spans:
            return
        start = min(span[0] for span in spans)
        start, end = next(span for span in spans if span[0] == start)
        yield start, end
        onward = max(end, start + 1)
        if onward > len(text):
            return
        for number, match in enumerate(ahead):
            if match is not None and match.start() < onward:
                ahead[number] = patterns[number].search(text, onward)
