"""Who may see which event of a session: the one place where its privacy can be wrong."""

import msgspec

from chat import call_messages as call
from chat import messages as m
from kernel.terms import COUNSELING, Attending, Role
from kernel.wire import Event

# A word that is not listed stays with the staff: what is noted or written up, and whatever comes new.
SHOWN_TO_VISITOR = (
    m.ContactOpened,
    m.ContactQueued,
    m.ContactDeflected,
    m.CounselorJoined,
    m.CounselorLost,
    m.MessagePosted,
    m.ReceiptMarked,
    m.VisitorAway,
    m.VisitorReturned,
    m.IdlePrompted,
    m.ParticipantJoined,
    m.ParticipantLeft,
    m.SessionEnded,
    m.ContactAbandoned,
    call.CallRequested,
    call.CallAccepted,
    call.CallPlaced,
    call.CallStarted,
    call.CallHeld,
    call.CallJoined,
    call.CallHandedOver,
    call.CallPaused,
    call.CallRecorded,
    call.CallEnded,
)


def visible_to(event: Event, role: Role) -> Event | None:
    """The event as this role may see it, or None; whoever is not named here sees nothing."""
    if isinstance(event, call.CallPlaced):
        event = msgspec.structs.replace(event, node="")  # where a worker listens is the house's own business
    if role is Role.VISITOR:
        return _to_visitor(event)
    return event if role in COUNSELING else None


def _to_visitor(event: Event) -> Event | None:
    """A visitor hears nothing of a supervisor who listens or whispers: not that they come, connect, or go."""
    if isinstance(event, call.LegConnected | call.LegLost | call.CallMuted):
        return event if event.of != "guest" else None
    if isinstance(event, call.CallAttended):
        return _barge(event)
    return event if isinstance(event, SHOWN_TO_VISITOR) else None


def _barge(event: call.CallAttended) -> Event | None:
    """Of attending, what can be heard: somebody begins to speak to both, or speaks to the visitor no more."""
    if event.how is Attending.BARGE:
        return msgspec.structs.replace(event, before=None)
    return msgspec.structs.replace(event, how=None, before=None) if event.before is Attending.BARGE else None
