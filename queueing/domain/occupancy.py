"""Slot-time of the people on duty: staffed, busy, and texts above the slots apart; integrated over the desk's log."""

from datetime import datetime

from kernel.wire import Event
from queueing.domain.metrics import Figure
from queueing.messages import (
    ContactRequeued,
    OfferAccepted,
    SeatAway,
    SeatEntered,
    SeatFreed,
    SeatLeft,
    SeatLost,
    SeatPaused,
    SeatReady,
    SeatReturned,
    SeatStandsBy,
    TransferAccepted,
    WrapUpLapsed,
)
from queueing.messages.team import SeatReleased


class _Hands:
    """One counselor: whether something new may come, how many at once, and what is in hand."""

    def __init__(self) -> None:
        self.ready = False
        self.lost = False
        self.slots = 0
        self.contacts: set[str] = set()

    @property
    def staffed(self) -> int:
        """Slots that are there: those offered while ready, else those in use."""
        return self.slots if self.ready and not self.lost else len(self.contacts)

    @property
    def above(self) -> int:
        """Texts beyond the slots."""
        return max(0, len(self.contacts) - self.staffed)


class SlotTime:
    """Seconds of slots since `since`; what came before is read only to know how it stood then."""

    def __init__(self, since: datetime) -> None:
        """Nobody is there."""
        self._at = self._since = since
        self._people: dict[str, _Hands] = {}
        self.staffed_s = self.busy_s = self.above_s = 0.0

    def read(self, at: datetime, event: Event) -> None:
        """Read one row of the log."""
        self._until(at)
        if isinstance(event, TransferAccepted):
            self._of(event.before).contacts.discard(event.contact)
            self._of(event.counselor).contacts.add(event.contact)
        elif (counselor := getattr(event, "counselor", None)) is not None:
            _happened(self._of(counselor), event)

    def _of(self, counselor: str) -> _Hands:
        return self._people.setdefault(counselor, _Hands())

    def _until(self, at: datetime) -> None:
        """Add up how it stood until now."""
        seconds = (at - self._at).total_seconds()
        if seconds <= 0:
            return
        self._at = at
        for hands in self._people.values():
            self.staffed_s += hands.staffed * seconds
            self.above_s += hands.above * seconds
            self.busy_s += (len(hands.contacts) - hands.above) * seconds

    def figure(self, now: datetime) -> Figure:
        """Busy of staffed slot-time up to now; `of` are the staffed slot-minutes."""
        self._until(now)
        share = self.busy_s / self.staffed_s if self.staffed_s else None
        return Figure("OCC.slots.1", share, round(self.staffed_s / 60))


def _happened(hands: _Hands, event: Event) -> None:
    """One counselor after one more event."""
    match event:
        case SeatReady(slots=slots):
            hands.ready, hands.slots = True, slots
        case SeatEntered():
            hands.ready, hands.lost, hands.slots = False, False, 0
        case SeatStandsBy() | SeatPaused() | SeatReleased() | SeatAway() | SeatLeft():
            hands.ready = False
        case SeatLost():
            hands.lost = True
        case SeatReturned():
            hands.lost = False
        case OfferAccepted(contact=contact):
            hands.contacts.add(contact)
        case SeatFreed(contact=contact) | WrapUpLapsed(contact=contact) | ContactRequeued(contact=contact):
            hands.contacts.discard(contact)
