"""A raise reaches a human's console within five seconds, whatever is down: a few at every run."""

import sys

import msgspec
import pytest

from tests.faults.raises import run


@pytest.mark.faults
@pytest.mark.promise("R3")
@pytest.mark.parametrize("state", ["redis_down", "counselor_gone"])
def test_every_raise_is_on_a_supervisors_console_within_five_seconds_and_somebody_has_it(state: str) -> None:
    (found,) = run(6, 20261122, lambda line: print(line, file=sys.stderr), (state,))
    told = msgspec.json.encode(found).decode()
    assert (found.shown, found.late, found.forgotten) == (6, 0, 0), told
    assert found.acknowledged + found.climbing == 6
