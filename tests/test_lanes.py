"""Each lane of the suite has engines' databases to itself."""

import pytest

from tests.lanes import own_database, turn


@pytest.mark.parametrize(
    ("url", "lane", "own"),
    [
        ("redis://:word@127.0.0.1:6379/0", "gw0", "redis://:word@127.0.0.1:6379/1"),
        ("rediss://user:word@valkey.example:6380", "gw1", "rediss://user:word@valkey.example:6380/2"),
    ],
)
def test_a_lane_has_a_valkey_database_of_its_own(url: str, lane: str, own: str) -> None:
    assert own_database(url, lane) == own


def test_what_takes_longest_begins_first() -> None:
    files = ["tests/kernel/test_feed.py", "tests/faults/test_drill.py", "tests/e2e/test_shift.py"]
    assert sorted(files, key=turn) == files[::-1]
