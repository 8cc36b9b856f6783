"""The Autobahn TestSuite finds nothing against our listeners; it needs a Python 2.7 and says so where there is none."""

import importlib.util

import pytest

from tests.faults.autobahn import EXCLUDED, GOOD, LARGE, SERVERS, find_python27, install, run

LEAST_CASES = 250  # of 301 without compression, less what sends messages of up to 16 MiB


@pytest.mark.faults
@pytest.mark.promise("R10")
@pytest.mark.parametrize("server", SERVERS)
def test_no_case_of_the_suite_fails(server: str) -> None:
    python27 = find_python27()
    if python27 is None:
        pytest.skip("no Python 2.7 here, on which alone the suite runs: name one in XINQIAO_PYTHON27")
    if server == "uvicorn" and importlib.util.find_spec("uvicorn") is None:
        pytest.skip("uvicorn is not installed: pip install --require-hashes -r requirements/uvicorn.txt")
    outcome = run(install(python27), server, EXCLUDED + LARGE)
    assert {case: what for case, what in outcome.items() if what not in GOOD} == {}
    assert len(outcome) >= LEAST_CASES
