"""Unit statistics describe at least k people, whatever is subtracted from whatever, and whoever knows the recipe."""

from collections import defaultdict
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings_policy.domain.disclosure import Blocks, K, partition

UNITS = ("mill", "port", "mine")
TOPICS = ("work", "family")
Cell = tuple[str, str]
CELLS: list[Cell] = list(product(UNITS, TOPICS))
ROWS = [frozenset(cell for cell in CELLS if cell[0] == unit) for unit in UNITS]
COLUMNS = [frozenset(cell for cell in CELLS if cell[1] == topic) for topic in TOPICS]
COUNTS = st.lists(st.integers(0, 30), min_size=len(CELLS), max_size=len(CELLS)).map(
    lambda numbers: dict(zip(CELLS, numbers, strict=True))
)


def answered(blocks: Blocks[Cell], questions: list[frozenset[Cell]]) -> dict[frozenset[Cell], int]:
    """Ask everything; keep what was answered."""
    told = {question: blocks.answer(question) for question in questions}
    return {question: count for question, count in told.items() if count is not None}


def rank(rows: list[list[Fraction]]) -> int:
    """Gaussian elimination, exactly."""
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def follows(known: list[frozenset[Cell]], wanted: frozenset[Cell]) -> bool:
    """Can somebody compute this sum from the known ones, by any adding and subtracting?"""
    vectors = [[Fraction(cell in question) for cell in CELLS] for question in known]
    return rank(vectors) == rank([*vectors, [Fraction(cell in wanted) for cell in CELLS]])


@given(COUNTS)
@settings(max_examples=60, deadline=None)
def test_no_sum_of_fewer_than_k_people_follows_from_all_answers_together(counts: dict[Cell, int]) -> None:
    """Attacker: asks for every one of the 63 sums, then solves for every set of cells below k."""
    blocks = partition(counts, ROWS)
    questions = [frozenset(q) for size in range(1, len(CELLS) + 1) for q in combinations(CELLS, size)]
    told = answered(blocks, questions)
    basis = [block.cells for block in blocks.blocks]
    assert all(follows(basis, question) for question in told)
    for question in questions:
        if 0 <= sum(counts[cell] for cell in question) < K:
            assert not follows(basis, question)


@given(COUNTS)
def test_what_is_told_is_true(counts: dict[Cell, int]) -> None:
    blocks = partition(counts, ROWS)
    for question, count in answered(blocks, [*ROWS, *COLUMNS, *(frozenset({c}) for c in CELLS)]).items():
        assert count == sum(counts[cell] for cell in question) >= K


@given(COUNTS)
def test_no_cell_stands_in_two_blocks(counts: dict[Cell, int]) -> None:
    blocks = partition(counts, ROWS).blocks
    assert sum(len(block.cells) for block in blocks) == len(frozenset().union(*(b.cells for b in blocks)))


@pytest.mark.parametrize("nests", [[], ["ab"], ["bd"], ["abc"], ["bcd"], ["ab", "cd"], ["ab", "abc"], ["cd", "bcd"]])
def test_who_knows_the_recipe_pins_no_small_cell(nests: list[str]) -> None:
    """With k = 3, every table of four cells of 0..8: all tables that give one publication, compared.

    Publications with a larger sum are left out, since the tables beyond 8 that also give them are not tried.
    """
    k, top, cells = 3, 8, "abcd"
    possible: dict[frozenset[tuple[frozenset[str], int]], list[tuple[int, ...]]] = defaultdict(list)
    for numbers in product(range(top + 1), repeat=len(cells)):
        blocks = partition(dict(zip(cells, numbers, strict=True)), nests, k).blocks
        possible[frozenset((block.cells, block.count) for block in blocks)].append(numbers)
    for published, tables in possible.items():
        if all(count <= top for _, count in published) and published:
            for position in range(len(cells)):
                values = {table[position] for table in tables}
                assert len(values) > 1 or min(values) >= k
                assert nests or min(values) >= k or values >= set(range(k)), "without nests not even narrowed"


def test_large_cells_are_told_one_by_one() -> None:
    blocks = partition(dict.fromkeys(CELLS, 40), ROWS)
    assert blocks.answer({CELLS[0]}) == 40
    assert blocks.answer(ROWS[0]) == 80
    assert blocks.answer(COLUMNS[0]) == 120
    assert blocks.answer(CELLS) == 240


def test_one_small_cell_takes_another_with_it_and_the_total_stays() -> None:
    counts = dict.fromkeys(CELLS, 40) | {CELLS[0]: 3}
    blocks = partition(counts, ROWS)
    assert blocks.answer({CELLS[0]}) is None
    assert blocks.answer({CELLS[1]}) is None, "else the small one is the total minus the rest"
    assert blocks.answer({CELLS[2]}) == 40
    assert blocks.answer(ROWS[0]) == 43
    assert blocks.answer(COLUMNS[0]) is None
    assert blocks.answer(CELLS) == 203


@pytest.mark.parametrize(("smalls", "told"), [((9, 9), False), ((5, 5), False), ((5, 5, 5), True), ((9, 9, 9), False)])
def test_small_cells_alone_are_told_only_where_the_sum_gives_none_away(smalls: tuple[int, ...], told: bool) -> None:
    counts = dict(enumerate(smalls))
    assert (partition(counts).answer(counts) is not None) is told


def test_fewer_than_k_in_all_are_never_told() -> None:
    assert partition({"a": 4, "b": 5}).blocks == ()
    assert partition({}).answer([]) is None


def test_a_small_unit_is_only_told_together_with_its_region() -> None:
    counts = {("mill", "x"): 2, ("port", "x"): 50, ("mine", "x"): 60, ("yard", "x"): 70}
    region = [("mill", "x"), ("port", "x")]
    blocks = partition(counts, [[cell] for cell in counts] + [region])
    assert [blocks.answer([cell]) for cell in counts] == [None, None, 60, 70]
    assert blocks.answer(region) == 52


def test_a_later_question_is_answered_from_the_same_blocks() -> None:
    """Differencing: a region with and without its small unit."""
    counts = {"mill": 2, "port": 50, "mine": 60}
    blocks = partition(counts)
    assert blocks.answer(["port", "mine"]) is None
    assert blocks.answer(["mill", "port", "mine"]) == 112


def test_a_negative_count_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        partition({"a": -1})
