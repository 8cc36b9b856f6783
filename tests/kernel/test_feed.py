"""The cursor: one integer against loss, doubles and disorder."""

from hypothesis import given
from hypothesis import strategies as st

from kernel.feed import Cursor


@given(
    total=st.integers(0, 20),
    nudges=st.lists(st.tuples(st.integers(1, 20), st.integers(0, 4)), max_size=30),
    hidden=st.frozensets(st.integers(1, 20)),
)
def test_use_fetch_and_drop_show_everything_once(
    total: int, nudges: list[tuple[int, int]], hidden: frozenset[int]
) -> None:
    """The log is 1..total; a nudge brings some stretch of it that exists, in any order, many times or never."""
    cursor = Cursor()
    shown: list[int] = []
    visited: list[int] = []

    def step(seqs: range) -> None:
        nonlocal cursor
        for seq in seqs:
            if seq > cursor.read:
                assert seq == cursor.read + 1
                visited.append(seq)
                if seq not in hidden:
                    shown.append(seq)
                cursor = cursor.advance(seq, visible=seq not in hidden)
                assert cursor.shown == (shown[-1] if shown else 0)

    for first, length in nudges:
        last = min(first + length, total)
        if first > last:
            continue
        match cursor.wants(first, last):
            case "use":
                step(range(first, last + 1))
            case "fetch":
                assert first > cursor.read + 1
                step(range(cursor.read + 1, last + 1))
            case what:
                assert what == "drop"
                assert last <= cursor.read
    step(range(cursor.read + 1, total + 1))
    assert visited == list(range(1, total + 1))
    assert shown == [seq for seq in visited if seq not in hidden]
