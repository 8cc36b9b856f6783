"""Who may see which event of a case: the visitor sees their own answers and never a level."""

from kernel.terms import COUNSELING, Role
from kernel.wire import Event
from triage.messages import CaseOpened, IntakeLapsed, IntakeSubmitted

SHOWN_TO_VISITOR = (CaseOpened, IntakeSubmitted, IntakeLapsed)


def visible_to(event: Event, role: Role) -> Event | None:
    """The event as this role may see it, or None; whoever is not named here sees nothing."""
    if role is Role.VISITOR:
        return event if isinstance(event, SHOWN_TO_VISITOR) else None
    return event if role in COUNSELING else None
