"""Who sees what of a case: the visitor sees their own answers and never a level."""

import pytest

from kernel.terms import Role
from kernel.wire import Event
from tests.strategies import event_of
from triage import messages as m
from triage.domain.view import visible_to

SEEN_BY_VISITOR = {
    *("case.opened", "intake.submitted", "intake.lapsed", "help.asked", "safety_plan.kept", "reach.given"),
    *("referral.offered", "referral.agreed", "referral.refused", "referral.sent"),
    *("referral.invited", "referral.welcomed", "referral.entered", "referral.departed"),
    *("appointment.asked", "appointment.held", "appointment.lost", "appointment.cancelled"),
    *("agreement.made", "agreement.ended"),
}
COUNSELING = {Role.COUNSELOR, Role.PEER_SUPPORTER, Role.CRISIS_WORKER, Role.SUPERVISOR}


@pytest.mark.promise("R8")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("kind", m.EVENTS, ids=lambda kind: str(kind.__name__))
def test_every_event_is_shown_to_whom_it_is_meant_for(kind: type[Event], role: Role) -> None:
    event = event_of(kind)
    tag = str(kind.__struct_config__.tag)
    allowed = tag in SEEN_BY_VISITOR if role is Role.VISITOR else role in COUNSELING
    shown = visible_to(event, role)
    if role is Role.VISITOR and isinstance(event, m.CaseOpened | m.AgreementMade):
        assert shown is not None
        hidden = "rules" if isinstance(event, m.CaseOpened) else "about"
        assert not getattr(shown, hidden)
    else:
        assert shown == (event if allowed else None)


@pytest.mark.parametrize("kind", m.EVENTS, ids=lambda kind: str(kind.__name__))
def test_no_event_with_a_level_reaches_the_visitor(kind: type[Event]) -> None:
    if {"level", "reasons", "source"} & set(kind.__struct_fields__):
        assert visible_to(event_of(kind), Role.VISITOR) is None
