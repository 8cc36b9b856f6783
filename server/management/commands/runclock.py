"""`manage.py runclock`: offers, deadlines, sweeps; run two, one leads."""

import asyncio
import contextlib
import signal
from typing import Any

from django.core.management.base import BaseCommand

from server import wiring
from server.clockwork import Clock


class Command(BaseCommand):
    """Keep time until stopped."""

    requires_system_checks = ()  # the web looks; here it would import every page, and a crash costs that time again
    help = "Wake what is due, heal reactions, notice who is gone. Run two or more; one leads."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        asyncio.run(_run())


async def _run() -> None:
    """Tick beside a signal handler."""
    hub = await wiring.hub(listening=False)  # no socket here: nobody to tell
    ticking = asyncio.create_task(Clock(hub, wiring.conninfo()).run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ticking.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
    finally:
        await wiring.stop()  # a pool that is not closed keeps a dying process alive, which nobody then restarts
