"""What a record is, and how each event changes it."""

from datetime import datetime
from typing import Any

import msgspec

from kernel.terms import Medium, Role
from kernel.wire import Event
from recordings_policy.domain import glass, hold
from recordings_policy.domain.consent import Consent
from recordings_policy.messages import (
    ConsentGiven,
    ConsentWithdrawn,
    ErasureRequested,
    GlassAsked,
    GlassBroken,
    GlassRefused,
    HoldProposed,
    IdentityVerified,
    PolicyApplied,
    PurgeBegun,
    PurgeCompleted,
    PurgeOrdered,
    RecordClosed,
    RecordingAllowed,
    RecordingStopped,
    RecordOpened,
    SealOrdered,
    Span,
)
from recordings_policy.policy import Purpose, Rule


class Running(msgspec.Struct, frozen=True):
    """A recording that is being written."""

    medium: Medium
    recording: int


class Keep(msgspec.Struct, frozen=True):
    """One medium of a closed contact: planned, ordered, begun, gone (with a receipt)."""

    span: Span
    ordered_at: datetime | None = None
    attempt: int = 0
    begun: bool = False
    receipt: str = ""


class RecordState(msgspec.Struct, frozen=True):
    """Everything the record knows; no words, no names, so it outlives the contact's data key."""

    line: str = ""
    rules: tuple[Rule, ...] = ()
    consents: tuple[Consent, ...] = ()
    refusals: tuple[Purpose, ...] = ()
    allowed: int = 0
    recorded: tuple[Medium, ...] = ()
    running: tuple[Running, ...] = ()
    holds: tuple[hold.Hold, ...] = ()
    glasses: tuple[glass.Glass, ...] = ()
    closed_at: datetime | None = None
    erase_at: datetime | None = None
    sealed: bool = False
    verified: str = ""
    keeps: tuple[Keep, ...] = ()

    @property
    def frozen(self) -> bool:
        """Say whether a hold, or a proposed one, forbids destruction."""
        return any(each.freezes for each in self.holds)

    @property
    def gone(self) -> bool:
        """Say whether everything has been destroyed; nothing follows."""
        return bool(self.keeps) and all(keep.receipt for keep in self.keeps)


def change(state: RecordState, **changes: Any) -> RecordState:
    """Copy with some fields changed."""
    return msgspec.structs.replace(state, **changes)


def evolve(state: RecordState, event: Event) -> RecordState:
    """Apply one event."""
    match event:
        case RecordOpened():
            return change(state, line=event.line)
        case PolicyApplied():
            return change(state, rules=event.rules, keeps=_replan(state.keeps, event.spans))
        case ConsentGiven() | ConsentWithdrawn():
            return _consented(state, event)
        case RecordingAllowed() | RecordingStopped():
            return _recorded(state, event)
        case RecordClosed():
            return change(state, closed_at=event.closed_at, keeps=tuple(Keep(s) for s in event.spans))
        case ErasureRequested():
            return change(state, erase_at=event.at, keeps=_replan(state.keeps, event.spans))
        case IdentityVerified():
            return change(state, verified=event.way)
        case SealOrdered():
            return change(state, sealed=True)
        case PurgeOrdered() | PurgeBegun() | PurgeCompleted():
            return change(state, keeps=_purged(state.keeps, event))
        case GlassAsked() | GlassBroken() | GlassRefused():
            return change(state, glasses=glass.apply(state.glasses, event))
        case HoldProposed():
            called_off = tuple(keep if keep.begun else Keep(keep.span) for keep in state.keeps)
            return change(state, holds=hold.apply(state.holds, event), keeps=called_off)
    return change(state, holds=hold.apply(state.holds, event))


def _consented(state: RecordState, event: ConsentGiven | ConsentWithdrawn) -> RecordState:
    """Keep one standing yes per purpose, and the visitor's own no until the visitor says yes again."""
    others = tuple(consent for consent in state.consents if consent.purpose is not event.purpose)
    refusals = tuple(purpose for purpose in state.refusals if purpose is not event.purpose)
    if isinstance(event, ConsentGiven):
        return change(state, consents=(*others, Consent.of(event)), refusals=refusals)
    if event.role is Role.VISITOR:
        return change(state, consents=others, refusals=(*refusals, event.purpose))
    return change(state, consents=others)


def _recorded(state: RecordState, event: RecordingAllowed | RecordingStopped) -> RecordState:
    others = tuple(each for each in state.running if each.medium is not event.medium)
    if isinstance(event, RecordingStopped):
        return change(state, running=others)
    recorded = tuple(dict.fromkeys((*state.recorded, event.medium)))
    running = (*others, Running(event.medium, event.recording))
    return change(state, running=running, recorded=recorded, allowed=event.recording)


def _replan(keeps: tuple[Keep, ...], spans: tuple[Span, ...]) -> tuple[Keep, ...]:
    """Put new spans in place; an order not yet begun is called off and given anew when its new time comes."""
    by_medium = {span.medium: span for span in spans}
    return tuple(keep if keep.begun else Keep(by_medium.get(keep.span.medium, keep.span)) for keep in keeps)


def _purged(keeps: tuple[Keep, ...], event: PurgeOrdered | PurgeBegun | PurgeCompleted) -> tuple[Keep, ...]:
    match event:
        case PurgeOrdered():
            changes: dict[str, Any] = {"ordered_at": event.at, "attempt": event.attempt}
        case PurgeBegun():
            changes = {"begun": True}
        case PurgeCompleted():
            changes = {"receipt": event.receipt}
    return tuple(
        msgspec.structs.replace(keep, **changes) if keep.span.medium is event.medium else keep for keep in keeps
    )
