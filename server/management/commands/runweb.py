"""`manage.py runweb`: pages, API and sockets, on Daphne."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kernel.wire import FRAME_LIMIT_BYTES


class Command(BaseCommand):
    """Serve the web side until stopped."""

    help = "Serve pages, API and sockets on Daphne."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the listener; non-zero exit where it could not listen."""
        from server.asgi import application  # noqa: PLC0415 - after the reactor
        from server.listener import Listener  # noqa: PLC0415 - Daphne installs its reactor when imported

        behind_proxy = bool(settings.XINQIAO_PROXIES)
        listener = Listener(
            drain=_drain,
            application=application,
            endpoints=[f"tcp:port={options['port']}:interface={options['host']}:backlog=4096"],
            http_timeout=120,
            websocket_timeout=-1,
            # Answered by the browser itself, also in a hidden tab: somebody who is gone is noticed within 25 s.
            ping_interval=10,
            ping_timeout=15,
            websocket_max_message_size=FRAME_LIMIT_BYTES,
            websocket_max_frame_size=FRAME_LIMIT_BYTES,
            application_close_timeout=30,
            proxy_forwarded_address_header="X-Forwarded-For" if behind_proxy else None,
            proxy_forwarded_port_header="X-Forwarded-Port" if behind_proxy else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if behind_proxy else None,
            server_name="xinqiao",
        )
        listener.run()
        if listener.failed:
            raise CommandError("the address is taken or not ours")


async def _drain() -> None:
    """Tell every socket to come back elsewhere."""
    from server.wiring import hub  # noqa: PLC0415 - as above

    (await hub()).drain()
