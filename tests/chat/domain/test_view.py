"""Who sees what of a session: every event for every role."""

import pytest

from chat import call_messages as call
from chat import messages as m
from chat.domain.view import visible_to
from kernel.terms import Attending, Role
from kernel.wire import Event
from tests.strategies import T0, event_of

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
    "call.requested",
    "call.accepted",
    "call.placed",
    "call.leg_connected",
    "call.leg_lost",
    "call.started",
    "call.held",
    "call.joined",
    "call.handed_over",
    "call.muted",
    "call.paused",
    "call.recorded",
    "call.ended",
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


@pytest.mark.promise("R8")
@pytest.mark.parametrize("role", list(Role))
def test_nobody_is_told_where_a_media_worker_listens(role: Role) -> None:
    shown = visible_to(call.CallPlaced("c1.1", T0, "10.0.0.7:40123#ab"), role)
    assert shown == (call.CallPlaced("c1.1", T0) if role in COUNSELING | {Role.VISITOR} else None)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("side", ["visitor", "counselor", "guest"])
def test_a_visitor_hears_of_the_two_sides_connections_and_never_of_a_guest_s(side: call.Of) -> None:
    of = ("c1.1", "x", side)
    for event in (call.LegConnected(*of), call.LegLost(*of, T0), call.CallMuted(*of, on=True)):
        assert (visible_to(event, Role.VISITOR) is None) is (side == "guest")
        assert visible_to(event, Role.COUNSELOR) == event


@pytest.mark.promise("R8")
@pytest.mark.parametrize("before", [*Attending, None])
@pytest.mark.parametrize("how", [*Attending, None])
def test_of_attending_a_visitor_is_shown_what_can_be_heard(how: Attending | None, before: Attending | None) -> None:
    """A barge when it begins, and its end, which looks the same whether the supervisor leaves or goes on listening."""
    event = call.CallAttended("c1.1", "zhao", Role.SUPERVISOR, how, T0, before)
    shown = visible_to(event, Role.VISITOR)
    if how is Attending.BARGE or before is Attending.BARGE:
        heard = Attending.BARGE if how is Attending.BARGE else None
        assert shown == call.CallAttended("c1.1", "zhao", Role.SUPERVISOR, heard, T0)
    else:
        assert shown is None
    assert visible_to(event, Role.COUNSELOR) == event
