"""Who sees what of a session: every event for every role."""

import pytest

from chat import messages as m
from chat.domain.view import visible_to
from kernel.terms import Role
from kernel.wire import Event
from tests.strategies import event_of

SEEN_BY_VISITOR = {
    "contact.opened",
    "contact.queued",
    "contact.deflected",
    "counselor.joined",
    "counselor.lost",
    "message.posted",
    "receipt.marked",
    "visitor.away",
    "visitor.returned",
    "idle.prompted",
    "participant.joined",
    "participant.left",
    "session.ended",
    "contact.abandoned",
}
COUNSELING = {Role.COUNSELOR, Role.PEER_SUPPORTER, Role.CRISIS_WORKER, Role.SUPERVISOR}


@pytest.mark.promise("R8")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("kind", m.EVENTS, ids=lambda kind: str(kind.__name__))
def test_every_event_is_shown_to_whom_it_is_meant_for(kind: type[Event], role: Role) -> None:
    """The list above is written by hand; a new event is hidden from the visitor until somebody adds it there."""
    event = event_of(kind)
    tag = str(kind.__struct_config__.tag)
    allowed = tag in SEEN_BY_VISITOR if role is Role.VISITOR else role in COUNSELING
    assert visible_to(event, role) == (event if allowed else None)
