"""What has happened at a desk; these stand in its log forever."""

from datetime import datetime
from typing import Literal

from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Event
from queueing.messages.hours import OpenInterval
from queueing.policy import DeskPolicy


class DeskConfigured(Event, frozen=True, tag="desk.configured"):
    """The policy the desk decides under."""

    policy: DeskPolicy
    version: int


class HoursPublished(Event, frozen=True, tag="hours.published"):
    """The hours the gate follows."""

    intervals: tuple[OpenInterval, ...]
    version: str


class TicketIssued(Event, frozen=True, tag="ticket.issued"):
    """A contact waits. The key is (tier, due_at, number)."""

    contact: str
    number: int
    medium: Medium
    risk: RiskLevel
    tier: int
    arrived_at: datetime
    due_at: datetime
    language: str = "zh-Hans"
    skills: tuple[str, ...] = ()
    asks_for: str | None = None
    asks_until: datetime | None = None
    speaks_until: datetime | None = None


class PreferenceLapsed(Event, frozen=True, tag="preference.lapsed"):
    """Waited long enough for the same counselor, or for the same language: anybody may be asked now."""

    contact: str
    what: Literal["counselor", "language"]


class TicketDeflected(Event, frozen=True, tag="ticket.deflected"):
    """The gate is closed for this contact."""

    contact: str
    reason: Literal["closed", "last_admission", "nobody_on_duty"]
    opens_at: datetime | None = None


class TicketRaised(Event, frozen=True, tag="ticket.raised"):
    """More urgent: the key only ever moves forward."""

    contact: str
    risk: RiskLevel
    tier: int
    due_at: datetime


class TicketLowered(Event, frozen=True, tag="ticket.lowered"):
    """A person lowered the risk; whoever waits keeps the place they had."""

    contact: str
    risk: RiskLevel


class TicketAway(Event, frozen=True, tag="ticket.away"):
    """Keeps the place, is not offered (unless imminent)."""

    contact: str
    at: datetime


class TicketReturned(Event, frozen=True, tag="ticket.returned"):
    """Back, at the same place."""

    contact: str


class TicketAbandoned(Event, frozen=True, tag="ticket.abandoned"):
    """Away past the grace."""

    contact: str


class TicketStranded(Event, frozen=True, tag="ticket.stranded"):
    """In imminent danger and away past the grace: never dropped, a supervisor's task."""

    contact: str


class TicketWithdrawn(Event, frozen=True, tag="ticket.withdrawn"):
    """The visitor ended the wait."""

    contact: str


class OfferRung(Event, frozen=True, tag="offer.rung"):
    """A counselor is asked."""

    offer: str
    contact: str
    counselor: str
    at: datetime
    expires_at: datetime


class OfferAccepted(Event, frozen=True, tag="offer.accepted"):
    """One accept wins: the contact has an owner."""

    offer: str
    contact: str
    counselor: str
    name: str
    grade: Role
    epoch: int


class OfferDeclined(Event, frozen=True, tag="offer.declined"):
    """Not this counselor; not asked again for the policy's pause."""

    offer: str
    contact: str
    counselor: str
    until: datetime


class OfferMissed(Event, frozen=True, tag="offer.missed"):
    """The ring ran out; the counselor is paused until `until`."""

    offer: str
    contact: str
    counselor: str
    until: datetime


class OfferCancelled(Event, frozen=True, tag="offer.cancelled"):
    """Somebody else has the contact, or it left."""

    offer: str
    contact: str
    counselor: str


class ContactRequeued(Event, frozen=True, tag="contact.requeued"):
    """The counselor was lost; the contact waits again with its old key, first of its class."""

    contact: str
    counselor: str
    epoch: int


class WrapUpBegan(Event, frozen=True, tag="wrap_up.began"):
    """The slot stays taken until `until` at most."""

    contact: str
    counselor: str
    until: datetime


class WrapUpLapsed(Event, frozen=True, tag="wrap_up.lapsed"):
    """The slot is free again, the disposition is still owed."""

    contact: str
    counselor: str
    at: datetime | None = None


class DeclineLapsed(Event, frozen=True, tag="decline.lapsed"):
    """A counselor who declined this contact may be asked again."""

    contact: str
    counselor: str
