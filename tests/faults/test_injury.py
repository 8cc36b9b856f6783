"""What a drill does to its fleet is one fault at a time: while one node is coming back, the other is left alone."""

import asyncio
import random
import signal
from typing import Any, cast

import pytest

from tests.faults import injury
from tests.faults.fleet import Fleet


class Starting:
    """A fleet whose nodes answer only after they have been asked so often."""

    def __init__(self, asks: int) -> None:
        """Nobody has asked yet."""
        self.asks = asks
        self.asked: list[int] = []
        self.killed: list[tuple[str, int]] = []

    def answers(self, number: int) -> bool:
        """Whether a node is back."""
        assert not self.killed
        self.asked.append(number)
        return len(self.asked) > self.asks

    def signal(self, name: str, number: int) -> None:
        """Note it."""
        self.killed.append((name, number))


@pytest.mark.parametrize("seed", range(4))
def test_a_node_is_killed_only_when_its_neighbour_answers(seed: int) -> None:
    """Both were down for most of a drill on a crowded machine, and nobody was there to acknowledge anything."""
    ships = Starting(asks=2)
    asyncio.run(injury.kill_web(cast(Fleet, ships), random.Random(seed)))
    ((name, number),) = ships.killed
    assert number == signal.SIGKILL
    assert ships.asked == [{"web1": 2, "web2": 1}[name]] * 3


def test_a_neighbour_that_never_comes_back_stops_no_drill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(injury, "NEIGHBOUR_S", 0.0)
    ships: Any = Starting(asks=1000)
    asyncio.run(injury.kill_web(ships, random.Random(1)))
    assert ships.killed
