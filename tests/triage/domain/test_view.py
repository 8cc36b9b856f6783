"""Who sees what of a case: the visitor sees their own answers and never a level."""

import pytest

from kernel.terms import RiskLevel, Role
from kernel.wire import Event
from tests.strategies import event_of
from triage import messages as m
from triage.domain.view import visible_to
from triage.messages.callback import CallbackAsked

SEEN_BY_VISITOR = {
    *("case.opened", "intake.submitted", "intake.lapsed", "help.asked", "safety_plan.kept", "reach.given"),
    *("referral.offered", "referral.agreed", "referral.refused", "referral.sent"),
    *("referral.invited", "referral.welcomed", "referral.entered", "referral.departed"),
    *("appointment.asked", "appointment.held", "appointment.lost", "appointment.cancelled"),
    *("agreement.made", "agreement.ended", "callback.asked", "callback.taken_back"),
}
# What a visitor sees only a part of: the field that is kept back, and what stands in its place.
HIDDEN: dict[type[Event], tuple[str, object]] = {
    m.CaseOpened: ("rules", None),
    m.AgreementMade: ("about", ""),
    CallbackAsked: ("level", RiskLevel.ROUTINE),
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
    if role is Role.VISITOR and isinstance(event, tuple(HIDDEN)):
        name, nothing = HIDDEN[type(event)]
        assert shown is not None
        assert getattr(shown, name) == nothing
        assert {field: getattr(shown, field) for field in kind.__struct_fields__ if field != name} == {
            field: getattr(event, field) for field in kind.__struct_fields__ if field != name
        }
    else:
        assert shown == (event if allowed else None)


@pytest.mark.parametrize("kind", m.EVENTS, ids=lambda kind: str(kind.__name__))
def test_no_event_with_a_level_reaches_the_visitor(kind: type[Event]) -> None:
    if {"level", "reasons", "source"} & set(kind.__struct_fields__):
        shown = visible_to(event_of(kind), Role.VISITOR)
        assert shown is None or getattr(shown, HIDDEN[kind][0]) == HIDDEN[kind][1]
