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
    STANDBY = "standby"  # for somebody in imminent danger only, when nobody else can
    PAUSED = "paused"
    AWAY = "away"  # missed offers in a row


class Seat(msgspec.Struct, frozen=True, omit_defaults=True):
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
    burst: bool = False
    idle_since: datetime | None = None
    languages: tuple[str, ...] = ()
    skills: dict[str, datetime | None] = {}
    last_offer_at: datetime | None = None
    shift_ends_at: datetime | None = None

    @property
    def present(self) -> bool:
        """True where the counselor is on a socket, ready or not."""
        return self.lost_at is None and self.state is not SeatState.OFF

    @property
    def asks(self) -> bool:
        """True where an offer may ring here, capacity aside."""
        return self.present and self.state is SeatState.READY and self.offer is None and self.paused_until is None

    @property
    def stands_by(self) -> bool:
        """True where an offer may ring for somebody in imminent danger when nobody else can take them."""
        return self.present and self.state is SeatState.STANDBY and self.offer is None and self.paused_until is None

    @property
    def rests(self) -> bool:
        """True where the counselor takes contacts but for a moment: after a ring that was missed, or after danger."""
        taking = self.state in (SeatState.READY, SeatState.STANDBY)
        return self.present and taking and self.offer is None and self.paused_until is not None

    @property
    def free(self) -> int:
        """Slots left."""
        return self.slots - len(self.contacts)

    def speaks(self, language: str) -> bool:
        """True where the language is among those named, or none is named."""
        return not self.languages or language in self.languages

    def qualified(self, skills: tuple[str, ...], now: datetime) -> bool:
        """True where every skill asked for is held and has not run out."""
        return all(skill in self.skills and _holds(self.skills[skill], now) for skill in skills)


def _holds(until: datetime | None, now: datetime) -> bool:
    return until is None or now < until
