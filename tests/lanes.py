"""The suite in two lanes at once: the browser's stories in one, all the rest file by file in what is free.

A pytest plugin (`-p tests.lanes`), since a lane needs a database of Valkey's own before Django reads its settings;
pytest-django gives each one of PostgreSQL's. Without pytest-xdist's `-n` nothing here does anything.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

LANE = os.environ.get("PYTEST_XDIST_WORKER", "")
FIRST = ("tests/e2e/", "tests/faults/", "tests/bench/")
"""What takes longest begins first, so that the lanes end together."""


def own_database(url: str, lane: str) -> str:
    """The address of a Valkey database that no other lane uses: gw0 takes 1."""
    return urlsplit(url)._replace(path=f"/{int(lane.removeprefix('gw')) + 1}").geturl()


if LANE and "REDIS_URL" in os.environ:
    os.environ["REDIS_URL"] = own_database(os.environ["REDIS_URL"], LANE)


def turn(file: str) -> int:
    """When a file's turn comes."""
    return next((number for number, folder in enumerate(FIRST) if file.startswith(folder)), len(FIRST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say what stays together: the browser's stories share houses, the tests of a file its fixtures."""
    if not LANE:
        return
    root = config.rootpath
    for item in items:
        file = Path(item.path).relative_to(root).as_posix()
        item.add_marker(pytest.mark.xdist_group("browser" if file.startswith(FIRST[0]) else file))
    items.sort(key=lambda item: turn(Path(item.path).relative_to(root).as_posix()))
