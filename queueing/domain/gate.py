"""The gate: admission exactly in the published hours, except that danger is let in while anybody is on duty."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from kernel.terms import Medium, RiskLevel
from queueing.domain.seat import Seat
from queueing.messages import OpenInterval

Answer = Literal["admit", "closed", "last_admission", "nobody_on_duty"]


def published(intervals: Iterable[OpenInterval], medium: Medium, now: datetime) -> bool:
    """Tell whether this medium is open by the published hours; last admission is for those who come, not for these."""
    return any(span.medium is medium and span.opens_at <= now < span.closes_at for span in intervals)


def answer(
    intervals: Sequence[OpenInterval],
    seats: Iterable[Seat],
    medium: Medium,
    risk: RiskLevel,
    now: datetime,
    *,
    closed_until: datetime | None = None,
) -> tuple[Answer, datetime | None]:
    """Say whether a contact is admitted now, and if not, when the line opens next (None where nothing is published).

    `closed_until`: a supervisor, or the estimate, has closed the intake of these hours.
    """
    taking = closed_until is None or now >= closed_until
    intervals = [span for span in intervals if span.medium is medium]
    current = next((span for span in intervals if span.opens_at <= now < span.closes_at), None)
    if current is not None and now < current.admits_until and taking:
        return "admit", None
    opens_at = min((span.opens_at for span in intervals if span.opens_at > now), default=None)
    if risk >= RiskLevel.HIGH:
        if any(seat.present for seat in seats):
            return "admit", None
        return "nobody_on_duty", opens_at
    return ("closed" if current is None else "last_admission"), opens_at
