"""`manage.py drill`: injure real processes under real conversations and count what must never happen."""

import argparse
import sys
from collections.abc import Sequence
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
        parser.add_argument(
            "--kinds", nargs="*", default=(), help="only these injuries (tests/faults/injury.py), or states of `raises`"
        )
        parser.add_argument(
            "--what", choices=("talk", "raises", "cases"), default="talk", help="which promise is tried"
        )
        parser.add_argument("--arm", choices=("ours", "tutorial"), default="ours", help="tutorial: for comparison")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run; non-zero exit where something happened that must not."""
        from tests.faults import cases, drill, injury, raises, tutorial  # noqa: PLC0415 - a drill is part of the tests

        kinds = tuple(options["kinds"])
        known: tuple[str, ...] = raises.STATES if options["what"] == "raises" else tuple(injury.INJURIES)
        if unknown := set(kinds) - set(known):
            raise CommandError(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        if options["what"] != "talk":
            results: Sequence[raises.Raised | cases.Kept]
            if options["what"] == "raises":
                results = raises.run(options["faults"], options["seed"], report, kinds or raises.STATES)
            else:
                results = cases.run(options["faults"], options["seed"], report)
            self.stdout.write(msgspec.json.encode(results).decode())
            if any(one.late or one.forgotten for one in results):
                raise CommandError("the drill found faults of ours")
            return
        if options["arm"] == "tutorial":
            found = tutorial.run(options["faults"], options["seed"], report)
            self.stdout.write(msgspec.json.encode(found).decode())
            return
        plan = drill.Plan(options["faults"], options["seed"], server=options["server"], kinds=kinds)
        outcome = drill.run(plan, report)
        self.stdout.write(msgspec.json.encode(outcome).decode())
        if not outcome.clean:
            raise CommandError("the drill found faults of ours")


def report(line: str) -> None:
    """Show progress without touching stdout."""
    print(line, file=sys.stderr, flush=True)
