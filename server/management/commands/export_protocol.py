"""`manage.py export_protocol [--check]`: write the generated protocol documents, or name the stale ones."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from server import protocol


class Command(BaseCommand):
    """Write frontend/shared/protocol.ts and docs/protocol/*; needs no database."""

    help = "Write the generated protocol documents; with --check only name those that are stale."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer `--check`."""
        parser.add_argument("--check", action="store_true", help="exit 1 naming the stale files, write nothing")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        """Write or check."""
        if check:
            found = protocol.stale()
            for path in found:
                self.stderr.write(f"stale: {path} (run manage.py export_protocol)")
            sys.exit(1 if found else 0)
        for path in protocol.write():
            self.stdout.write(path)
