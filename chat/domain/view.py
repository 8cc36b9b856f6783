"""Who may see which event of a session: the one place where its privacy can be wrong."""

from chat import messages as m
from kernel.terms import COUNSELING, Role
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
)


def visible_to(event: Event, role: Role) -> Event | None:
    """The event as this role may see it, or None; whoever is not named here sees nothing."""
    if role is Role.VISITOR:
        return event if isinstance(event, SHOWN_TO_VISITOR) else None
    return event if role in COUNSELING else None
