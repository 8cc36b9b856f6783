"""Acknowledged is never lost: a short drill at every run; the long one is `python3 dev.py drill --faults 1000`."""

import importlib.util
import sys

import msgspec
import pytest

from tests.faults.drill import Plan, run
from tests.faults.injury import INJURIES
from tests.faults.planted import patches
from tests.faults.planted.__main__ import caught
from tests.faults.planted.bugs import BUGS

SEED = 20261121
FAULTS = {"daphne": 45, "uvicorn": 15}
# The others take a quarter of an hour: `python -m tests.faults.planted`.
TRIED_HERE = ("offer_taken_twice", "delivered_twice")  # caught whatever the timing


@pytest.mark.faults
@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_nothing_acknowledged_is_lost_doubled_or_reordered_whatever_dies_or_is_cut_off(server: str) -> None:
    if server == "uvicorn" and importlib.util.find_spec("uvicorn") is None:
        pytest.skip("uvicorn is not installed: pip install --require-hashes -r requirements/uvicorn.txt")
    plan = Plan(FAULTS[server], SEED, server=server)
    outcome = run(plan, lambda line: print(line, file=sys.stderr))
    told = msgspec.json.encode(outcome).decode()
    print(told)
    assert outcome.faults == plan.faults
    assert outcome.acked > plan.faults
    assert outcome.clean, told


@pytest.mark.faults
@pytest.mark.parametrize("name", TRIED_HERE)
def test_a_planted_bug_is_caught(name: str) -> None:
    outcome, moved = caught(name)
    assert moved, msgspec.json.encode(outcome).decode()


def test_every_planted_bug_says_how_it_is_brought_to_light() -> None:
    assert len(BUGS) >= 10
    for name, bug in BUGS.items():
        assert callable(getattr(patches, name))
        assert set(bug.kinds) <= set(INJURIES)
        assert bug.shows
