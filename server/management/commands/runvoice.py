"""`manage.py runvoice`: a media worker; run one per core that shall carry voice."""

import argparse
import asyncio
import contextlib
import gc
import os
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from server import calls, wiring


class Command(BaseCommand):
    """Carry calls until stopped."""

    requires_system_checks = ()  # the web looks; here it would import every page, and a crash costs that time again
    help = "Carry voice calls: one UDP and one TCP port for all of them. Run one per core."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to listen and what to announce."""
        host, port, control = settings.VOICE_HOST, settings.VOICE_PORT, settings.VOICE_CONTROL_HOST
        parser.add_argument("--host", default=host, help="address to bind for media (0.0.0.0 or :: for all)")
        parser.add_argument("--announce", action="append", help="address told to browsers; repeatable")
        parser.add_argument("--port", type=int, default=port, help="UDP and TCP port for media; 0 takes free ones")
        parser.add_argument("--control-host", default=control, help="address for the house's commands")
        parser.add_argument("--control-port", type=int, default=0)
        parser.add_argument("--calls", type=int, default=250, help="most calls at a time")
        parser.add_argument("--engine", choices=("passthrough", "aiortc"), default="passthrough")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        announced = tuple(options["announce"] or settings.VOICE_ANNOUNCE) or (options["host"],)
        if {"0.0.0.0", "::"} & set(announced):  # noqa: S104 - refused, not bound
            raise CommandError("--announce: name the address browsers reach this machine at")
        with contextlib.suppress(OSError, AttributeError):
            os.nice(-5)  # the media loop must not wait behind page work; needs the right, else it runs as it is
        asyncio.run(_run(options, announced))


async def _run(options: dict[str, Any], announced: tuple[str, ...]) -> None:
    """Work beside a signal handler."""
    from chat.voice.contract import Limits, MediaEngine  # noqa: PLC0415 - media libraries only where they are used
    from chat.voice.worker import Worker  # noqa: PLC0415
    from server.recording import Keeper  # noqa: PLC0415
    from server.shelf import HouseShelf  # noqa: PLC0415

    hub = await wiring.hub(hears=False)
    keeper = Keeper(hub, HouseShelf())
    worker = Worker(hub, calls.control_secret(), keeper.after)
    limits = Limits(calls=options["calls"])
    engine: MediaEngine
    if options["engine"] == "passthrough":
        from chat.voice.passthrough import PassthroughEngine  # noqa: PLC0415

        ports = {"udp_port": options["port"], "tcp_port": options["port"]}
        engine = PassthroughEngine(worker.tell, host=options["host"], addresses=announced, limits=limits, **ports)
    else:
        from chat.voice.reference import AiortcEngine  # noqa: PLC0415

        engine = AiortcEngine(worker.tell, limits=limits)
    if options["engine"] == "passthrough":  # the reference keeps the packets to itself: nothing can be recorded there
        keeper.attach(engine, worker.say, lambda: worker.name)
    address = await worker.start(engine, options["control_host"], options["control_port"])
    watching = asyncio.create_task(keeper.watch())
    # A full collection over all that Django brings costs 35 to 100 ms (measured here), in the middle of talks.
    gc.collect()
    gc.freeze()
    print(f"voice worker at {address}", flush=True)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await stopping.wait()
    watching.cancel()
    await keeper.stop()
    await worker.stop()
    await wiring.stop()
