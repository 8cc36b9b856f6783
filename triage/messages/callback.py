"""The words of a callback: the visitor would rather be called than wait at the screen."""

from datetime import datetime

from kernel.terms import RiskLevel
from kernel.wire import Command, Event, Short
from triage.messages.follow_up import Instant
from triage.messages.visit import Visit


class AskCallback(Command, frozen=True, tag="callback.ask"):
    """Call this number, not before and preferably not after these instants; asked again, it replaces the wish."""

    telephone: Short
    not_before: Instant | None = None
    until: Instant | None = None


class CancelCallback(Command, frozen=True, tag="callback.cancel"):
    """No call after all: the number is forgotten, and the place is as it was where the line is open."""


class CallbackAsked(Event, frozen=True, tag="callback.asked"):
    """The place at the desk is kept without a connection; the number is in `reach.given`."""

    visit: Visit
    level: RiskLevel = RiskLevel.ROUTINE
    not_before: datetime | None = None
    until: datetime | None = None


class CallbackTakenBack(Event, frozen=True, tag="callback.taken_back"):
    """No call after all."""

    line: str


COMMANDS = (AskCallback, CancelCallback)
EVENTS = (CallbackAsked, CallbackTakenBack)
