"""Who may see which event of a session: the one place where its privacy can be wrong."""

from chat.messages import RiskNoted, WrapUpSubmitted
from kernel.terms import COUNSELING, Role
from kernel.wire import Event

HIDDEN_FROM_VISITOR = (RiskNoted, WrapUpSubmitted)


def visible_to(event: Event, role: Role) -> Event | None:
    """The event as this role may see it, or None; whoever is not named here sees nothing."""
    if role is Role.VISITOR:
        return None if isinstance(event, HIDDEN_FROM_VISITOR) else event
    return event if role in COUNSELING else None
