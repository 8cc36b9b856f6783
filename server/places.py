"""Where each waiting visitor stands, computed once per change of a desk and shared by all sockets of the process."""

from kernel.decider import Address
from kernel.hub import Hub
from kernel.replica import Replica
from kernel.wire import Place
from queueing.domain.desk import DECIDER
from queueing.domain.view import places


class Places:
    """One desk's places, as of the replica's seq."""

    def __init__(self, line: str) -> None:
        """Watch one line."""
        self._replica = Replica(DECIDER, Address("desk", line))
        self._seq = -1
        self._places: dict[str, Place] = {}

    async def place(self, hub: Hub, contact: str) -> Place | None:
        """A contact's place now; None where it does not wait."""
        await self._replica.refresh(hub.engine, hub.registry)
        if self._seq != self._replica.seq:
            self._seq, self._places = self._replica.seq, places(self._replica.state)
        return self._places.get(contact)
