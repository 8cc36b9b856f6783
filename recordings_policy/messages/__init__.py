"""The words of the record: consent, recording, hold, erasure; none of them carries what somebody said."""

from datetime import datetime
from typing import Literal

import msgspec

from kernel.decider import Elapse
from kernel.terms import Medium, Role
from kernel.wire import Command, Event, Name
from recordings_policy.messages.books import (
    ApproveHold,
    AskGlass,
    BreakGlass,
    GlassAsked,
    GlassBroken,
    GlassRefused,
    HoldExpired,
    HoldLapsed,
    HoldLifted,
    HoldLiftProposed,
    HoldPlaced,
    HoldProposed,
    LiftHold,
    PlaceHold,
    RefuseGlass,
)
from recordings_policy.messages.purge import BeginPurge, ConfirmPurge, PurgeBegun, PurgeCompleted, PurgeOrdered
from recordings_policy.policy import Channel, Digest, Instant, Purpose, Rule

Language = Literal["zh-Hans", "en"]

# Why audio may not be, or may no longer be, written.
Bar = Literal["no_policy", "policy_forbids", "no_consent", "consent_mismatch", "closed", "erasure", "asked"]


class Span(msgspec.Struct, frozen=True):
    """How long one medium of a contact is kept: not destroyed before `floor_at`, destroyed at `purge_at`.

    `promised_at` is the earliest end any version has promised since closing; only a floor goes beyond it.
    `version` is the policy version that says so; 0 where no policy was known.
    """

    medium: Medium
    floor_at: datetime
    promised_at: datetime
    purge_at: datetime
    version: int = 0


# --- commands -----------------------------------------------------------------------------------------


class OpenRecord(Command, frozen=True, tag="record.open"):
    """A contact was opened on a line; `rules` are the policies in force there, where the giver knows them."""

    line: Name
    rules: tuple[Rule, ...] = ()


class ApplyPolicy(Command, frozen=True, tag="policy.apply"):
    """The policies now in force on the record's line; the whole set, one rule per medium at most."""

    rules: tuple[Rule, ...]


class GiveConsent(Command, frozen=True, tag="consent.give"):
    """Say yes to one purpose, having seen (or been read) exactly this text."""

    purpose: Purpose
    version: Name
    text_hash: Digest
    channel: Channel
    language: Language = "zh-Hans"


class WithdrawConsent(Command, frozen=True, tag="consent.withdraw"):
    """Say no, or no longer; a no is remembered even where there was no yes."""

    purpose: Purpose


class RequestRecording(Command, frozen=True, tag="recording.request"):
    """May this medium be recorded from now on? The answer is an event either way."""

    medium: Medium = Medium.VOICE


class StopRecording(Command, frozen=True, tag="recording.stop"):
    """Stop recording this medium."""

    medium: Medium = Medium.VOICE


class CloseRecord(Command, frozen=True, tag="record.close"):
    """The contact is closed; what is kept of it is counted from `closed_at`."""

    closed_at: Instant


class NoteIdentity(Command, frozen=True, tag="identity.note"):
    """The vault knows who this is; here it is only noted that it does, and how they showed it."""

    way: Name


class RequestErasure(Command, frozen=True, tag="erase.request"):
    """The visitor wants everything of this contact destroyed."""


# --- events -------------------------------------------------------------------------------------------


class RecordOpened(Event, frozen=True, tag="record.opened"):
    """A record stands beside the contact."""

    line: str


class PolicyApplied(Event, frozen=True, tag="policy.applied"):
    """These rules hold for the record; `spans` is the new plan where the contact is closed already."""

    rules: tuple[Rule, ...]
    spans: tuple[Span, ...] = ()


class ConsentGiven(Event, frozen=True, tag="consent.given"):
    """Somebody said yes; `role` is who told us (a counselor only for a spoken consent)."""

    purpose: Purpose
    version: str
    text_hash: str
    channel: Channel
    language: Language
    role: Role
    at: datetime


class ConsentWithdrawn(Event, frozen=True, tag="consent.withdrawn"):
    """Somebody said no, or no longer."""

    purpose: Purpose
    role: Role


