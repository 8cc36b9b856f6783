"""`manage.py triage_report --month 2026-11`: feedback on the screening, rule by rule, as JSON."""

import argparse
import asyncio
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from kernel import clock
from server import feedback, wiring
from triage.policy import HOUSE


class Command(BaseCommand):
    """Counts only: no contact, no word, no name."""

    help = "How often each rule of the screening raised a level in a month, and what counselors said of it."

    @override
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which month; this one by default."""
        parser.add_argument("--month", help="for instance 2026-11; this month where it is left out")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Read and print."""
        month = options["month"] or f"{clock.now().astimezone(HOUSE):%Y-%m}"
        try:
            feedback.bounds(month)
        except ValueError:
            raise CommandError("--month: write it as 2026-11") from None
        self.stdout.write(msgspec.json.encode(asyncio.run(read(month))).decode())


async def read(month: str) -> feedback.MonthReport:
    """Open the store for this one question."""
    hub = wiring.build()
    await hub.store.open()
    try:
        return await feedback.report(hub.engine, month)
    finally:
        await hub.store.close()
