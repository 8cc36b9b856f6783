"""Where each waiting visitor stands, computed once per change of a desk and shared by all sockets of the process."""

from weakref import WeakKeyDictionary

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


_places: WeakKeyDictionary[Hub, dict[str, Places]] = WeakKeyDictionary()


async def place_of(hub: Hub, line: str, contact: str) -> Place | None:
    """Where a waiting contact stands on a line."""
    lines = _places.setdefault(hub, {})
    if line not in lines:
        lines[line] = Places(line)
    return await lines[line].place(hub, contact)


async def line_of(hub: Hub, contact: str) -> str:
    """The line a contact came to, which never changes; empty where it does not exist."""
    at = Address("session", contact)
    known = hub.engine.glimpse(at)
    if known is not None and known.line:
        return str(known.line)
    loaded = await hub.engine.state(at)
    return loaded.state.line if loaded is not None else ""
