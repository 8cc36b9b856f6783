"""No referral, follow-up or appointment is dropped, whatever process dies: a few kills at every run."""

import sys

import msgspec
import pytest

from tests.faults.cases import run


@pytest.mark.faults
@pytest.mark.promise("R9")
def test_nothing_that_was_promised_to_a_visitor_is_dropped_whatever_process_is_killed() -> None:
    (found,) = run(8, 20261122, lambda line: print(line, file=sys.stderr), lanes=4)
    told = msgspec.json.encode(found).decode()
    assert (found.forgotten, found.late) == (0, 0), told
    assert found.follow_ups + found.referrals + found.appointments >= 3, told
