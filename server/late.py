"""The way from Celery's synchronous work to the engine: one loop and one store per worker process."""

import asyncio
from typing import Any

from celery.signals import worker_process_init, worker_process_shutdown

from kernel import clock
from kernel.decider import Address
from kernel.terms import SYSTEM
from kernel.wire import Command
from recordings_policy.tasks import submit_with
from server.wiring import build


class Late:
    """An engine that runs one command at a time, for work that may be late."""

    def __init__(self) -> None:
        """Open the store; nothing listens here, other processes learn by nudge or by asking."""
        self._runner = asyncio.Runner()
        self._hub = self._runner.run(self._open())

    async def _open(self) -> Any:
        """Build a hub of which only the engine is used."""
        hub = build()
        await hub.store.open()
        return hub

    def submit(self, contact: str, command: Command, client_id: str) -> int:
        """Give a command to a contact's record as the house itself."""
        seq: int = self._runner.run(self._submit(Address("record", contact), command, client_id))
        return seq

    async def _submit(self, to: Address, command: Command, client_id: str) -> int:
        """Carry it out and let its reactions finish."""
        seq: int = await self._hub.engine.submit(to, command, SYSTEM, clock.now(), client_id)
        await self._hub.engine.settled()
        return seq

    def close(self) -> None:
        """Give the store back."""
        self._runner.run(self._hub.store.close())
        self._runner.close()


_late: list[Late] = []


@worker_process_init.connect
def begin(**_: object) -> None:
    """A worker process has started."""
    _late.append(Late())
    submit_with(_late[0].submit)


@worker_process_shutdown.connect
def end(**_: object) -> None:
    """A worker process ends."""
    for late in _late:
        late.close()
    _late.clear()
