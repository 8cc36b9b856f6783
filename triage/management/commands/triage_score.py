"""`python manage.py triage_score < in.jsonl > out.jsonl`: screen one message a line, without a database.

In: `{"id": ..., "text": "...", "lang"?: "zh"}`.
Out, in the same order: `{"id", "alarm", "level", "score", "reasons", "route"}`. A line that cannot be read gives
`{"line", "error", "id"}` and the next line is read. Every line stands alone: the running maximum over a visitor's turns
is kept by the case, not here. No line's text is ever written out.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import msgspec
from django.core.management.base import BaseCommand

from triage.domain.lexicon import Lexicon
from triage.domain.signals import Reason, Route, screen
from triage.screening import ready

LONGEST_LINE = 1 << 20  # bytes; a longer line is refused, not read


class Message(msgspec.Struct, frozen=True):
    """One line of input; `lang` is accepted and not needed, the rules tell the languages apart."""

    id: str | int
    text: str
    lang: str | None = None


class Score(msgspec.Struct, frozen=True):
    """One line of output; spans count code points of the text as it was given."""

    id: str | int
    alarm: bool
    level: str
    score: float
    reasons: tuple[Reason, ...]
    route: Route


class Fault(msgspec.Struct, frozen=True):
    """A line that could not be read: its number from 1, its id when there was one, and why."""

    line: int
    error: str
    id: str | int | None = None


def score_lines(lines: Iterable[bytes], model: Lexicon) -> Iterator[Score | Fault]:
    """Screen each line by itself; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        yield _one(number, line, model)


def _one(number: int, line: bytes, model: Lexicon) -> Score | Fault:
    """One line's score, or its fault."""
    if len(line) > LONGEST_LINE:
        return Fault(number, f"longer than {LONGEST_LINE} bytes")
    try:
        message = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"), type=Message)
    except UnicodeDecodeError:
        return Fault(number, "not UTF-8")
    except msgspec.DecodeError as error:
        return Fault(number, str(error), _id(line))
    found = screen(model, message.text)
    return Score(message.id, found.alarm, found.level.value, found.score, found.reasons, found.route)


def _id(line: bytes) -> str | int | None:
    """The id of a line that is JSON but no message, so that the caller can match the fault."""
    try:
        found: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given if isinstance(given, str | int) and not isinstance(given, bool) else None


class Command(BaseCommand):
    """The screening as a filter, for measuring it on texts that are not ours."""

    help = "Screen JSON lines {id, text} from standard input; see docs/triage.md for the honest limits."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """No option changes a score: the thresholds are the data's."""
        parser.add_argument("--flush", action="store_true", help="write out after every line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, screen, write; never stops at a bad line."""
        source: BinaryIO = sys.stdin.buffer
        sink: BinaryIO = sys.stdout.buffer
        for result in score_lines(source, ready()):
            sink.write(msgspec.json.encode(result) + b"\n")
            if options["flush"]:
                sink.flush()
        sink.flush()
