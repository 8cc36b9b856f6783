"""A counselor's seat: present or not, ready or not, how many contacts are in hand."""

from datetime import datetime
from enum import StrEnum

import msgspec

from kernel.terms import Role


class SeatState(StrEnum):
    """What a counselor has said, or the desk has found."""

    OFF = "off"  # gone, with a disposition still owed
    ENTERED = "entered"  # signed in; signing in is not being ready
    READY = "ready"
    PAUSED = "paused"
    AWAY = "away"  # missed offers in a row


class Seat(msgspec.Struct, frozen=True):
    """One counselor at this desk."""

    counselor: str
    name: str
    grade: Role
    state: SeatState = SeatState.ENTERED
    slots: int = 0
    reason: str = ""
    since: datetime | None = None
    lost_at: datetime | None = None
    contacts: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()
    offer: str | None = None
    misses: int = 0
    paused_until: datetime | None = None
    served: int = 0

    @property
    def present(self) -> bool:
        """True where the counselor is on a socket, ready or not."""
        return self.lost_at is None and self.state is not SeatState.OFF

    @property
    def asks(self) -> bool:
        """True where an offer may ring here, capacity aside."""
        return self.present and self.state is SeatState.READY and self.offer is None and self.paused_until is None

    @property
    def free(self) -> int:
        """Slots left."""
        return self.slots - len(self.contacts)
