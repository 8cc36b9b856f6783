"""Acknowledged is never lost: a short drill at every run; the long one is `python3 dev.py drill --faults 1000`.

Most of a drill is waiting for what was hurt to come back, so two are under way at any time, on fleets of their own.
"""

import importlib.util
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from tests.faults.drill import Outcome, Plan, run
from tests.faults.injury import INJURIES
from tests.faults.planted import patches
from tests.faults.planted.__main__ import caught
from tests.faults.planted.bugs import BUGS

SEED = 20261121
SERVERS = [server for server in ("daphne", "uvicorn") if importlib.util.find_spec(server) is not None]
PLANS = {server: Plan(60 // len(SERVERS), SEED + number, server=server) for number, server in enumerate(SERVERS)}
# The others take ten minutes: `python -m tests.faults.planted`.
TRIED_HERE = (  # caught whatever the timing
    "ack_before_commit",
    "no_idempotency",
    "no_tailer",
    "resume_one_late",
    "view_leaks",
    "delivered_twice",
    "offer_taken_twice",
)
AT_ONCE, LONGEST_S = 2, 900

pytestmark = pytest.mark.faults


def report(line: str) -> None:
    """Show progress beside what the test itself says."""
    print(line, file=sys.stderr)


@pytest.fixture(scope="module")
def drills() -> Iterator[dict[str, Future[Any]]]:
    """Every drill of this file by its server or its planted bug, begun at once and done when somebody asks."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun: dict[str, Future[Any]] = {server: pool.submit(run, plan, report) for server, plan in PLANS.items()}
        yield begun | {name: pool.submit(caught, name) for name in TRIED_HERE}
        pool.shutdown(cancel_futures=True)


@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_nothing_acknowledged_is_lost_doubled_or_reordered_whatever_dies_or_is_cut_off(
    drills: dict[str, Future[Any]], server: str
) -> None:
    if server not in PLANS:
        pytest.skip("uvicorn is not installed: pip install --require-hashes -r requirements/uvicorn.txt")
    outcome: Outcome = drills[server].result(LONGEST_S)
    told = msgspec.json.encode(outcome).decode()
    print(told)
    assert outcome.faults == PLANS[server].faults
    assert outcome.acked > outcome.faults
    assert outcome.clean, told


@pytest.mark.parametrize("name", TRIED_HERE)
def test_a_planted_bug_is_caught(drills: dict[str, Future[Any]], name: str) -> None:
    outcome, moved = drills[name].result(LONGEST_S)
    assert moved, msgspec.json.encode(outcome).decode()


def test_every_planted_bug_says_how_it_is_brought_to_light() -> None:
    assert len(BUGS) >= 10
    for name, bug in BUGS.items():
        assert callable(getattr(patches, name))
        assert set(bug.kinds) <= set(INJURIES)
        assert bug.shows
