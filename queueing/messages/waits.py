"""The words of the wait estimate: what a waiting contact is told, kept in the log so that it can be scored."""

from datetime import datetime

import msgspec

from kernel.terms import Medium
from kernel.wire import Command, Event


class Wait(msgspec.Struct, frozen=True, omit_defaults=True):
    """One estimate: the model's own quantiles in seconds, the factor that corrects them, and what was shown.

    `low_min` and `high_min` are the shown range in minutes (no end: more than that); both None where no reliable
    estimate can be given. `why` names why it got longer.
    """

    contact: str
    p10_s: int
    p50_s: int
    p80_s: int
    p90_s: int
    factor: float = 1.0
    low_min: int | None = None
    high_min: int | None = None
    why: str = ""


class NoteWaits(Command, frozen=True, tag="wait.note"):
    """What the estimator says of some who wait; given by the clock, changes nobody's place."""

    waits: tuple[Wait, ...]


class StopSoftly(Command, frozen=True, tag="intake.stop_softly"):
    """Whoever came now would probably not be answered before the hours end: take no newcomers out of danger."""

    medium: Medium
    on: bool


class WaitsNoted(Event, frozen=True, tag="wait.noted"):
    """What was told to those who wait."""

    waits: tuple[Wait, ...]
    at: datetime


class IntakeStoppedSoftly(Event, frozen=True, tag="intake.stopped_softly"):
    """Newcomers by this medium are offered a call back until then; None: taken again."""

    medium: Medium
    until: datetime | None = None


COMMANDS = (NoteWaits, StopSoftly)
EVENTS = (WaitsNoted, IntakeStoppedSoftly)
