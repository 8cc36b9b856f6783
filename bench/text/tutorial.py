"""The stock arm: the usual Channels chat in its careful order (save, tell, acknowledge), see bench/peers/tutorial.

Frozen: Daphne as it comes, the core channel layer, the ORM on persistent connections; no sign-in, no encryption.
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import msgspec

from bench.text.arm import Rig, answering, count, parties, reach
from bench.text.cpu import SERVERS, pin
from bench.text.ours import leaders
from bench.text.pairs import Heard, Pair, id_of
from tests.faults import tutorial
from tests.faults.fleet import Fleet


class TutorialLine:
    """One party of a room."""

    def spell(self, message: str, text: str) -> tuple[str, ...]:
        """A message with its id."""
        return (msgspec.json.encode({"id": message, "text": text}).decode(),)

    def read(self, raw: str | bytes) -> Iterable[Heard]:
        """Acknowledgements and messages of the room."""
        frame: dict[str, Any] = msgspec.json.decode(raw)
        return (Heard("ack", frame["ack"]) if "ack" in frame else Heard("shown", id_of(frame["text"])),)


class TutorialRig(Rig):
    """Two stock Daphne nodes, running."""

    rows_per_message = 1

    def __init__(self, ships: Fleet) -> None:
        """Processes."""
        self.ships = ships
        self.database = ships.env["DATABASE_URL"]

    def pids(self) -> list[int]:
        """Webs, PostgreSQL, Valkey, and two processes that do nothing."""
        return leaders(self.ships)

    def stored(self) -> int:
        """Messages saved."""
        return count(self.database, "tutorial_message")

    @contextlib.asynccontextmanager
    async def talks(self, count: int) -> AsyncIterator[list[Pair]]:
        """Rooms of two, one on each web process."""
        found = []
        async with parties() as everybody:
            for number in range(count):
                a, b = [
                    (await reach(url, f"/ws/durable/r{number}/{side}/"), TutorialLine())
                    for side, url in zip("ab", self.ships.webs, strict=True)
                ]
                found.append(everybody.pair(f"r{number}", a, b))
            pin(self.pids(), SERVERS)
            yield found


class Tutorial:
    """Stock Channels."""

    name = "tutorial"

    def absent(self) -> str:
        """It needs nothing we do not have."""
        return ""

    @contextlib.contextmanager
    def running(self, pairs: int) -> Iterator[TutorialRig]:
        """Start it."""
        with tutorial.fleet() as ships:
            ships.supervisor.start()
            try:
                answering(ships.ports)
                pin(leaders(ships), SERVERS)
                yield TutorialRig(ships)
            finally:
                ships.supervisor.stop()
