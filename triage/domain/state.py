"""What a case knows: the visit and its risk, the escalation, the referrals, the follow-up, the pages on their way."""

from datetime import datetime

import msgspec

from kernel.terms import RiskLevel
from triage.messages import About, Cause, Field, Item, Packet, Partner, Reached, Service, Visit
from triage.policy import POLICY, Audience, CasePolicy, Way

change = msgspec.structs.replace


class Page(msgspec.Struct, frozen=True):
    """A call to a human that has not been delivered yet."""

    page: str
    about: About
    number: int
    to: Audience
    way: Way
    at: datetime
    tries: int = 1


class Rescue(msgspec.Struct, frozen=True):
    """An active rescue, and whether it has reached the person."""

    service: Service
    person: str
    consulted: str
    confirmed: bool = False


class Escalation(msgspec.Struct, frozen=True):
    """A call for help now. Without an owner it climbs (`rung` comes next); with one, news is due at `review_at`."""

    number: int
    cause: Cause
    climbs_from: datetime
    by: str = ""
    rung: int = 0
    owner: str | None = None
    review_at: datetime | None = None
    reminded: bool = False
    helpers: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    checked: tuple[Item, ...] = ()
    rescue: Rescue | None = None


class Referral(msgspec.Struct, frozen=True):
    """One referral; `status` says what it waits for, `since` from when."""

    number: int
    partners: tuple[Partner, ...]
    packet: Packet
    since: datetime
    by: str = ""
    status: str = "offered"  # offered, agreed, sent, accepted, stalled, refused
    fields: tuple[Field, ...] = ()
    at: int = 0
    reminders: int = 0
    talk: str = ""  # asked, agreed, in: whether the partner may come into the conversation, or is there

    @property
    def partner(self) -> Partner:
        """The partner whose turn it is."""
        return self.partners[min(self.at, len(self.partners) - 1)]

    @property
    def shown(self) -> bool:
        """True where the partner may read the packet."""
        return self.status in ("sent", "accepted")


class Appointment(msgspec.Struct, frozen=True):
    """A place at a station: asked for, then held; `since` is when it was asked for or somebody was last reminded."""

    partner: str
    starts_at: datetime
    since: datetime
    held: bool = False
    reminders: int = 0


class Attempt(msgspec.Struct, frozen=True):
    """Somebody tried to reach the person."""

    outcome: Reached
    person: str
    at: datetime


class FollowUp(msgspec.Struct, frozen=True):
    """Somebody is asked after at `steps`; `step` is the next one; `due_since` while an attempt or an end is owed."""

    cause: str
    steps: tuple[datetime, ...]
    step: int = 0
    owner: str | None = None
    due_since: datetime | None = None
    reminders: int = 0
    attempts: tuple[Attempt, ...] = ()


class Callback(msgspec.Struct, frozen=True):
    """The visitor waits for a call, preferably in this window."""

    not_before: datetime | None = None
    until: datetime | None = None


class Reach(msgspec.Struct, frozen=True):
    """How the person may be reached, as they last said; `none` takes an earlier word back."""

    means: str
    value: str = ""
    hours: str = ""


class CaseState(msgspec.Struct, frozen=True):
    """The whole case; `over` once the visit has ended, `closed` once nothing is open any more.

    `words`: something was said to a line that was closed, and nobody has read it yet.
    """

    visit: Visit | None = None
    level: RiskLevel | None = None
    highest: RiskLevel = RiskLevel.ROUTINE
    intake_until: datetime | None = None
    answered: bool = False
    words: bool = False
    over: bool = False
    closed: bool = False
    escalations: int = 0
    escalation: Escalation | None = None
    referrals: dict[int, Referral] = {}
    referrals_made: int = 0
    may_refer: bool = False
    follow_up: FollowUp | None = None
    pages: dict[str, Page] = {}
    pages_issued: int = 0
    reach: Reach | None = None
    callback: Callback | None = None
    policy: CasePolicy | None = None
    appointment: Appointment | None = None
    agreed: bool = False

    @property
    def rules(self) -> CasePolicy:
        """What the line promised when the case was opened; the project's defaults where it never published any."""
        return self.policy or POLICY

    @property
    def line(self) -> str:
        """The line of the visit."""
        return self.visit.line if self.visit else ""

    @property
    def idle(self) -> bool:
        """True where nothing is open: no escalation, no referral, no follow-up, no appointment."""
        open_ones = (self.escalation, self.follow_up, self.appointment)
        return not self.referrals and all(each is None for each in open_ones)
