"""The words of a station's agenda: slots with places, and who holds one. Ids and times only."""

from datetime import datetime
from typing import Annotated

import msgspec

from kernel.decider import Elapse
from kernel.wire import Command, Event, Name
from triage.messages.appointment import Instant

Place = Annotated[int, msgspec.Meta(ge=1, le=50)]


class Slot(msgspec.Struct, frozen=True, order=True):
    """A time on site with so many places (persons)."""

    starts_at: datetime
    minutes: int
    places: int


class PublishSlots(Command, frozen=True, tag="agenda.publish"):
    """These are the coming slots; one that is missing here is taken back."""

    coming: tuple[Slot, ...]


class HoldPlace(Command, frozen=True, tag="agenda.hold"):
    """Hold a place for a contact."""

    contact: Name
    starts_at: Instant


class FreePlace(Command, frozen=True, tag="agenda.free"):
    """Give a place back."""

    contact: Name
    starts_at: Instant


class ReportVisit(Command, frozen=True, tag="agenda.report"):
    """The station says whether whoever holds this place came."""

    starts_at: Instant
    place: Place
    came: bool


class SlotsPublished(Event, frozen=True, tag="agenda.published"):
    """The coming slots."""

    coming: tuple[Slot, ...]
    at: datetime


class PlaceHeld(Event, frozen=True, tag="agenda.held"):
    """A place is somebody's."""

    contact: str
    starts_at: datetime
    place: int


class PlaceRefused(Event, frozen=True, tag="agenda.refused"):
    """No place is left there, or there is no such slot."""

    contact: str
    starts_at: datetime


class PlaceFreed(Event, frozen=True, tag="agenda.freed"):
    """A place is free again."""

    contact: str
    starts_at: datetime


class PlaceLost(Event, frozen=True, tag="agenda.lost"):
    """The station took the slot back although somebody held a place in it."""

    contact: str
    starts_at: datetime


class VisitReported(Event, frozen=True, tag="agenda.reported"):
    """Somebody came, or did not."""

    contact: str
    starts_at: datetime
    came: bool


PARTNER_COMMANDS = (ReportVisit,)
SYSTEM_COMMANDS = (PublishSlots, HoldPlace, FreePlace, Elapse)
COMMANDS = (*PARTNER_COMMANDS, *SYSTEM_COMMANDS)
EVENTS = (SlotsPublished, PlaceHeld, PlaceRefused, PlaceFreed, PlaceLost, VisitReported)
