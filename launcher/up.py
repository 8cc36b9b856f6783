"""`dev.py up`: everything set up, started, shown, kept running until Ctrl-C."""

import argparse
import os
import threading

from launcher import packages, pages, schema
from launcher.children import GUARDIAN
from launcher.console import Console
from launcher.engines import Engines, outside
from launcher.errors import LaunchError
from launcher.locks import Lock
from launcher.places import DATA, prepare
from launcher.ports import await_free
from launcher.running import own_when_free, withdraw
from launcher.service import PAGES, Service, known_commands

_ENGINES_WITHIN = 60.0  # seconds to wait for another command that uses the engines
_ORPHANS_WITHIN = 12.0  # seconds


def parse(args: list[str]) -> argparse.Namespace:
    """The options of `up`; each has an environment variable for those who prefer one."""
    parser = argparse.ArgumentParser(prog="dev.py up", description="Set everything up and run the service.")
    parser.add_argument("--host", default=os.environ.get("XINQIAO_HOST", "127.0.0.1"), help="address to listen on")
    parser.add_argument("--port", type=int, default=os.environ.get("XINQIAO_PORT", "8000"), help="port to listen on")
    parser.add_argument(
        "--no-demo",
        action="store_true",
        default=os.environ.get("XINQIAO_DEMO", "").lower() in ("0", "false", "no", "off"),
        help="no demo line and staff; second factors are required",
    )
    return parser.parse_args(args)


def up(args: list[str], console: Console) -> int:
    """Run until Ctrl-C or SIGTERM; the exit status."""
    options = parse(args)
    prepare(DATA)
    lock = Lock(DATA / "up.lock")
    if not lock.take():
        raise LaunchError(
            f"This checkout is already running: {lock.holder()}; stop it first, or work in another clone."
        )
    try:
        # The children of a killed run may hold the port for the moment its guardian needs to end them.
        await_free(options.host, options.port, _ORPHANS_WITHIN if lock.orphaned else 0)
        packages.ensure(console, "run")
        pages.ensure(console)
        engines = Engines(DATA, given=outside(os.environ), log=console.log, report=console.say)
        console.say("Starting PostgreSQL and Valkey")
        try:
            own_when_free(engines, console, _ENGINES_WITHIN)
            _serve(options, engines, console)
        finally:
            withdraw()
            _patiently(engines, console)
        console.say("Stopped; nothing is left running")
    finally:
        lock.release()
    return 0


def _serve(options: argparse.Namespace, engines: Engines, console: Console) -> None:
    """Database, processes, pages, until somebody asks for the end."""
    service = Service(
        engines.environment(),
        DATA,
        console.log,
        host=options.host,
        port=options.port,
        demo=not options.no_demo,
        report=console.say,
    )
    console.say("Bringing the database up to date")
    changed = schema.ensure(engines, service.env, console.log, kept=not outside(os.environ).database)
    try:
        console.say("Starting web, clock, worker and voice")
        service.start()
        if changed:
            console.say("Laying out the demo line")
        signins = _demo(options, service) if changed else ""  # a demo once laid out need not delay us
        service.await_ready()
        _show(service, console)
        console.plain(f"\n{signins or _demo(options, service)}\n\nlog: {console.log.path}\n")
        while True:
            GUARDIAN.check()
            threading.Event().wait(1.0)
    except KeyboardInterrupt:
        console.say("Stopping (Ctrl-C again to stop at once)")
    finally:
        _patiently(service, console)


def _demo(options: argparse.Namespace, service: Service) -> str:
    """The demo's sign-ins; the first time they are made while the processes start, which do not wait for it."""
    if options.no_demo:
        return "No demo data (--no-demo): `python3 dev.py manage createsuperuser` makes the first account."
    if "seed_demo" not in known_commands():
        return "No demo data: this checkout has no seed_demo command."
    return service.seed()


def _show(service: Service, console: Console) -> None:
    console.say("All of it is running; Ctrl-C stops it")
    console.plain(f"\nready: {service.url}\n")
    for name, path in PAGES:
        console.plain(f"  {name:<10} {service.url}{path}")


def _patiently(what: Service | Engines, console: Console) -> None:
    """Stop in the orderly way; a second Ctrl-C stops at once."""
    try:
        what.stop()
    except KeyboardInterrupt:
        console.say("Stopping at once")
        what.stop(0.0)
