"""Statistics about units that describe nobody: k >= 10, by merging small cells instead of blanking them.

Cells (unit x category x month) are merged into blocks of at least k contributors, and the only numbers ever
given out are sums of whole blocks. Whatever is subtracted, a total from its parts (complementary) or one table
from another (differencing), the result is constant on each block: if it counts people, it counts whole blocks.
An empty cell is small too: "nobody here" is news about somebody. What this cannot stop: somebody who already
knows all but one of a block.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

K = 10
C = TypeVar("C", bound=Hashable)


class Block(msgspec.Struct, Generic[C], frozen=True):
    """Cells that are only counted together: contributors, and how many of the cells are small and large."""

    cells: frozenset[C]
    count: int
    small: int
    large: int

    def safe(self, k: int) -> bool:
        """Say whether the count may be told.

        It must reach k and, to somebody who knows how blocks are made, leave every small cell its whole range
        0..k-1: two small cells with 18 between them would tell that each is 9.
        """
        if not self.small:
            return self.large > 0
        if self.large:
            return self.count >= self.large * k + k - 1
        return k <= self.count <= (self.small - 1) * (k - 1)


class Blocks(msgspec.Struct, Generic[C], frozen=True):
    """The one partition in which a period is published; made once, when the period is over, and kept."""

    blocks: tuple[Block[C], ...] = ()

    def answer(self, question: Collection[C]) -> int | None:
        """Count the contributors of these cells; None (suppressed) unless they are whole blocks."""
        cells = frozenset(question)
        whole = [block for block in self.blocks if block.cells <= cells]
        covered = frozenset().union(*(block.cells for block in whole))
        return sum(block.count for block in whole) if cells and covered == cells else None


def partition(counts: Mapping[C, int], nests: Sequence[Collection[C]] = (), k: int = K) -> Blocks[C]:
    """Merge cells into blocks that may be told, inside the smallest nest that suffices.

    `counts` holds people per cell, each person in one cell only. `nests` are the sums one would like to
    publish, from small to large (a unit's cells, then its region's). What cannot be told even in the whole is
    left out.
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count is negative")
    blocks = [Block(frozenset({cell}), n, int(n < k), int(n >= k)) for cell, n in counts.items()]
    for nest in (*nests, tuple(counts)):
        cells = frozenset(nest)
        inside = [block for block in blocks if block.cells <= cells]
        blocks = [block for block in blocks if not block.cells <= cells] + _merge(inside, k)
    return Blocks(tuple(block for block in blocks if block.safe(k)))


def _merge(blocks: list[Block[C]], k: int) -> list[Block[C]]:
    """Put together what may not be told alone, and take in others, in their order, until the sum may be told.

    The order must not depend on counts: taking the smallest first would tell that it was the smallest.
    """
    told = [block for block in blocks if block.safe(k)]
    pool = [block for block in blocks if not block.safe(k)]
    while pool and told and not _union(pool).safe(k):
        pool.append(told.pop(0))
    return [*told, _union(pool)] if pool else told


def _union(blocks: list[Block[C]]) -> Block[C]:
    return Block(
        frozenset().union(*(block.cells for block in blocks)),
        sum(block.count for block in blocks),
        sum(block.small for block in blocks),
        sum(block.large for block in blocks),
    )
