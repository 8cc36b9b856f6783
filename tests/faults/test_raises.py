"""A raise reaches a human's console within five seconds, whatever is down: a few at every run."""

import sys

import msgspec
import pytest

from tests.faults.raises import Raised, run

HURT = ("redis_down", "counselor_gone")


@pytest.fixture(scope="module")
def raised() -> dict[str, Raised]:
    """Six raises in each state, one state after the other on one fleet."""
    return {found.state: found for found in run(6, 20261122, lambda line: print(line, file=sys.stderr), HURT)}


@pytest.mark.alone
@pytest.mark.faults
@pytest.mark.promise("R3")
@pytest.mark.parametrize("state", HURT)
def test_every_raise_is_on_a_supervisors_console_within_five_seconds_and_somebody_has_it(
    raised: dict[str, Raised], state: str
) -> None:
    found = raised[state]
    told = msgspec.json.encode(found).decode()
    assert (found.shown, found.late, found.forgotten) == (6, 0, 0), told
    assert found.acknowledged + found.climbing == 6
