"""`manage.py runweb`: pages, API and sockets, on Daphne or, where it is installed and asked for, on uvicorn."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import get_resolver

from triage.screening import lexicon


class Command(BaseCommand):
    """Serve the web side until stopped."""

    help = "Serve pages, API and sockets."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to listen, and with what."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--server", choices=("daphne", "uvicorn"), default=settings.XINQIAO_SERVER)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the listener; non-zero exit where it could not listen."""
        _warm()
        build = _uvicorn if options["server"] == "uvicorn" else _daphne
        listener = build(options["host"], options["port"])
        listener.run()
        if listener.failed:
            raise CommandError("the address is taken or not ours")


def _warm() -> None:
    """Make what the first visitors would wait for, before anybody can come: pages, API, and the rules of screening."""
    get_resolver().url_patterns  # noqa: B018 - reading it imports every page
    lexicon()


def _daphne(host: str, port: int) -> Any:
    """The default server."""
    from server.asgi import application  # noqa: PLC0415 - after the reactor
    from server.listener import Listener  # noqa: PLC0415 - Daphne installs its reactor when imported

    return Listener(
        drain=_drain, application=application, host=host, port=port, behind_proxy=bool(settings.XINQIAO_PROXIES)
    )


def _uvicorn(host: str, port: int) -> Any:
    """The faster server, an optional requirement."""
    try:
        from server.uvicorn_listener import UvicornListener  # noqa: PLC0415 - optional
    except ModuleNotFoundError as missing:
        raise CommandError(
            f"{missing.name} is not installed: pip install --require-hashes -r requirements/uvicorn.txt"
        ) from missing
    from server.asgi import application  # noqa: PLC0415 - as above

    return UvicornListener(
        drain=_drain, application=application, host=host, port=port, behind_proxy=bool(settings.XINQIAO_PROXIES)
    )


async def _drain() -> None:
    """Tell every socket to come back elsewhere."""
    from server.wiring import hub  # noqa: PLC0415 - as above

    (await hub()).drain()
