"""What moves a contact from hand to hand, and what a supervisor steers a desk by."""

from datetime import datetime

from kernel.terms import Medium, RiskLevel
from kernel.wire import Command, Name, Short


class AssignTicket(Command, frozen=True, tag="ticket.assign"):
    """A supervisor asks one counselor for one contact, waiting or in somebody's hands; never without a reason."""

    contact: Name
    to: Name
    reason: Short


class OfferTransfer(Command, frozen=True, tag="transfer.offer"):
    """Ask a colleague to take over; until they accept the contact stays where it is."""

    contact: Name
    to: Name


class AcceptTransfer(Command, frozen=True, tag="transfer.accept"):
    """Take over; the other is released in the same instant."""

    contact: Name


class EndTransfer(Command, frozen=True, tag="transfer.end"):
    """The one who was asked declines, or the one who asked takes it back."""

    contact: Name


class SwitchIntake(Command, frozen=True, tag="intake.switch"):
    """Take no newcomers for the rest of these hours, or again; danger is let in all the same."""

    open: bool
    reason: Short = ""


class SwitchSurge(Command, frozen=True, tag="surge.switch"):
    """Promise routine contacts less while there are far too many; ends by itself so that it is looked at again."""

    on: bool


class BookCallback(Command, frozen=True, tag="callback.request"):
    """The visitor would rather be called back: the place is kept, whether they are connected or not.

    Who has no place yet is given one, at a closed line for its next opening.
    """

    contact: Name
    not_before: datetime | None = None
    medium: Medium = Medium.TEXT
    risk: RiskLevel = RiskLevel.ROUTINE
    arrived_at: datetime | None = None
    language: Name = "zh-Hans"


class CancelCallback(Command, frozen=True, tag="callback.cancel"):
    """No call after all: an ordinary place where the line is open, else none."""

    contact: Name


STEERING = (AssignTicket, SwitchIntake, SwitchSurge)
HANDING = (OfferTransfer, AcceptTransfer, EndTransfer)
