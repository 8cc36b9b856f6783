"""Acknowledged is never lost: a short drill at every run; the long one is `python3 dev.py drill --faults 1000`."""

import sys

import msgspec
import pytest

from tests.faults.drill import run

FAULTS, SEED = 60, 20261121


@pytest.mark.faults
@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
def test_nothing_acknowledged_is_lost_doubled_or_reordered_whatever_process_dies() -> None:
    outcome = run(FAULTS, SEED, lambda line: print(line, file=sys.stderr))
    told = msgspec.json.encode(outcome).decode()
    print(told)
    assert outcome.faults == FAULTS
    assert outcome.acked > FAULTS
    counts = {
        name: getattr(outcome, name)
        for name in ("lost", "doubled", "reordered", "undelivered", "misshown", "unacked", "late")
    }
    assert not any(counts.values()), told
