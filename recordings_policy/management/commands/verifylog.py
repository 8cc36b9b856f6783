"""Checks the access log row by row and says where it was tampered with."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from recordings_policy import store
from recordings_policy.domain.chain import Head

ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


class Command(BaseCommand):
    """`manage.py verifylog [--expect COUNT:DIGEST]`; exit code 1 where the log is not what was written."""

    help = "Check the access log's chain. Write the printed end down elsewhere and pass it next time as --expect."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """Take an end of the chain that was written down earlier."""
        parser.add_argument("--expect", metavar="COUNT:DIGEST", default="", help="an end printed earlier")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and print the end or the first faulty row."""
        fault = store.verify_log(anchor(options["expect"]))
        if fault is not None:
            raise CommandError(f"access log: row {fault.seq} is {fault.kind}")
        end = store.head()
        self.stdout.write(f"access log whole: {end.count}:{end.digest}")


def anchor(text: str) -> Head | None:
    """Read an end written down earlier; empty means none."""
    if not text:
        return None
    match = ANCHOR.fullmatch(text)
    if match is None:
        raise CommandError("--expect looks like COUNT:DIGEST, as verifylog prints it")
    return Head(int(match[1]), match[2])
