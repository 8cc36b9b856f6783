"""What a line's own log teaches the estimate: handling, patience, arrivals, and how earlier estimates came true.

A label is the wait that came after an estimate. Whoever gives up keeps a ghost in the line until the turn would have
been theirs: when somebody behind them is taken, or a slot comes free with nobody waiting. Without ghosts the waits of
those who stayed would look far too short.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from kernel.terms import Medium, RiskLevel
from kernel.wire import Event
from queueing.domain.estimate import LABELS_KEPT, Calibration, Label, calibrate
from queueing.domain.passage import HORIZON
from queueing.messages import (
    CallbackBooked,
    OfferAccepted,
    SeatFreed,
    TicketAbandoned,
    TicketIssued,
    TicketRaised,
    TicketWithdrawn,
    WrapUpLapsed,
)
from queueing.messages.waits import Wait, WaitsNoted

HANDLING_MIN, PATIENCE_MIN = 30.0, 20.0
"""Assumed until the log says otherwise (the project's own assumption for counselling, in minutes)."""
EVIDENCE = 10
"""How many contacts of one's own it takes to believe the log as much as the assumption."""
TALKS_KEPT = 300
ARRIVALS_WITHIN = timedelta(hours=1)


@dataclass
class Guest:
    """Somebody of whom the end of the wait is not known yet."""

    medium: Medium
    risk: RiskLevel
    order: tuple[int, datetime, int]
    since: datetime
    told: list[tuple[datetime, Wait, float | None]] = field(default_factory=list)
    ghost: bool = False


class Scored(msgspec.Struct, frozen=True):
    """One estimate and what came of it: minutes until the turn, theirs or their ghost's.

    `usual` is what a moving average of the answered waits said at that moment (3/4 old, 1/4 new), for comparison.
    """

    medium: Medium
    risk: RiskLevel
    wait: Wait
    waited: float
    ghost: bool
    usual: float | None = None


@dataclass
class Learnt:
    """Reads a desk's log from the beginning or from a window of it; asks neither clock nor store."""

    guests: dict[str, Guest] = field(default_factory=dict)
    scored: deque[Scored] = field(default_factory=lambda: deque(maxlen=8 * LABELS_KEPT))
    _talks: dict[Medium, deque[float]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=TALKS_KEPT)))
    _since: dict[str, tuple[Medium, datetime]] = field(default_factory=dict)
    _came: deque[tuple[datetime, RiskLevel]] = field(default_factory=deque)
    _labels: dict[tuple[Medium, RiskLevel], deque[Label]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=LABELS_KEPT))
    )
    _usual: dict[tuple[Medium, RiskLevel], float] = field(default_factory=dict)
    _waited_min: float = PATIENCE_MIN * EVIDENCE
    _gave_up: int = EVIDENCE

    def read(self, at: datetime, event: Event) -> None:
        """Take down one event of the desk."""
        match event:
            case TicketIssued():
                order = event.tier, event.due_at, event.number
                self.guests[event.contact] = Guest(event.medium, event.risk, order, at)
                self._came.append((at, event.risk))
            case TicketRaised() if event.contact in self.guests:
                guest = self.guests[event.contact]
                guest.order, guest.risk = (event.tier, event.due_at, guest.order[2]), event.risk
                guest.told = []  # they wait in another class from here on
            case WaitsNoted(waits=waits):
                for wait in waits:
                    if wait.contact in self.guests:
                        guest = self.guests[wait.contact]
                        guest.told.append((at, wait, self._usual.get((guest.medium, guest.risk))))
            case OfferAccepted():
                self._taken(event, at)
            case TicketWithdrawn() | TicketAbandoned():
                self._left(event.contact, at)
            case CallbackBooked():
                self.guests.pop(event.contact, None)  # their turn is put off: nothing was promised for now
            case SeatFreed() | WrapUpLapsed():
                self._freed(event.contact, at)

    def _taken(self, event: OfferAccepted, at: datetime) -> None:
        """Their turn came, and that of every ghost before them."""
        guest = self.guests.pop(event.contact, None)
        if guest is None:
            return
        self._since[event.contact] = guest.medium, at
        key, waited = (guest.medium, guest.risk), _minutes(guest.since, at)
        self._usual[key] = 0.75 * self._usual.get(key, waited) + 0.25 * waited
        self._waited_min += waited
        self._label(guest, at)
        before = [c for c, g in self.guests.items() if g.ghost and g.medium is guest.medium and g.order < guest.order]
        for contact in before:
            self._label(self.guests.pop(contact), at)

    def _left(self, contact: str, at: datetime) -> None:
        """Gave up: the ghost stays."""
        guest = self.guests.get(contact)
        if guest is not None and not guest.ghost:
            guest.ghost = True
            self._waited_min += _minutes(guest.since, at)
            self._gave_up += 1

    def _freed(self, contact: str, at: datetime) -> None:
        """A talk is over; where nobody waits, the first ghost would have been next."""
        if contact in self._since:
            medium, since = self._since.pop(contact)
            self._talks[medium].append(_minutes(since, at))
            same = [(g.order, c, g) for c, g in self.guests.items() if g.medium is medium]
            if same and all(g.ghost for _, _, g in same):
                _, first, ghost = min(same, key=lambda each: each[0])
                self._label(ghost, at)
                del self.guests[first]

    def _label(self, guest: Guest, at: datetime) -> None:
        """Score what somebody was told; beyond the horizon nothing was followed."""
        for told_at, wait, usual in guest.told:
            waited = _minutes(told_at, at)
            if waited <= HORIZON:
                label = Label(waited, wait.p10_s / 60, wait.p50_s / 60, wait.p90_s / 60)
                self._labels[guest.medium, guest.risk].append(label)
                self.scored.append(Scored(guest.medium, guest.risk, wait, waited, guest.ghost, usual))

    def handling(self, medium: Medium) -> float:
        """Mean minutes a contact holds a slot, the assumption counting as a few contacts."""
        talks = self._talks[medium]
        return (HANDLING_MIN * EVIDENCE + sum(talks)) / (EVIDENCE + len(talks))

    def patience(self) -> float:
        """Mean minutes until somebody gives up, those who were answered first counted as not having done so."""
        return self._waited_min / self._gave_up

    def arrivals(self, now: datetime) -> dict[RiskLevel, float]:
        """Contacts a minute by class, over the last hour."""
        while self._came and self._came[0][0] <= now - ARRIVALS_WITHIN:
            self._came.popleft()
        minutes = ARRIVALS_WITHIN.total_seconds() / 60
        return {risk: sum(came is risk for _, came in self._came) / minutes for risk in RiskLevel}

    def calibration(self, medium: Medium, risk: RiskLevel) -> Calibration:
        """How estimates of this medium and class are corrected."""
        return calibrate(tuple(self._labels[medium, risk]))


def _minutes(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds() / 60)
