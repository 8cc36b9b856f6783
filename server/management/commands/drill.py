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
            "--what", choices=("talk", "raises", "cases", "desk"), default="talk", help="which promise is tried"
        )
        parser.add_argument("--arm", choices=("ours", "tutorial"), default="ours", help="tutorial: for comparison")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run; non-zero exit where something happened that must not."""
        from tests.faults import injury, raises  # noqa: PLC0415 - a drill is part of the tests

        kinds = tuple(options["kinds"])
        known: tuple[str, ...] = raises.STATES if options["what"] == "raises" else tuple(injury.INJURIES)
        if unknown := set(kinds) - set(known):
            raise CommandError(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        found, clean = _run(
            options["what"], options["arm"], options["faults"], options["seed"], options["server"], kinds
        )
        self.stdout.write(msgspec.json.encode(found).decode())
        if not clean:
            raise CommandError("the drill found faults of ours")


def _run(what: str, arm: str, faults: int, seed: int, server: str, kinds: tuple[str, ...]) -> tuple[Any, bool]:
    """Run one drill; what it found, and whether nothing happened that must not."""
    from tests.faults import cases, desk, drill, raises, tutorial  # noqa: PLC0415 - a drill is part of the tests

    if what in ("raises", "cases"):
        results: Sequence[raises.Raised | cases.Kept]
        if what == "raises":
            results = raises.run(faults, seed, report, kinds or raises.STATES)
        else:
            results = cases.run(faults, seed, report)
        return results, not any(one.late or one.forgotten for one in results)
    if what == "desk":
        kept = desk.run(faults, seed, report)
        return kept, kept.clean
    if arm == "tutorial":
        return tutorial.run(faults, seed, report), True
    outcome = drill.run(drill.Plan(faults, seed, server=server, kinds=kinds), report)
    return outcome, outcome.clean


def report(line: str) -> None:
    """Show progress without touching stdout."""
    print(line, file=sys.stderr, flush=True)