class RecordingAllowed(Event, frozen=True, tag="recording.allowed"):
    """Recording number `recording` may be written, under this policy and this consent text."""

    medium: Medium
    recording: int
    policy_version: int
    consent_version: str


class RecordingRefused(Event, frozen=True, tag="recording.refused"):
    """Not a byte may be written."""

    medium: Medium
    reason: Bar


class RecordingStopped(Event, frozen=True, tag="recording.stopped"):
    """From here on not a byte may be written."""

    medium: Medium
    recording: int
    reason: Bar


class RecordClosed(Event, frozen=True, tag="record.closed"):
    """The contact is over, and this is how long each medium of it is kept."""

    closed_at: datetime
    spans: tuple[Span, ...]

    @property
    def purge_at(self) -> datetime:
        """When the last of it is destroyed, holds aside."""
        return max(span.purge_at for span in self.spans)


class IdentityVerified(Event, frozen=True, tag="identity.verified"):
    """Somebody showed who they are; who, only the vault knows."""

    way: str
    at: datetime


class ErasureRequested(Event, frozen=True, tag="erase.requested"):
    """The visitor asked for erasure at `at`; `spans` is the new plan where the contact is closed."""

    at: datetime
    spans: tuple[Span, ...] = ()


class SealOrdered(Event, frozen=True, tag="seal.ordered"):
    """Erasure was asked: until it is done nobody opens it but by legal disclosure."""


VISITOR_COMMANDS = (GiveConsent, WithdrawConsent, StopRecording, RequestErasure)
COUNSELOR_COMMANDS = (GiveConsent, WithdrawConsent, StopRecording)
STAFF_COMMANDS = (PlaceHold, ApproveHold, LiftHold, AskGlass, BreakGlass, RefuseGlass)
SYSTEM_COMMANDS = (
    OpenRecord,
    ApplyPolicy,
    NoteIdentity,
    RequestRecording,
    StopRecording,
    CloseRecord,
    BeginPurge,
    ConfirmPurge,
    Elapse,
)
COMMANDS = (GiveConsent, WithdrawConsent, RequestErasure, *STAFF_COMMANDS, *SYSTEM_COMMANDS)
EVENTS = (
    RecordOpened,
    PolicyApplied,
    ConsentGiven,
    ConsentWithdrawn,
    RecordingAllowed,
    RecordingRefused,
    RecordingStopped,
    HoldProposed,
    HoldPlaced,
    HoldLapsed,
    HoldLiftProposed,
    HoldLifted,
    HoldExpired,
    GlassAsked,
    GlassBroken,
    GlassRefused,
    IdentityVerified,
    RecordClosed,
    ErasureRequested,
    SealOrdered,
    PurgeOrdered,
    PurgeBegun,
    PurgeCompleted,
)

__all__ = [
    "COMMANDS",
    "COUNSELOR_COMMANDS",
    "EVENTS",
    "STAFF_COMMANDS",
    "SYSTEM_COMMANDS",
    "VISITOR_COMMANDS",
    "ApplyPolicy",
    "ApproveHold",
    "AskGlass",
    "Bar",
    "BeginPurge",
    "BreakGlass",
    "CloseRecord",
    "ConfirmPurge",
    "ConsentGiven",
    "ConsentWithdrawn",
    "ErasureRequested",
    "GiveConsent",
    "GlassAsked",
    "GlassBroken",
    "GlassRefused",
    "HoldExpired",
    "HoldLapsed",
    "HoldLiftProposed",
    "HoldLifted",
    "HoldPlaced",
    "HoldProposed",
    "IdentityVerified",
    "Language",
    "LiftHold",
    "NoteIdentity",
    "OpenRecord",
    "PlaceHold",
    "PolicyApplied",
    "PurgeBegun",
    "PurgeCompleted",
    "PurgeOrdered",
    "RecordClosed",
    "RecordOpened",
    "RecordingAllowed",
    "RecordingRefused",
    "RecordingStopped",
    "RefuseGlass",
    "RequestErasure",
    "RequestRecording",
    "SealOrdered",
    "Span",
    "StopRecording",
    "WithdrawConsent",
]
