"""The session of one contact: who is in it, what was said, when it ends.

intake -> queued -> active -> wrap_up -> closed; also deflected and abandoned. What a visitor says is taken in every
phase before the end: while answering, waiting, and at a closed line too, so that nothing has to be said twice.
"""

from datetime import datetime
from typing import Literal

from chat import call_messages
from chat.attend_messages import AttendSession, PostWhisper, WhisperPosted
from chat.closed_messages import AskAgain, ContactAsked, EntrustWords, WordsEntrusted
from chat.domain import attend, call, calling
from chat.domain.call_state import CallPhase
from chat.domain.closed import CALLED_BACK, kept_until, turned_away
from chat.domain.receipt import mark
from chat.domain.state import LISTENING, OVER, Phase, SessionState, evolve
from chat.messages import (
    COMMANDS,
    EVENTS,
    Abandon,
    Assign,
    ContactAbandoned,
    ContactDeflected,
    ContactOpened,
    ContactQueued,
    CounselorJoined,
    CounselorLost,
    Deflect,
    EndSession,
    Enqueue,
    EscalationNoted,
    IdlePrompted,
    JoinParticipant,
    LeaveParticipant,
    MarkAway,
    MarkBack,
    MarkReceipt,
    MessagePosted,
    NoteEscalation,
    NoteRisk,
    OpenContact,
    ParticipantJoined,
    ParticipantLeft,
    PostMessage,
    Requeue,
    RiskNoted,
    SessionEnded,
    SubmitWrapUp,
    VisitorAway,
    VisitorReturned,
    WrapUpSubmitted,
)
from chat.policy import POLICY
from kernel.decider import Decider, Draft, Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, RiskLevel, Role
from kernel.wire import Command, Event

__all__ = ["DECIDER", "LISTENING", "OVER", "Phase", "SessionState", "decide", "due", "evolve"]

BESIDE = (PostMessage, PostWhisper, MarkReceipt)
"""What whoever may write beside the counselor says."""


