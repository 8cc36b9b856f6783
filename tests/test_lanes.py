"""Each lane of the suite has engines' databases to itself."""

import pytest

from tests.lanes import own_database, together, turn


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


def test_the_browsers_stories_share_a_lane_and_the_tests_of_a_file_do() -> None:
    shift, closed = together("tests/e2e/test_shift.py::test_a_shift"), together("tests/e2e/test_closed.py::test_x[a@b]")
    assert shift == closed != together("tests/kernel/test_feed.py::test_y[c::d]") == "tests/kernel/test_feed.py"
