"""The suite in two lanes at once: the browser's stories begin in both, all the rest goes file by file where it is free.

A pytest plugin (`-p tests.lanes`), since a lane needs a database of Valkey's own before Django reads its settings;
pytest-django gives each one of PostgreSQL's. Without pytest-xdist's `-n` nothing here does anything.
"""

import os
from typing import Any
from urllib.parse import urlsplit

import pytest
from xdist.scheduler import LoadScopeScheduling

LANE = os.environ.get("PYTEST_XDIST_WORKER", "")
CALLS, STORIES = "tests/e2e/test_voice", "tests/e2e/"
FIRST = (STORIES, "tests/faults/")
"""What takes longest begins first, so that the lanes end together."""


def own_database(url: str, lane: str) -> str:
    """The address of a Valkey database that no other lane uses: gw0 takes 1."""
    return urlsplit(url)._replace(path=f"/{int(lane.removeprefix('gw')) + 1}").geturl()


if LANE and "REDIS_URL" in os.environ:
    os.environ["REDIS_URL"] = own_database(os.environ["REDIS_URL"], LANE)


def turn(nodeid: str) -> int:
    """When a test's turn comes."""
    return next((number for number, folder in enumerate(FIRST) if nodeid.startswith(folder)), len(FIRST))


def together(nodeid: str) -> str:
    """What runs in one lane: stories of calls share a house, the other stories one, tests of a file its fixtures."""
    shared = next((folder for folder in (CALLS, STORIES) if nodeid.startswith(folder)), None)
    return shared or nodeid.partition("::")[0]


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each lane the next thing that belongs together."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    """Answer pytest-xdist."""
    return Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In lanes, begin with what takes longest."""
    if LANE:
        items.sort(key=lambda item: turn(item.nodeid))