def decide(state: SessionState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer a command with what it causes, for the talk in writing and for the call beside it."""
    draft = Draft(state, evolve)
    if isinstance(command, call_messages.SAID) and state.phase is not Phase.NEW:
        said = calling.decide(state, command, by, now)
    else:
        said = _decide(state, command, by, now)
    for event in said:
        before = draft.state
        draft.emit(event)
        for follows in calling.follow(before, draft.state, event, now):
            draft.emit(follows)
    if isinstance(command, Elapse):
        for event in calling.decide(draft.state, command, by, now):
            draft.emit(event)
    return draft.events


def _decide(state: SessionState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer everything that is not about the call."""
    if by == SYSTEM:
        return _decide_system(state, command, now)
    if state.phase is Phase.NEW:
        return _open(command, by, now)
    _belongs(state, by, command)
    match command:
        case PostMessage(text=text):
            if state.phase not in LISTENING:
                raise Refused("session_over")
            said = MessagePosted(text, now)
            left = by.role is Role.VISITOR and state.phase is Phase.DEFLECTED
            return (said, ContactAsked(state.line, now, words=True)) if left else (said,)
        case AskAgain() if by.role is Role.VISITOR:
            return (ContactAsked(state.line, now),) if state.phase is Phase.DEFLECTED else ()
        case PostWhisper(text=text):
            if state.phase not in LISTENING:
                raise Refused("session_over")
            return (WhisperPosted(text, now),)
        case MarkReceipt():
            return () if state.phase in OVER else mark(command, by, state.visitor, state.staff, state.seq)
        case EndSession():
            return _end(state, by)
        case SubmitWrapUp():
            if state.phase is not Phase.WRAP_UP or by.role is Role.VISITOR:
                raise Refused("nothing_to_write_up")
            if state.escalated:
                raise Refused("escalation_open")
            return (WrapUpSubmitted(command.disposition, state.line, command.note, command.issues),)
    raise NotPermitted


def _open(command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """A contact begins, by the visitor whose id it bears."""
    if not isinstance(command, OpenContact) or by.role is not Role.VISITOR:
        raise NotPermitted
    return (ContactOpened(by.id, command.line, command.medium, command.language, now),)


def _belongs(state: SessionState, by: Actor, command: Command) -> None:
    """Only the visitor whose contact it is, the counselor who holds it, and who came beside them, may speak here."""
    if by.role is Role.VISITOR:
        if by.id != state.contact or isinstance(command, PostWhisper):
            raise NotPermitted
    elif by.is_counseling and by.id in state.participants and isinstance(command, BESIDE):
        return  # ending and writing up stay with the one owner
    elif by.is_counseling and by.id != state.counselor and isinstance(command, PostWhisper):
        attend.may_whisper(state.attending, by.id)
    elif by.role is Role.REFERRAL_PARTNER and by.id in state.guests and isinstance(command, PostMessage):
        return  # let in by the visitor, for this talk
    elif by.is_counseling and by.id == state.entrusted and isinstance(command, PostMessage):
        if state.phase is not Phase.DEFLECTED:  # whoever is in the queue is answered in their turn
            raise Refused("not_yours")
    elif by.role is Role.SUPERVISOR and isinstance(command, SubmitWrapUp):
        return  # for a counselor who has left: a disposition is never owed for good
    elif not by.is_counseling or by.id != state.counselor:
        raise Refused("not_yours")


def may_write(state: SessionState, by: Actor) -> bool:
    """Tell whether words of this person for everybody would be taken: nobody is seen to type who could not send."""
    if state.phase not in LISTENING:
        return False
    try:
        _belongs(state, by, PostMessage(""))
    except Refused:
        return False
    return True


def _end(state: SessionState, by: Actor) -> tuple[Event, ...]:
    """Either side may end; asking again is harmless."""
    side: Literal["visitor", "counselor"] = "visitor" if by.role is Role.VISITOR else "counselor"
    if state.phase is Phase.ACTIVE:
        return (SessionEnded(side, state.line, state.counselor is not None),)
    if side == "visitor" and state.phase in LISTENING:
        return (SessionEnded(side, state.line, state.counselor is not None),)
    raise Refused("session_over")


def _decide_system(state: SessionState, command: Command, now: datetime) -> tuple[Event, ...]:
    """News of the other rooms and of time; never refused, since it may be told twice or too late."""
    phase = state.phase
    match command:
        case Enqueue(number=number) if phase in (Phase.INTAKE, Phase.DEFLECTED):
            queued = ContactQueued(number, command.on_screen)
            # The desk has only now begun to know this contact: tell it again who is not here.
            return (queued,) if state.away_at is None else (queued, VisitorAway(state.line, state.away_at))
        case Deflect() if phase in (Phase.INTAKE, Phase.QUEUED):
            return turned_away(state.line, command, now, spoke=state.spoke_at is not None)
        case Deflect() if phase is Phase.DEFLECTED and (command.reason, command.opens_at) != (
            state.deflected_for,
            state.opens_at,
        ):
            return (ContactDeflected(command.reason, command.opens_at),)
        case Assign() if phase in LISTENING and command.epoch > state.epoch:
            return (CounselorJoined(command.counselor, command.name, command.grade, command.epoch, now),)
        case Requeue(epoch=epoch) if phase is Phase.ACTIVE and epoch > state.epoch and state.counselor:
            return (CounselorLost(state.counselor, epoch),)
        case Abandon() if phase is Phase.QUEUED:
            return (ContactAbandoned(state.line),)
        case MarkAway() if state.away_at is None and phase not in OVER and phase is not Phase.NEW:
            return (VisitorAway(state.line, now),)
        case MarkBack() if state.away_at is not None and phase not in OVER:
            return (VisitorReturned(state.line),)
        case NoteRisk(level=level) if level is not state.risk and phase not in OVER and phase is not Phase.NEW:
            return (RiskNoted(level),)
        case AttendSession() if phase in LISTENING and command.person != state.counselor:
            return attend.attend(state.attending, state.participants, command)
        case JoinParticipant(person=person, grade=Role.REFERRAL_PARTNER) if phase not in OVER:
            return () if person in state.guests else (ParticipantJoined(person, command.grade),)
        case JoinParticipant(person=person) if state.escalated and phase not in OVER and person != state.counselor:
            return attend.join(state.attending, state.participants, person, command.grade)
        case LeaveParticipant(person=person) if person in (*state.participants, *state.guests):
            return (ParticipantLeft(person),)
        case EntrustWords(person=person) if person != state.entrusted and phase not in OVER and phase is not Phase.NEW:
            return (WordsEntrusted(person),)
        case NoteEscalation(open=open_) if phase is not Phase.NEW and open_ is not state.escalated:
            gone = () if open_ else attend.leaving(state.attending, state.participants)
            return (EscalationNoted(open_), *gone)
        case Elapse():
            return _elapse(state, now)
    return ()


def _elapse(state: SessionState, now: datetime) -> tuple[Event, ...]:
    """A quiet talk is asked after, then ended; a contact at a closed line that never came back is let go."""
    wake = _quiet_due(state)
    if wake is None or now < wake:
        return ()
    if state.phase is Phase.DEFLECTED:
        return (ContactAbandoned(state.line),)
    return (IdlePrompted(now),) if state.prompted_at is None else (SessionEnded("idle", state.line, True),)


def due(state: SessionState) -> datetime | None:
    """When the talk or its call is to be looked at."""
    moments = (_quiet_due(state), call.due(state.call))
    return min((moment for moment in moments if moment is not None), default=None)


def _quiet_due(state: SessionState) -> datetime | None:
    """When silence is asked after or ends the talk; nobody who is in high danger or in a call is timed out."""
    if state.phase is Phase.DEFLECTED and state.away_at is not None:
        return kept_until(state.away_at, state.opens_at, state.spoke_at, POLICY.deflected_keep)
    if state.phase is not Phase.ACTIVE or state.spoke_at is None or state.risk >= RiskLevel.HIGH:
        return None
    if state.call.phase is not CallPhase.NONE or state.deflected_for == CALLED_BACK:
        return None  # they are talking, here or on a telephone
    if state.prompted_at is None:
        return state.spoke_at + POLICY.idle_prompt
    return state.prompted_at + POLICY.idle_end


DECIDER = Decider(
    kind="session",
    initial=SessionState(),
    decide=decide,
    evolve=evolve,
    due=due,
    state_type=SessionState,
    commands=COMMANDS,
    events=EVENTS,
    opening=(OpenContact,),
)
