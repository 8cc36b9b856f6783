"""What a session's own news mean for its call: it begins, is handed over, or ends with the session."""

from datetime import datetime

from chat.attend_messages import SessionAttended
from chat.call_messages import AttendCall, BeginCall, CloseCall, HandOverCall, LeaveCall
from chat.domain import call
from chat.domain.call_state import CallState
from chat.domain.state import Phase, SessionState
from chat.messages import ContactAbandoned, CounselorJoined, CounselorLost, ParticipantLeft, SessionEnded
from kernel.terms import SYSTEM, Actor, Medium
from kernel.wire import Command, Event


def scene(state: SessionState) -> call.Scene:
    """What the call needs to know of its session."""
    active = state.phase is Phase.ACTIVE
    beside = (state.attending, state.participants)
    return call.Scene(state.contact, state.counselor, state.grade, active, *beside, state.line)


def decide(state: SessionState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Give a call command to the session's call."""
    return call.decide(state.call, command, by, now, scene(state))


def follow(before: SessionState, after: SessionState, event: Event, now: datetime) -> tuple[Event, ...]:
    """What one event of the session, which led from `before` to `after`, means for the call."""
    asked = _asks(before.call, after, event)
    return call.decide(before.call, asked, SYSTEM, now, scene(after)) if asked is not None else ()


def _asks(now: CallState, after: SessionState, event: Event) -> Command | None:
    """What the call is told."""
    match event:
        case SessionEnded() | ContactAbandoned():
            return CloseCall()
        case CounselorLost():
            return CloseCall("counselor_lost")
        case CounselorJoined() if now.going_on:
            return HandOverCall(event.counselor, event.grade)
        case CounselorJoined() if after.medium is Medium.VOICE or now.cut:
            return BeginCall()
        case SessionAttended(person=person, grade=grade, how=how):
            return AttendCall(person, grade, how)
        case ParticipantLeft():
            return LeaveCall()
    return None
