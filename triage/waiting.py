"""What every shipped expression waits for, derived when the data is written and kept beside it in data/needs.json.

Deriving it costs every process more than half a second, always with the same outcome. An expression is looked up by
the hash of its whole source, so one that was changed since is derived anew: a stale file costs time, never a match.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path

import msgspec

from triage.domain.lexicon import Lexicon
from triage.domain.sieve import Needs
from triage.triggers import needs

FILE = "needs.json"


def waits_for(source: str) -> Needs:
    """The needs of an expression, as triage.triggers derives them."""
    kept = _kept().get(mark(source))
    return needs(source) if kept is None else kept


def mark(source: str) -> str:
    """What an expression is kept under."""
    return hashlib.sha256(source.encode()).hexdigest()[:20]


def sources(known: Lexicon) -> Iterator[str]:
    """Every expression that is sieved."""
    quiet, rules = (one.expression for one in known.quiet), (one.expression for one in (*known.rules, *known.cues))
    yield from (part.pattern for each in chain(quiet, rules) for part in each.alternatives)
    yield from (one.pattern.pattern for one in known.spellings)


def spelled(known: Lexicon) -> str:
    """The whole file, an expression a line, with needs derived now and spelled the same way on every machine."""
    lines = {mark(source): _line(source) for source in sources(known)}
    return "{\n" + ",\n".join(f'"{key}": {lines[key]}' for key in sorted(lines)) + "\n}\n"


def path() -> Path:
    """Where the file lies in the checkout."""
    return Path(str(resources.files("triage"))) / "data" / FILE


def _line(source: str) -> str:
    """One expression's needs."""
    return msgspec.json.encode([[sorted(one) for one in sets] for sets in needs(source)]).decode()


@cache
def _kept() -> dict[str, Needs]:
    """The file, or nothing where it was not written yet."""
    return msgspec.json.decode(path().read_bytes(), type=dict[str, Needs]) if path().is_file() else {}
