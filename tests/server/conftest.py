"""A hub on the test database that neither rings nor tails by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.db import connections

from accounts.orm import off_loop
from kernel.hub import Hub
from server import wiring


@asynccontextmanager
async def quiet_hub() -> AsyncIterator[Hub]:
    """One process's hub; nudges go nowhere, the tailer turns when told."""
    hub = wiring.build()
    await hub.store.open()
    try:
        yield hub
    finally:
        await hub.engine.settled()
        await hub.store.close()
        await off_loop(connections.close_all)
