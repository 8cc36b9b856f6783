"""`manage.py check_coverage --line main --days 7`: published hours without enough people; exit 1 where any are."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from kernel import clock
from kernel.terms import Medium
from queueing import store
from queueing.domain import hours
from queueing.domain.roster import gaps
from queueing.messages import OpenInterval
from queueing.roster_store import calendar, shifts


class Command(BaseCommand):
    """For a cron job in the evening: tomorrow's gaps while there is time to call somebody."""

    help = "List the published hours of the coming days with fewer people on the roster than the line wants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which line, how far ahead."""
        parser.add_argument("--line", required=True)
        parser.add_argument("--days", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the gaps as JSON; fail where there are any."""
        now, line = clock.now(), options["line"]
        until = now + timedelta(days=options["days"])
        schedule = store.current_schedule(line).schedule
        first = hours.local_day(schedule, now) - timedelta(days=1)
        last = first + timedelta(days=options["days"] + 3)
        days = calendar(first - timedelta(days=2), last + timedelta(days=2))
        spans = [
            OpenInterval(span.opens_at, span.closes_at, span.last_admission_at, medium)
            for medium in Medium
            for span in hours.resolve(schedule, days, first, last, medium)
        ]
        need = store.current_policy(line).policy.people_at_least
        found = gaps(spans, shifts(line, now, until), need, now, until)
        self.stdout.write(json.dumps(msgspec.to_builtins(found), indent=1))
        if found:
            raise CommandError(f"{len(found)} stretches of published hours have fewer than {need} people")
