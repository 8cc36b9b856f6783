"""The line's figures from its log, each with its formula and the formula's id: there is no single industry formula.

A row is an event of the desk and its instant. Nothing is asked of the present: the same log gives the same figures.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from queueing.domain.visits import Visit

SOON_S = 30
"""What somebody in imminent danger is promised."""
ANSWER_S = 300
"""T of the wallboard's service level: 80 % within five minutes is what staffing is planned for."""

FORMULAS = {
    "SL.offered.1": "answered within T / offered; whoever gave up counts as not answered; offered = tickets issued",
    "SL.live.1": "answered within T / offered; who still waits and has waited no longer than T is left out",
    "SL.due.1": "answered before the promised instant (imminent: within 30 s) / offered; who may still be is left out",
    "ASA.answered.1": "mean seconds from connection to accept, first answers only; read it beside the p95",
    "P50.answered.1": "half of those answered waited at most so many seconds",
    "P95.answered.1": "95 of 100 of those answered waited at most so many seconds",
    "AB.offered.1": "tickets withdrawn or abandoned before an answer / offered",
    "AHT.hold.1": "mean seconds from accept until the slot is free: talk, hold and wrap-up",
    "OCC.slots.1": "busy slot-time / staffed slot-time, wrap-up included; texts above the slots are counted apart",
    "RONA.rung.1": "offers that rang out unheard / offers rung",
}
"""What each id means; a figure is never shown without its id."""


class Figure(msgspec.Struct, frozen=True):
    """A figure, the id of its formula, and of how many it is made; None where there is nobody yet."""

    formula: str
    value: float | None
    of: int


def _share(formula: str, part: int, whole: int) -> Figure:
    return Figure(formula, part / whole if whole else None, whole)


def service_level(of: Sequence[Visit], within_s: float = SOON_S) -> Figure:
    """SL(T): answered within T of everybody who was offered to the line."""
    return _share("SL.offered.1", sum(_within(visit, within_s) for visit in of), len(of))


def _within(visit: Visit, seconds: float) -> bool:
    return visit.waited_s is not None and visit.waited_s <= seconds


def live_level(of: Iterable[Visit], now: datetime, within_s: float = ANSWER_S) -> Figure:
    """SL(T) while the day goes on: whoever may still be answered within T is not judged yet."""
    decided = [v for v in of if not v.undecided or now - v.arrived_at > timedelta(seconds=within_s)]
    return _share("SL.live.1", sum(_within(visit, within_s) for visit in decided), len(decided))


def promised_level(of: Iterable[Visit], now: datetime) -> Figure:
    """The share answered before the instant they were promised."""
    decided = [visit for visit in of if not visit.undecided or now > visit.promised_at(SOON_S)]
    kept = sum(v.answered_at is not None and v.answered_at <= v.promised_at(SOON_S) for v in decided)
    return _share("SL.due.1", kept, len(decided))


def speed_of_answer(of: Iterable[Visit]) -> Figure:
    """ASA in seconds."""
    waits = _waits(of)
    return Figure("ASA.answered.1", sum(waits) / len(waits) if waits else None, len(waits))


def wait_quantile(of: Iterable[Visit], percent: int) -> Figure:
    """The wait in seconds that so many per cent of those answered did not exceed (nearest rank)."""
    waits = sorted(_waits(of))
    rank = max(0, -(-percent * len(waits) // 100) - 1)
    return Figure(f"P{percent}.answered.1", waits[rank] if waits else None, len(waits))


def _waits(of: Iterable[Visit]) -> list[float]:
    return [visit.waited_s for visit in of if visit.waited_s is not None]


def abandonment(of: Sequence[Visit]) -> Figure:
    """The share that left before anybody answered."""
    return _share("AB.offered.1", sum(visit.left for visit in of), len(of))


def handling(of: Iterable[Visit]) -> Figure:
    """AHT in seconds."""
    times = [(v.freed_at - v.answered_at).total_seconds() for v in of if v.freed_at and v.answered_at]
    return Figure("AHT.hold.1", sum(times) / len(times) if times else None, len(times))


def unheard(missed: int, rung: int) -> Figure:
    """RONA: the share of rings nobody answered."""
    return _share("RONA.rung.1", missed, rung)
