"""The words of incident mode: one event brings many people at once, such as an accident or a closing factory.

What stands here is about the event and never about a visitor: a desk's log is kept plain.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from kernel.wire import Command, Event, Name

Title = Annotated[str, msgspec.Meta(min_length=2, max_length=60, pattern=r"^[^\x00]*$")]
Known = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00]*$")]


class OpenIncident(Command, frozen=True, tag="incident.open"):
    """From now on contacts may be counted with this; `known` is what visitors are told, `surge` promises less."""

    title: Title
    known: Known = ""
    surge: bool = True


class TellIncident(Command, frozen=True, tag="incident.tell"):
    """What is known by now; visitors read the new words."""

    incident: Name
    known: Known


class CloseIncident(Command, frozen=True, tag="incident.close"):
    """It is over; the counts stay in the log."""

    incident: Name


class TagTicket(Command, frozen=True, tag="ticket.tag"):
    """This contact is about the incident, or (None) is not."""

    contact: Name
    incident: Name | None = None


class IncidentOpened(Event, frozen=True, tag="incident.opened"):
    """An incident has begun."""

    incident: str
    title: str
    known: str
    person: str
    at: datetime


class IncidentTold(Event, frozen=True, tag="incident.told"):
    """Visitors are told this now."""

    incident: str
    known: str
    at: datetime


class IncidentClosed(Event, frozen=True, tag="incident.closed"):
    """It is over."""

    incident: str
    at: datetime


class TicketTagged(Event, frozen=True, tag="ticket.tagged"):
    """Counted with an incident, or no longer."""

    contact: str
    incident: str | None = None


LEADING = (OpenIncident, TellIncident, CloseIncident)
COMMANDS = (*LEADING, TagTicket)
EVENTS = (IncidentOpened, IncidentTold, IncidentClosed, TicketTagged)
