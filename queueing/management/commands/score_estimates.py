"""`manage.py score_estimates --line main --days 28`: what share of waits the told ranges covered, as JSON."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from kernel import clock
from queueing.desk_log import desk_log
from queueing.domain.learnt import Learnt
from queueing.domain.scoring import by_class


class Command(BaseCommand):
    """Reads the desk's log: every estimate stands there, and so does what became of it."""

    help = "Score the wait estimates of a line against the waits that came; prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which line, how far back."""
        parser.add_argument("--line", required=True)
        parser.add_argument("--days", type=int, default=28)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, score, print."""
        since = clock.now() - timedelta(days=options["days"])
        learnt = Learnt()
        for at, event in desk_log(options["line"], since):
            learnt.read(at, event)
        found = by_class(tuple(learnt.scored))
        self.stdout.write(json.dumps(msgspec.to_builtins(found), indent=1))
