"""Guests and people as the bookkeeper knows them, and the union's promises written out again."""

from dataclasses import dataclass, field
from datetime import datetime

from kernel.terms import Medium, RiskLevel

PROMISED_MIN = {RiskLevel.IMMINENT: 0, RiskLevel.HIGH: 10, RiskLevel.MODERATE: 30, RiskLevel.ROUTINE: 60}
GRACE_S = {Medium.TEXT: 300, Medium.VOICE: 30}
SOONEST_MIN = 10


@dataclass
class Guest:
    """Somebody who came to the desk."""

    medium: Medium
    came: datetime
    number: int
    danger: bool
    promised: datetime
    away: datetime | None = None
    stranded: bool = False
    owner: str | None = None
    writing_up: bool = False
    rung: dict[str, str] = field(default_factory=dict)  # offer -> counselor
    refused_by: set[str] = field(default_factory=set)
    language: str = "zh-Hans"
    only_language: bool = False
    to_be_called: bool = False
    put_off: bool = False

    @property
    def waiting(self) -> bool:
        """Nobody has them yet."""
        return self.owner is None

    @property
    def can_be_asked_for(self) -> bool:
        """Here, or in danger."""
        return self.waiting and not self.put_off and (self.away is None or self.danger or self.to_be_called)

    def sooner_than(self, other: "Guest") -> bool:
        """Danger first; then who was promised an earlier answer; then who came first."""
        if self.danger is not other.danger:
            return self.danger
        if self.promised != other.promised:
            return self.promised < other.promised
        return self.number < other.number


@dataclass
class Person:
    """Somebody at a console."""

    here: bool = True
    ready: bool = False
    resting: bool = False
    slots: int = 0
    one_more: bool = False
    stands_by: bool = False
    languages: tuple[str, ...] = ()
    hands: set[str] = field(default_factory=set)
    owes: set[str] = field(default_factory=set)
    missed: int = 0
