"""`manage.py drill`: injure real processes under real conversations and count what must never happen."""

import argparse
import sys
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Run a drill from a checkout of the source; it brings its own engines."""

    help = "Kill, freeze, restart and cut off processes under traffic; prints the counts as JSON on the last line."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """How many faults, and from which seed."""
        parser.add_argument("--faults", type=int, default=60)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
        parser.add_argument("--kinds", nargs="*", default=(), help="only these injuries (tests/faults/injury.py)")
        parser.add_argument(
            "--what", choices=("talk", "raises", "cases"), default="talk", help="which promise is tried"
        )
        parser.add_argument("--arm", choices=("ours", "tutorial"), default="ours", help="tutorial: for comparison")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run; non-zero exit where something happened that must not."""
        from tests.faults import cases, drill, injury, raises, tutorial  # noqa: PLC0415 - a drill is part of the tests

        unknown = set(options["kinds"]) - set(injury.INJURIES)
        if unknown:
            raise CommandError(f"no such injury: {', '.join(sorted(unknown))}; there are {', '.join(injury.INJURIES)}")
        if options["what"] != "talk":
            tried = raises if options["what"] == "raises" else cases
            results = tried.run(options["faults"], options["seed"], report)
            self.stdout.write(msgspec.json.encode(results).decode())
            if any(one.late or one.forgotten for one in results):
                raise CommandError("the drill found faults of ours")
            return
        if options["arm"] == "tutorial":
            found = tutorial.run(options["faults"], options["seed"], report)
            self.stdout.write(msgspec.json.encode(found).decode())
            return
        plan = drill.Plan(options["faults"], options["seed"], server=options["server"], kinds=tuple(options["kinds"]))
        outcome = drill.run(plan, report)
        self.stdout.write(msgspec.json.encode(outcome).decode())
        if not outcome.clean:
            raise CommandError("the drill found faults of ours")


def report(line: str) -> None:
    """Show progress without touching stdout."""
    print(line, file=sys.stderr, flush=True)
