"""What has happened at the seats of a desk: who is there, ready, on a break, gone."""

from datetime import datetime

from kernel.terms import Role
from kernel.wire import Event


class SeatFreed(Event, frozen=True, tag="seat.freed"):
    """The contact left the counselor's hands for good."""

    contact: str
    counselor: str
    at: datetime | None = None


class SeatCooling(Event, frozen=True, tag="seat.cooling"):
    """A breath after somebody in imminent danger: nothing is offered until `until`, or until they say ready."""

    counselor: str
    until: datetime


class SeatEntered(Event, frozen=True, tag="seat.entered"):
    """Somebody is at the console; signing in is not being ready."""

    counselor: str
    name: str
    grade: Role
    languages: tuple[str, ...] = ()
    skills: dict[str, datetime | None] = {}  # noqa: RUF012 (msgspec copies it)


class ShiftSet(Event, frozen=True, tag="shift.set"):
    """Until when something new may be offered here."""

    counselor: str
    last_offer_at: datetime | None = None
    ends_at: datetime | None = None


class SeatStandsBy(Event, frozen=True, tag="seat.stands_by"):
    """May be asked for somebody in imminent danger when nobody else can; bounded to one."""

    counselor: str
    at: datetime


class SeatReady(Event, frozen=True, tag="seat.readied"):
    """Takes contacts."""

    counselor: str
    slots: int
    at: datetime
    burst: bool = False


class SeatPaused(Event, frozen=True, tag="seat.paused"):
    """On a break."""

    counselor: str
    reason: str
    at: datetime


class SeatAway(Event, frozen=True, tag="seat.away"):
    """Missed offers in a row: not offered until they say ready again."""

    counselor: str
    at: datetime


class SeatResumed(Event, frozen=True, tag="seat.resumed"):
    """The pause after a missed offer is over."""

    counselor: str


class SeatLeft(Event, frozen=True, tag="seat.left"):
    """Off duty."""

    counselor: str


class SeatLost(Event, frozen=True, tag="seat.lost"):
    """The connection is gone; contacts in hand wait for the grace."""

    counselor: str
    at: datetime


class SeatReturned(Event, frozen=True, tag="seat.returned"):
    """The connection is back."""

    counselor: str
