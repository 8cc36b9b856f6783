"""What a rehearsal says in numbers: waits by class, who gave up, what must be nought."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from kernel.terms import Medium, RiskLevel
from queueing.domain.scoring import by_class
from queueing.simulation.rehearsal import Guest, Rehearsal

SOON_S = 30


def figures(rehearsal: Rehearsal) -> dict[str, Any]:
    """Everything `manage.py simulate` prints; seconds."""
    guests = list(rehearsal.guests.values())
    virtual = ghost_waits(guests)
    inspector = rehearsal.inspector
    return {
        "contacts": len(guests),
        "deflected": sum(guest.deflected for guest in guests),
        "classes": {risk.value: _class([g for g in guests if g.arrival.risk is risk], virtual) for risk in RiskLevel},
        "media": {
            medium.value: _class([g for g in guests if g.arrival.medium is medium], virtual) for medium in Medium
        },
        "inversions": inspector.inversions,
        "overtaking_violations": inspector.overtaken,
        "over_capacity": inspector.over_capacity,
        "two_owners": inspector.two_owners,
        "unfinished": len(rehearsal.state.tickets),
        "commands": rehearsal.commands,
        "estimates": msgspec.to_builtins(by_class(tuple(rehearsal.learnt.scored)))
        if rehearsal.estimates_every
        else None,
    }


def _class(guests: Sequence[Guest], virtual: dict[int, float]) -> dict[str, Any]:
    """One class: waits of the answered, waits as if nobody had given up (ghosts), abandonment."""
    entered = [guest for guest in guests if not guest.deflected]
    waits = [_wait(guest) for guest in entered if guest.answered_at is not None]
    gone = sum(guest.left_at is not None for guest in entered)
    within = sum(wait <= SOON_S for wait in waits)
    turns = [virtual[id(guest)] for guest in entered if id(guest) in virtual]
    return {
        "entered": len(entered),
        "answered": len(waits),
        "abandoned": gone,
        "abandonment": _share(gone, len(entered)),
        "within_30_s": _share(within, len(entered)),
        "within_30_s_of_who_stayed": _share(within, len(entered) - _left_before(entered, SOON_S)),
        "ghost_within_30_s": _share(sum(turn <= SOON_S for turn in turns), len(turns)),
        "wait_s": spread(waits),
        "ghost_wait_s": spread(turns),
    }


def _share(part: int, whole: int) -> float | None:
    """A share, or None where nobody came."""
    return round(part / whole, 5) if whole else None


def _left_before(guests: Sequence[Guest], seconds: float) -> int:
    """How many gave up before the seconds were over."""
    left = [(g.left_at - g.arrival.at).total_seconds() for g in guests if g.left_at is not None]
    return sum(wait <= seconds for wait in left)


def _wait(guest: Guest) -> float:
    """Seconds from arrival until a counselor accepted."""
    return (guest.answered_at - guest.arrival.at).total_seconds() if guest.answered_at else 0.0


def spread(values: Iterable[float]) -> dict[str, float] | None:
    """p50, p95, p99, max and mean; None where there is nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    at = {f"p{share}": ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95, 99)}
    found = {**at, "max": ordered[-1], "mean": sum(ordered) / len(ordered)}
    return {name: round(value, 1) for name, value in found.items()}


def ghost_waits(guests: Sequence[Guest]) -> dict[int, float]:
    """The wait until the turn came, by id: for who gave up, until somebody behind them was taken."""
    found = {id(guest): _wait(guest) for guest in guests if guest.answered_at is not None}
    for medium in Medium:
        _label_ghosts([guest for guest in guests if guest.arrival.medium is medium], found)
    return found


def _label_ghosts(guests: Sequence[Guest], found: dict[int, float]) -> None:
    """Walk through time: an answer ends the ghosts that stood before it."""
    news = [(guest.left_at, 0, n, guest) for n, guest in enumerate(guests) if guest.left_at is not None]
    news += [(guest.answered_at, 1, n, guest) for n, guest in enumerate(guests) if guest.answered_at is not None]
    ghosts: list[Guest] = []
    for at, taken, _, guest in sorted(news, key=lambda each: each[:3]):
        if not taken:
            ghosts.append(guest)
            continue
        ended = [ghost for ghost in ghosts if ghost.order is not None and guest.order and ghost.order < guest.order]
        for ghost in ended:
            found[id(ghost)] = (at - ghost.arrival.at).total_seconds()
        ghosts = [ghost for ghost in ghosts if id(ghost) not in found]
