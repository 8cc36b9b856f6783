"""What a supervisor says to the people on duty: a message to all, and somebody off for now."""

from datetime import datetime
from typing import Annotated

import msgspec

from kernel.wire import Command, Event, Name, Short

NoticeText = Annotated[str, msgspec.Meta(min_length=1, max_length=280, pattern=r"^[^\x00]*$")]
"""About the work, never about a visitor: a desk's log is kept plain."""


class SendNotice(Command, frozen=True, tag="notice.send"):
    """Tell everybody at this desk; each of them says that they have read it."""

    text: NoticeText


class AcknowledgeNotice(Command, frozen=True, tag="notice.acknowledge"):
    """I have read it."""

    notice: Name


class ReleaseSeat(Command, frozen=True, tag="seat.release"):
    """Nothing more is offered to this counselor until they say ready again; what is in hand stays."""

    counselor: Name
    reason: Short


class NoticeSent(Event, frozen=True, tag="notice.sent"):
    """A message to all; `told` is who was here then."""

    notice: str
    person: str
    text: str
    at: datetime
    told: tuple[str, ...]


class NoticeAcknowledged(Event, frozen=True, tag="notice.acknowledged"):
    """Somebody has read it."""

    notice: str
    person: str


class SeatReleased(Event, frozen=True, tag="seat.released"):
    """A supervisor took a counselor off, for a reason."""

    counselor: str
    reason: str
    at: datetime


TEAM = (SendNotice, ReleaseSeat)
TEAM_EVENTS = (NoticeSent, NoticeAcknowledged, SeatReleased)
