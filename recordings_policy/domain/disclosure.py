"""Statistics about units that describe nobody: k >= 10, by merging small cells instead of blanking them.

Cells (unit x category x month) are merged into blocks of at least k contributors, and the only numbers ever
given out are sums of whole blocks. Whatever is subtracted, a total from its parts (complementary) or one table
from another (differencing), the result is constant on each block: if it counts people, it counts whole blocks.
An empty cell is small too: "nobody here" is news about somebody. Who knows this recipe can pin no small cell
either (tested exhaustively), though nests may narrow one. What this cannot stop: somebody who already knows all
but one of a block.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

K = 10
C = TypeVar("C", bound=Hashable)


class Block(msgspec.Struct, Generic[C], frozen=True):
    """Cells that are only counted together, their contributors, and what the recipe tells of the sum.

    `small` counts small cells. `least` is what the sum is known to reach, `open_ended` that no upper limit of it
    is known, `weighed` that it was looked at as a whole before, which is knowledge too, `told` how that ended.
    """

    cells: frozenset[C]
    count: int
    small: int
    least: int
    open_ended: bool
    weighed: bool = False
    told: bool = False

    def safe(self, k: int) -> bool:
        """Say whether the count may be told.

        It must reach k and leave every small cell its whole range 0..k-1: two small cells with 18 between them
        would tell that each is 9.
        """
        if self.open_ended:
            return self.count >= self.least + k - 1
        return not self.weighed and k <= self.count <= (self.small - 1) * (k - 1)

    def after(self, k: int) -> "Block[C]":
        """Decide, and note what the decision tells. Two small cells are never safe, so that tells nothing."""
        if self.small == 2 and not self.open_ended and not self.weighed:
            return self
        safe = self.safe(k)
        least = max(k, self.least + k - 1) if safe else self.least
        ends = self.open_ended and safe
        return msgspec.structs.replace(self, least=least, open_ended=ends, weighed=True, told=safe)


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
    blocks = [_cell(cell, n, k) for cell, n in counts.items()]
    for nest in (*nests, tuple(counts)):
        cells = frozenset(nest)
        inside = [block for block in blocks if block.cells <= cells]
        blocks = [block for block in blocks if not block.cells <= cells] + _merge(inside, k)
    return Blocks(tuple(block for block in blocks if block.told))


def _cell(cell: C, count: int, k: int) -> Block[C]:
    large = count >= k
    return Block(frozenset({cell}), count, not large, k if large else 0, large, told=large)


def _merge(blocks: list[Block[C]], k: int) -> list[Block[C]]:
    """Put together what may not be told alone, and take in others, in their order, until the sum may be told.

    The order must not depend on counts: taking the smallest first would tell that it was the smallest.
    """
    told = [block for block in blocks if block.told]
    pool = [block for block in blocks if not block.told]
    while pool and told and not _union(pool).safe(k):
        pool.append(told.pop(0))
    return [*told, _union(pool).after(k)] if pool else told


def _union(blocks: list[Block[C]]) -> Block[C]:
    return Block(
        frozenset().union(*(block.cells for block in blocks)),
        sum(block.count for block in blocks),
        sum(block.small for block in blocks),
        sum(block.least for block in blocks),
        any(block.open_ended for block in blocks),
        any(block.weighed for block in blocks),
    )
