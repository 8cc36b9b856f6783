"""What may be said to a desk: its setting, tickets, seats and offers of one line."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Command, Name, Short
from queueing.messages.hours import OpenInterval
from queueing.policy import DeskPolicy

# --- the desk's own setting -----------------------------------------------------------------


class Configure(Command, frozen=True, tag="desk.configure"):
    """A new version of the line's policy is in force."""

    policy: DeskPolicy
    version: int


class PublishHours(Command, frozen=True, tag="hours.publish"):
    """The resolved published hours of the coming days, from the schedule's version."""

    intervals: tuple[OpenInterval, ...]
    version: str


# --- tickets, from reactions and the presence sweep -------------------------------------------


class RequestTicket(Command, frozen=True, tag="ticket.request"):
    """A contact wants a counselor; `arrived_at` is the moment of connection. Asked again, it only moves forward."""

    contact: Name
    medium: Medium
    risk: RiskLevel
    arrived_at: datetime
    language: Name = "zh-Hans"
    skills: tuple[Name, ...] = ()
    asks_for: Name | None = None


class LowerTicket(Command, frozen=True, tag="ticket.lower"):
    """A person lowered the contact's risk."""

    contact: Name
    risk: RiskLevel


class MarkTicketAway(Command, frozen=True, tag="ticket.leave"):
    """The visitor's connection is lost while waiting."""

    contact: Name


class MarkTicketBack(Command, frozen=True, tag="ticket.return"):
    """The visitor is connected again."""

    contact: Name


class WithdrawTicket(Command, frozen=True, tag="ticket.withdraw"):
    """The visitor ended before anybody answered."""

    contact: Name


class BeginWrapUp(Command, frozen=True, tag="wrap_up.begin"):
    """The talk is over; the slot stays taken while the counselor writes it up."""

    contact: Name


class FreeSeat(Command, frozen=True, tag="seat.free"):
    """The contact is written up; the slot is free."""

    contact: Name


# --- seats, from counselors -----------------------------------------------------------------


class ReadySeat(Command, frozen=True, tag="seat.ready"):
    """Take contacts from now on, at most `slots` texts at once (bounded by the line's policy).

    `burst` agrees to one text more, only for somebody in imminent danger.
    """

    slots: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    burst: bool = False


class StandBy(Command, frozen=True, tag="seat.stand_by"):
    """A supervisor or crisis worker may be asked for somebody in imminent danger when nobody else can."""


class PauseSeat(Command, frozen=True, tag="seat.pause"):
    """A break: no new offers; contacts in hand stay."""

    reason: Literal["break", "meal", "supervision", "training"] = "break"


class LeaveSeat(Command, frozen=True, tag="seat.leave"):
    """Go off duty; refused while contacts are in hand."""


class EnterSeat(Command, frozen=True, tag="seat.enter"):
    """Given by the door when somebody signs in to the console: who they are."""

    counselor: Name
    name: Short
    grade: Role
    languages: tuple[Name, ...] = ()
    skills: dict[Name, datetime | None] = {}  # noqa: RUF012 (msgspec copies it)


class SetShift(Command, frozen=True, tag="seat.shift"):
    """From the roster: after `last_offer_at` nothing new is offered here, but danger with the counselor's consent.

    What is in hand when the shift ends at `ends_at` is handed over by a person.
    """

    counselor: Name
    last_offer_at: datetime | None = None
    ends_at: datetime | None = None


class LoseSeat(Command, frozen=True, tag="seat.lose"):
    """The counselor's last socket is gone."""

    counselor: Name


class AcceptOffer(Command, frozen=True, tag="offer.accept"):
    """Take the contact that is offered."""

    offer: Name


class DeclineOffer(Command, frozen=True, tag="offer.decline"):
    """Not me, not now."""

    offer: Name


class TakeNext(Command, frozen=True, tag="ticket.take"):
    """Take whoever is next, one above the chosen slots if need be; nobody browses the queue."""
