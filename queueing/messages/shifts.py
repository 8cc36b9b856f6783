"""The words of the roster at the desk: where the published hours have too few people."""

from datetime import datetime

import msgspec

from kernel.wire import Command, Event


class Uncovered(msgspec.Struct, frozen=True):
    """Published hours with fewer people on the roster than the line wants, half-open."""

    begins_at: datetime
    ends_at: datetime
    have: int
    need: int


class NoteCoverage(Command, frozen=True, tag="coverage.note"):
    """What the clock found of the coming days."""

    gaps: tuple[Uncovered, ...]


class CoverageNoted(Event, frozen=True, tag="coverage.noted"):
    """The gaps of the coming days; none: every published hour has enough people."""

    gaps: tuple[Uncovered, ...] = ()


COMMANDS = (NoteCoverage,)
EVENTS = (CoverageNoted,)
