"""`manage.py triage_needs [--check]`: write triage/data/needs.json after a change of the rules, or name it if stale."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from triage import waiting
from triage.screening import lexicon


class Command(BaseCommand):
    """Derive what every expression of triage/data waits for; needs no database."""

    help = "Write triage/data/needs.json out of the rules; with --check only say whether it is stale."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer `--check`."""
        parser.add_argument("--check", action="store_true", help="exit 1 when the file is stale, write nothing")

    def handle(self, *_args: Any, check: bool = False, **_options: Any) -> None:
        """Write or check."""
        file, text = waiting.path(), waiting.spelled(lexicon())
        stale = not file.is_file() or file.read_text("utf-8") != text
        if check and stale:
            self.stderr.write("stale: triage/data/needs.json (run manage.py triage_needs)")
            sys.exit(1)
        if stale and not check:
            file.write_text(text, "utf-8")
            self.stdout.write("triage/data/needs.json")
