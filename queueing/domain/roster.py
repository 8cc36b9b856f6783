"""The roster against the published hours: who sits when, where too few do, and from when on nobody new is offered."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from queueing.domain.outlook import Planned
from queueing.messages import OpenInterval
from queueing.messages.shifts import Uncovered as Gap


def gaps(
    intervals: Iterable[OpenInterval], shifts: Sequence[Planned], need: int, begins: datetime, ends: datetime
) -> tuple[Gap, ...]:
    """Where the published hours of begins..ends have fewer than `need` different people, neighbours joined."""
    hours = joined((max(s.opens_at, begins), min(s.closes_at, ends)) for s in intervals)
    found: list[Gap] = []
    for opens, closes in hours:
        edges = {opens, closes, *(at for s in shifts for at in (s.begins_at, s.ends_at) if opens < at < closes)}
        cuts = sorted(edges)
        for start, end in pairwise(cuts):
            have = len({s.counselor for s in shifts if s.begins_at <= start and end <= s.ends_at})
            if have < need:
                _add(found, Gap(start, end, have, need))
    return tuple(found)


def _add(found: list[Gap], gap: Gap) -> None:
    """Put a gap at the end; one that goes on with as many people is the same."""
    last = found[-1] if found else None
    if last is not None and (last.ends_at, last.have) == (gap.begins_at, gap.have):
        found[-1] = msgspec.structs.replace(last, ends_at=gap.ends_at)
    else:
        found.append(gap)


def joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Stretches in order, those that touch or overlap (text and voice) as one; empty ones dropped."""
    found: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(span for span in spans if span[0] < span[1]):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def shift_of(shifts: Iterable[Planned], counselor: str, now: datetime) -> Planned | None:
    """The shift somebody is in, shifts that touch as one; None between shifts."""
    own = joined((s.begins_at, s.ends_at) for s in shifts if s.counselor == counselor)
    return next((Planned(counselor, begins, ends) for begins, ends in own if begins <= now < ends), None)


def last_offer_at(shift: Planned, before_end: timedelta) -> datetime:
    """From when on nothing new is offered; a shift shorter than that takes offers for its first half."""
    return max(shift.ends_at - before_end, shift.begins_at + (shift.ends_at - shift.begins_at) / 2)
