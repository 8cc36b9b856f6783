"""The soft stop: near the end of the hours newcomers who would not be answered any more are offered a call back."""

from datetime import datetime

import msgspec

from kernel.terms import Medium
from queueing.messages import IntakeSwitched
from queueing.messages.waits import IntakeStoppedSoftly


class SoftStop(msgspec.Struct, frozen=True):
    """Until when each medium is stopped; `kept_open_until`: a supervisor said that it stays open."""

    until: dict[Medium, datetime] = {}
    kept_open_until: datetime | None = None

    def holds(self, medium: Medium, now: datetime) -> bool:
        """Whether newcomers by this medium are stopped now."""
        return medium in self.until and now < self.until[medium]

    def is_kept_open(self, now: datetime) -> bool:
        """Whether a supervisor keeps it open, whatever the estimate says."""
        return self.kept_open_until is not None and now < self.kept_open_until


def evolve(soft: SoftStop, event: IntakeSwitched | IntakeStoppedSoftly) -> SoftStop:
    """Apply one event; what a supervisor opens is open."""
    if isinstance(event, IntakeSwitched):
        return SoftStop({} if event.closed_until is None else soft.until, event.kept_open_until)
    others = {medium: at for medium, at in soft.until.items() if medium is not event.medium}
    until = others if event.until is None else {**others, event.medium: event.until}
    return msgspec.structs.replace(soft, until=until)
