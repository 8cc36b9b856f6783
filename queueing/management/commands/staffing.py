"""`manage.py staffing --line main --day 2026-11-23`: expected contacts and people needed per half hour, as JSON."""

import json
from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from kernel import clock
from queueing.domain.advice import Promise
from queueing.staffing_report import report


class Command(BaseCommand):
    """The same advice as on the roster's page."""

    help = "Forecast a day's contacts from the line's own log and advise how many counselors each half hour needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which line, which day, what is promised."""
        parser.add_argument("--line", required=True)
        parser.add_argument("--day", type=date.fromisoformat, help="tomorrow where it is not given")
        parser.add_argument("--share", type=float, default=0.8, help="share answered in time")
        parser.add_argument("--within", type=float, default=5.0, help="minutes")
        parser.add_argument("--concurrency", type=int, default=2, help="texts at once per counselor")

    def handle(self, *args: Any, **options: Any) -> None:
        """Advise and print."""
        now = clock.now()
        promise = Promise(options["share"], options["within"], options["concurrency"])
        found = report(options["line"], options["day"] or now.date() + timedelta(days=1), now, promise)
        self.stdout.write(json.dumps(msgspec.to_builtins(found), indent=1, default=str))
