"""Watches a desk from its news alone, in its own words: who was passed over, and by whom.

Nothing here uses the desk's key, capacity or order; a fault there must not hide itself.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.terms import Medium, RiskLevel
from kernel.wire import Event
from queueing import messages as m
from queueing.policy import DeskPolicy


@dataclass
class Waiting:
    """Somebody nobody has yet."""

    number: int
    came: datetime
    promised: datetime
    danger: bool
    voice: bool
    rings: int = 0
    refused: set[str] = field(default_factory=set)

    def before(self, other: "Waiting") -> bool:
        """Danger first, then the earlier promise, then who came first."""
        if self.danger != other.danger:
            return self.danger
        return (self.promised, self.number) < (other.promised, other.number)


@dataclass
class Holder:
    """A counselor's slots and what is in them."""

    slots: int = 0
    extra: bool = False
    for_danger: bool = False
    held: dict[str, tuple[bool, bool]] = field(default_factory=dict)  # contact -> (voice, danger)

    def could_take(self, guest: Waiting) -> bool:
        """A free slot, or for somebody in danger one above; voice wants somebody whole."""
        if any(voice for voice, _ in self.held.values()):
            return False
        if self.for_danger:
            return guest.danger and not self.held
        if guest.voice:
            return not self.held
        if len(self.held) < self.slots:
            return True
        alone = not any(danger for _, danger in self.held.values())
        return guest.danger and self.extra and alone and len(self.held) == self.slots


class Inspector:
    """Counts what must never happen."""

    def __init__(self, policy: DeskPolicy) -> None:
        """Begin with nobody; only the promised minutes are taken from the policy."""
        self._promised = {
            RiskLevel.IMMINENT: 0,
            RiskLevel.HIGH: policy.target_high_s,
            RiskLevel.MODERATE: policy.target_moderate_s,
            RiskLevel.ROUTINE: policy.target_routine_s,
        }
        self._soonest = timedelta(seconds=policy.target_high_s)
        self.waiting: dict[str, Waiting] = {}
        self.holders: dict[str, Holder] = {}
        self.inversions = 0
        self.overtaken = 0
        self.over_capacity = 0
        self.two_owners = 0
        self._in_hand: dict[str, tuple[str, Waiting]] = {}

    def read(self, event: Event) -> None:
        """Note one event, and judge it."""
        match event:
            case m.TicketIssued():
                promised = event.arrived_at + timedelta(seconds=self._promised[event.risk])
                danger = event.risk is RiskLevel.IMMINENT
                voice = event.medium is Medium.VOICE
                self.waiting[event.contact] = Waiting(event.number, event.arrived_at, promised, danger, voice)
            case m.TicketAbandoned() | m.TicketWithdrawn():
                self.waiting.pop(event.contact, None)
            case m.OfferRung():
                self._judge(event)
            case m.OfferAccepted():
                self._took(event)
            case m.OfferMissed() | m.OfferCancelled() | m.OfferDeclined():
                self._quiet(event)
            case m.SeatReady() | m.SeatStandsBy():
                self._sits(event)
            case m.SeatFreed() | m.WrapUpLapsed():
                self.holders[event.counselor].held.pop(event.contact, None)
                self._in_hand.pop(event.contact, None)

    def _sits(self, event: m.SeatReady | m.SeatStandsBy) -> None:
        """Somebody takes contacts, or only those in danger."""
        holder = self.holders.setdefault(event.counselor, Holder())
        holder.for_danger = isinstance(event, m.SeatStandsBy)
        if isinstance(event, m.SeatReady):
            holder.slots, holder.extra = event.slots, event.burst

    def _quiet(self, event: m.OfferMissed | m.OfferCancelled | m.OfferDeclined) -> None:
        """One console rings no longer."""
        guest = self.waiting.get(event.contact)
        if guest is not None:
            guest.rings -= 1

    def _judge(self, event: m.OfferRung) -> None:
        """Was anybody passed over who was sooner and whom this counselor could have taken?"""
        guest, holder = self.waiting[event.contact], self.holders[event.counselor]
        self.over_capacity += not holder.could_take(guest)
        passed = [x for x in self.waiting.values() if not x.rings and x.before(guest) and holder.could_take(x)]
        self.inversions += bool(passed)
        late = [x for x in passed if not x.danger and x.promised - self._soonest < guest.came]
        self.overtaken += bool(late) and not guest.danger
        guest.rings += 1

    def _took(self, event: m.OfferAccepted) -> None:
        """Somebody has them now; exactly one."""
        if event.contact in self._in_hand:
            self.two_owners += 1
            return
        guest = self.waiting.pop(event.contact)
        self._in_hand[event.contact] = (event.counselor, guest)
        self.holders[event.counselor].held[event.contact] = (guest.voice, guest.danger)
