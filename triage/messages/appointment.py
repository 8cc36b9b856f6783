"""The words of an appointment on site: asked for, held by the station's agenda, kept or missed, closed by a person."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from kernel.wire import Command, Event, Name
from triage.messages.escalation import Reason

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Kept(StrEnum):
    """What became of an appointment."""

    CAME = "came"  # 已到访
    MISSED = "missed"  # 未到访
    MOVED = "moved"  # 改约或另有安排


# What the agenda answers: a place is held; all are taken; the station has taken the slot back.
Answered = Literal["held", "full", "lost"]


# --- commands -----------------------------------------------------------------------------------------


class BookAppointment(Command, frozen=True, tag="appointment.book"):
    """Ask for a place at a partner at this instant."""

    partner: Name
    starts_at: Instant


class CancelAppointment(Command, frozen=True, tag="appointment.cancel"):
    """Give the place back."""


class CloseAppointment(Command, frozen=True, tag="appointment.close"):
    """A person says what became of it."""

    kept: Kept
    note: Reason


class NoteAppointment(Command, frozen=True, tag="appointment.note"):
    """The agenda's answer. Given by the house."""

    partner: Name
    starts_at: Instant
    answered: Answered


class NoteVisit(Command, frozen=True, tag="appointment.note_visit"):
    """The station says whether somebody came. Given by the house."""

    partner: Name
    starts_at: Instant
    came: bool


# --- events -------------------------------------------------------------------------------------------


class AppointmentAsked(Event, frozen=True, tag="appointment.asked"):
    """A place was asked for; the agenda answers."""

    partner: str
    starts_at: datetime
    at: datetime


class AppointmentHeld(Event, frozen=True, tag="appointment.held"):
    """The place is held."""

    partner: str
    starts_at: datetime
    at: datetime


class AppointmentLost(Event, frozen=True, tag="appointment.lost"):
    """There is no such place: taken by others, or taken back by the station after it was held."""

    partner: str
    starts_at: datetime
    was_held: bool
    at: datetime


class AppointmentCancelled(Event, frozen=True, tag="appointment.cancelled"):
    """The place was given back."""

    partner: str
    starts_at: datetime
    by: Literal["visitor", "counselor"]


class AppointmentReminded(Event, frozen=True, tag="appointment.reminded"):
    """Nobody has said what became of it; the duty supervisor is asked."""

    reminders: int
    at: datetime


class AppointmentEnded(Event, frozen=True, tag="appointment.ended"):
    """The station or a person has said what became of it."""

    kept: Kept
    note: str = ""
