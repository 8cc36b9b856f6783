"""Who comes: arrivals read from a file, or drawn from a described load."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import cos, inf, log, pi
from pathlib import Path

import msgspec

from kernel.ids import Dice
from kernel.terms import Medium, RiskLevel

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Arrival(msgspec.Struct, frozen=True):
    """One contact: when, how, how urgent; how long they would wait, and for how long they hold a slot (seconds)."""

    at: datetime
    medium: Medium
    risk: RiskLevel
    patience_s: float
    service_s: float


class Traffic(msgspec.Struct, frozen=True):
    """A load to draw: Poisson arrivals, service and patience exponential; shares are of all contacts.

    `load` is erlangs per slot while the line is open; `peak` is the rate at the fullest hour over the mean rate.
    """

    load: float = 0.9
    slots: int = 12
    days: int = 30
    opens: int = 0
    closes: int = 24
    peak: float = 1.0
    service_min: float = 30.0
    patience_min: float = 20.0
    imminent: float = 0.02
    high: float = 0.08
    moderate: float = 0.30
    voice: float = 0.0

    @property
    def per_minute(self) -> float:
        """Mean contacts a minute while open."""
        return self.load * self.slots / self.service_min


class Unreadable(Exception):
    """A row of the file cannot be read; says which."""


def read(path: Path) -> list[Arrival]:
    """Read `arrived_at,medium,risk,patience_s,service_s`; an empty patience is endless. Raises Unreadable."""
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                found.append(_arrival(row))
            except (KeyError, ValueError, TypeError) as fault:
                raise Unreadable(f"{path.name}, arrival {len(found) + 1}: {fault!r}") from None
    return sorted(found, key=lambda arrival: arrival.at)


def _arrival(row: dict[str, str]) -> Arrival:
    at = datetime.fromisoformat(row["arrived_at"])
    patience = float(row["patience_s"] or inf)
    service = float(row["service_s"])
    if not (patience >= 0 and 0 <= service < inf):
        raise ValueError("seconds must not be negative")
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Arrival(at.astimezone(UTC), Medium(row["medium"]), RiskLevel(row["risk"]), patience, service)


def described(text: str) -> Traffic:
    """Read `load=1.3,slots=12,...`; raises ValueError or msgspec.ValidationError naming what is wrong."""
    pairs = dict(part.split("=", 1) for part in text.split(",") if part)
    unknown = set(pairs) - set(Traffic.__struct_fields__)
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(Traffic.__struct_fields__)}")
    return msgspec.convert(pairs, Traffic, strict=False)


def draw(traffic: Traffic, dice: Dice) -> Iterator[Arrival]:
    """Draw the arrivals of all days in order."""
    for day in range(traffic.days):
        opens = FIRST_DAY + timedelta(days=day, hours=traffic.opens)
        span = 60.0 * (traffic.closes - traffic.opens)
        minute = dice.expovariate(traffic.per_minute * traffic.peak)
        while minute < span:
            if dice.random() * traffic.peak < _shape(traffic.peak, minute / span):
                yield _drawn(traffic, dice, opens + timedelta(minutes=minute))
            minute += dice.expovariate(traffic.per_minute * traffic.peak)


def _shape(peak: float, part: float) -> float:
    """The rate at this part of the day over the mean: one hill in the third quarter, as evenings have it."""
    return 1 + (peak - 1) * cos(2 * pi * (part - 0.7))


def _drawn(traffic: Traffic, dice: Dice, at: datetime) -> Arrival:
    """One contact of the described mix."""
    die, risk = dice.random(), RiskLevel.ROUTINE
    for level, share in (
        (RiskLevel.IMMINENT, traffic.imminent),
        (RiskLevel.HIGH, traffic.high),
        (RiskLevel.MODERATE, traffic.moderate),
    ):
        if die < share:
            risk = level
            break
        die -= share
    medium = Medium.VOICE if dice.random() < traffic.voice else Medium.TEXT
    patience = -log(1 - dice.random()) * traffic.patience_min * 60 if traffic.patience_min else inf
    return Arrival(at, medium, risk, patience, dice.expovariate(1 / (traffic.service_min * 60)))
