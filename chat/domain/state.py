"""What a session knows of itself, and how each event changes it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from chat.attend_messages import SessionAttended
from chat.call_messages import CallEnded
from chat.closed_messages import WordsEntrusted
from chat.domain import attend, call_state
from chat.domain.call_state import CallState
from chat.domain.receipt import Receipt
from chat.messages import (
    ContactAbandoned,
    ContactDeflected,
    ContactOpened,
    ContactQueued,
    CounselorJoined,
    CounselorLost,
    EscalationNoted,
    IdlePrompted,
    MessagePosted,
    ParticipantJoined,
    ParticipantLeft,
    ReceiptMarked,
    RiskNoted,
    SessionEnded,
    VisitorAway,
    VisitorReturned,
    WrapUpSubmitted,
)
from kernel.terms import Attending, Medium, RiskLevel, Role
from kernel.wire import Event


class Phase(StrEnum):
    """Where a contact stands."""

    NEW = "new"
    INTAKE = "intake"
    QUEUED = "queued"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"
    DEFLECTED = "deflected"
    ABANDONED = "abandoned"


LISTENING = frozenset({Phase.INTAKE, Phase.QUEUED, Phase.ACTIVE, Phase.DEFLECTED})
OVER = frozenset({Phase.CLOSED, Phase.ABANDONED})


class SessionState(msgspec.Struct, frozen=True):
    """What a session knows of itself; the words stand in the log only."""

    seq: int = 0
    phase: Phase = Phase.NEW
    contact: str = ""
    line: str = ""
    counselor: str | None = None
    epoch: int = 0
    away_at: datetime | None = None
    risk: RiskLevel = RiskLevel.ROUTINE
    spoke_at: datetime | None = None
    prompted_at: datetime | None = None
    escalated: bool = False
    opens_at: datetime | None = None
    deflected_for: str = ""
    participants: tuple[str, ...] = ()
    attending: dict[str, Attending] = {}
    guests: tuple[str, ...] = ()  # partners whom the visitor let in
    entrusted: str | None = None  # who may answer what was left at a closed line
    visitor: Receipt = Receipt()
    staff: Receipt = Receipt()
    medium: Medium = Medium.TEXT
    grade: Role = Role.COUNSELOR
    call: CallState = CallState()


def evolve(state: SessionState, event: Event) -> SessionState:
    """Apply one event."""
    change = msgspec.structs.replace
    state = change(state, seq=state.seq + 1)
    match event:
        case ContactOpened():
            return change(state, phase=Phase.INTAKE, contact=event.contact, line=event.line, medium=event.medium)
        case ContactQueued(on_screen=on_screen):
            return change(state, phase=Phase.QUEUED, deflected_for="" if on_screen else state.deflected_for)
        case ContactDeflected():
            return change(state, phase=Phase.DEFLECTED, opens_at=event.opens_at, deflected_for=event.reason)
        case CounselorJoined():
            state = change(state, phase=Phase.ACTIVE, counselor=event.counselor, epoch=event.epoch)
            attending, participants = attend.without(state.attending, state.participants, event.counselor)
            state = change(state, attending=attending, participants=participants)  # the owner is not beside themselves
            return change(state, grade=event.grade, spoke_at=event.at, prompted_at=None)
        case CounselorLost():
            return change(state, phase=Phase.QUEUED, counselor=None, epoch=event.epoch)
        case MessagePosted():
            return change(state, spoke_at=event.at, prompted_at=None)
        case ReceiptMarked(side="visitor"):
            return change(state, visitor=Receipt(event.delivered, event.read))
        case ReceiptMarked():
            return change(state, staff=Receipt(event.delivered, event.read))
        case VisitorAway():
            return change(state, away_at=event.at)
        case VisitorReturned():
            return change(state, away_at=None)
        case RiskNoted():
            return change(state, risk=event.level)
        case ParticipantJoined(grade=Role.REFERRAL_PARTNER):
            return change(state, guests=(*state.guests, event.person))
        case ParticipantJoined():
            return change(state, participants=(*state.participants, event.person))
        case ParticipantLeft(person=person):
            left = tuple(each for each in state.participants if each != person)
            return change(state, participants=left, guests=tuple(each for each in state.guests if each != person))
        case EscalationNoted():
            return change(state, escalated=event.open)
        case WordsEntrusted():
            return change(state, entrusted=event.person)
        case SessionAttended():
            return change(state, attending=attend.evolve(state.attending, event))
        case IdlePrompted():
            return change(state, prompted_at=event.at)
        case SessionEnded():
            state = change(state, attending={}, participants=attend.summoned(state.attending, state.participants))
            return change(state, phase=Phase.WRAP_UP if state.counselor else Phase.CLOSED)
        case ContactAbandoned():
            return change(state, phase=Phase.ABANDONED)
        case WrapUpSubmitted():
            return change(state, phase=Phase.CLOSED)
    return _called(state, event)


def _called(state: SessionState, event: Event) -> SessionState:
    """An event of the call; when it ends, silence counts anew."""
    state = msgspec.structs.replace(state, call=call_state.evolve(state.call, event))
    if isinstance(event, CallEnded):
        return msgspec.structs.replace(state, spoke_at=event.at, prompted_at=None)
    return state
