"""One fleet per server for all tests of hostile peers, in which a peer that is gone is noticed within seconds."""

import importlib.util
from collections.abc import Iterator

import pytest

from tests.faults.fleet import Fleet, running
from tests.faults.fleet import fleet as new_fleet

# A fifth of what server/limits.py grants; what is proved is that there is an end, and who notices.
HASTY = {"REQUEST_S": 6.0, "PING_EVERY_S": 2.0, "PONG_WITHIN_S": 4.0}
GONE_S = HASTY["PING_EVERY_S"] + HASTY["PONG_WITHIN_S"]


@pytest.fixture(scope="package", params=["daphne", "uvicorn"])
def fleet(request: pytest.FixtureRequest) -> Iterator[Fleet]:
    """A fleet with one counselor."""
    if request.param == "uvicorn" and importlib.util.find_spec("uvicorn") is None:
        pytest.skip("uvicorn is not installed: pip install --require-hashes -r requirements/uvicorn.txt")
    with new_fleet(server=request.param, limits=HASTY) as ships:
        ships.prepare(1)
        with running(ships):
            yield ships
