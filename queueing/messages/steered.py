"""What has happened when a contact went from hand to hand, or a supervisor steered."""

from datetime import datetime
from typing import Literal

from kernel.terms import Role
from kernel.wire import Event


class TicketAssigned(Event, frozen=True, tag="ticket.assigned"):
    """A supervisor chose the counselor, for a reason; the offer that follows may pass over somebody."""

    contact: str
    counselor: str
    reason: str


class TransferOffered(Event, frozen=True, tag="transfer.offered"):
    """A colleague is asked to take over, until `until`; the owner stays the owner."""

    contact: str
    counselor: str
    to: str
    until: datetime


class TransferAccepted(Event, frozen=True, tag="transfer.accepted"):
    """Handed over: `before` has let go and `counselor` has it, in one instant."""

    contact: str
    before: str
    counselor: str
    name: str
    grade: Role
    epoch: int
    at: datetime


class TransferEnded(Event, frozen=True, tag="transfer.ended"):
    """Nobody took over; the owner is still the owner."""

    contact: str
    to: str
    why: Literal["declined", "withdrawn", "lapsed"]


class IntakeSwitched(Event, frozen=True, tag="intake.switched"):
    """Newcomers out of danger are turned away until then; None: as the published hours say.

    Opened by hand, the estimate does not close it again before `kept_open_until`.
    """

    closed_until: datetime | None = None
    reason: str = ""
    kept_open_until: datetime | None = None


class SurgeSwitched(Event, frozen=True, tag="surge.switched"):
    """Routine contacts are promised less until then; None: as usual."""

    until: datetime | None = None


class CallbackBooked(Event, frozen=True, tag="callback.booked"):
    """Keeps the place without being connected; nobody is asked before `not_before`."""

    contact: str
    not_before: datetime | None = None
    why: Literal["closing", "wish"] = "closing"


class CallbackCancelled(Event, frozen=True, tag="callback.cancelled"):
    """An ordinary place again."""

    contact: str
    at: datetime
    number: int


class CallbackDue(Event, frozen=True, tag="callback.due"):
    """May be asked for again: the hours have begun, or the window that was wished for."""

    contact: str
    at: datetime
    number: int = 0
