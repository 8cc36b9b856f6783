"""R9: what a case knows is told by its log, and whatever is open in it, somebody is called."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings

from kernel.terms import SYSTEM, RiskLevel
from tests.personas import CHEN, XIAO_LI
from tests.strategies import T0
from tests.triage.domain.case_people import Story
from tests.triage.domain.case_walk import HOSPITAL, NEAR, STEPS, Step, Walk
from triage import messages as m
from triage.domain import case
from triage.domain.state import CaseState, Referral


@pytest.mark.promise("R9")
@given(steps=STEPS)
@settings(max_examples=250, deadline=None)
def test_nothing_open_is_ever_dropped(steps: list[Step]) -> None:
    walk = Walk(case)
    walk.walk(steps)
    assert case.DECIDER.fold(CaseState(), tuple(walk.log)) == walk.state
    assert msgspec.json.decode(msgspec.json.encode(walk.state), type=CaseState) == walk.state
    walk.everybody_is_called()


def test_who_may_be_reached_says_how_and_may_take_it_back() -> None:
    story = Story()
    story.say(XIAO_LI, m.GiveReach("phone", "10000000000", "晚上七点后"))
    assert story.walk.state.reach.value == "10000000000"
    story.say(XIAO_LI, m.GiveReach("none"))
    assert story.walk.state.reach is None


TOUCHED: dict[str, set[str]] = {
    "escalation": {"escalation", "escalations", "pages"},
    "rescue": {"escalation"},
    "referral": {"referrals", "referrals_made", "pages"},
    "consent": {"may_refer"},
    "follow_up": {"follow_up", "pages"},
    "page": {"pages", "pages_issued"},
    "risk": {"level", "highest"},
    "intake": {"answered", "words"},
    "ticket": {"words"},
    "case": {"visit", "intake_until", "over", "closed", "policy"},
    "appointment": {"appointment", "pages"},
    "screening": set(),
    "agreement": {"agreed"},
    "visit": {"over"},
    "help": set(),
    "safety_plan": set(),
    "reach": {"reach"},
    "callback": {"callback"},
    "debrief": set(),
}
"""What an event may change, by the first word of its tag."""


@given(steps=STEPS)
@settings(max_examples=100, deadline=None)
def test_an_event_changes_only_the_part_it_speaks_of(steps: list[Step]) -> None:
    walk, state = Walk(case), CaseState()
    walk.walk(steps)
    for event in walk.log:
        after = case.evolve(state, event)
        changed = {field for field in CaseState.__struct_fields__ if getattr(state, field) != getattr(after, field)}
        assert changed <= TOUCHED[str(event.__struct_config__.tag).partition(".")[0]], event
        state = after


def test_the_level_falls_and_the_highest_is_remembered() -> None:
    story = Story()
    story.say(SYSTEM, m.RaiseRisk(RiskLevel.HIGH, "screening"))
    story.say(CHEN, m.LowerRisk(RiskLevel.MODERATE, "谈过了"))
    state = story.walk.state
    assert (state.level, state.highest) == (RiskLevel.MODERATE, RiskLevel.HIGH)


def test_a_case_is_idle_only_where_neither_crisis_nor_referral_nor_follow_up_is_open() -> None:
    calm = Story()
    assert calm.walk.state.idle
    assert calm.walk.state.line == "main"
    assert CaseState().line == ""
    for by, command in (
        (XIAO_LI, m.HelpNow()),
        (CHEN, m.OfferReferral((NEAR,), {m.Field.NEED: "要"})),
        (CHEN, m.PlanFollowUp((T0 + timedelta(days=1),))),
    ):
        story = Story()
        story.say(by, command)
        assert not story.walk.state.idle
        story.say(SYSTEM, m.CloseCase())
        assert (story.walk.state.over, story.walk.state.closed) == (True, False)
    calm.say(SYSTEM, m.CloseCase())
    assert (calm.walk.state.over, calm.walk.state.closed) == (True, True)


def test_the_partner_whose_turn_it_is_alone_is_shown_the_packet() -> None:
    one = Referral(1, (NEAR, HOSPITAL), {m.Field.NEED: "要"}, T0)
    turns = [msgspec.structs.replace(one, at=at).partner for at in (0, 1, 2)]
    assert turns == [NEAR, HOSPITAL, HOSPITAL]
    every = ("offered", "agreed", "sent", "accepted", "stalled", "refused")
    assert [status for status in every if msgspec.structs.replace(one, status=status).shown] == ["sent", "accepted"]


def test_every_event_of_a_case_has_its_part() -> None:
    assert {str(event.__struct_config__.tag).partition(".")[0] for event in case.DECIDER.events} == set(TOUCHED)
