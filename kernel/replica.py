"""A live copy of one aggregate in this process, folded from its feed; for what many sockets derive from one state."""

import asyncio
from typing import Any

from kernel.decider import Address, Decider
from kernel.engine import Engine
from kernel.registry import Registry
from kernel.terms import Actor
from kernel.wire import Row, Told


class Replica:
    """Follows a feed for as long as the process lives; `state` is as of `seq`, at most a nudge behind."""

    def __init__(self, decider: Decider[Any], at: Address) -> None:
        """Begin empty."""
        self._decider = decider
        self._at = at
        self.seq = 0
        self.state: Any = decider.initial
        self._behind = True
        self._reading = asyncio.Lock()

    async def refresh(self, engine: Engine, registry: Registry) -> None:
        """Read the stored snapshot where the feed has run ahead of this copy."""
        registry.follow(self._at.feed, self)
        async with self._reading:  # whoever comes while it is being read waits for it
            while self._behind:
                self._behind = False  # before the read: news that comes meanwhile asks for another
                try:
                    loaded = await engine.state(self._at)
                except BaseException:
                    self._behind = True
                    raise
                registry.note(self._at.feed, loaded.seq if loaded else 0)
                if loaded is not None and loaded.seq > self.seq:
                    self.seq, self.state = loaded.seq, loaded.state

    def wake(self, _feed: str, rows: tuple[Row, ...]) -> None:
        """Fold what comes next; a gap asks for the snapshot."""
        for row in rows:
            if row.seq == self.seq + 1:
                self.seq, self.state = row.seq, self._decider.evolve(self.state, row.event)
            elif row.seq > self.seq:
                self._behind = True

    def hear(self, _feed: str, _by: Actor, _hint: Told) -> None:
        """A replica has no ear for hints."""
