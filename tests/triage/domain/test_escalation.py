"""R3: an escalation climbs until a person has it, and ends with a reason."""

import pytest

from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, RiskLevel
from tests.personas import CHEN, PEER, SUN, XIAO_LI, ZHAO
from tests.triage.domain.case_people import IMMINENT, Story
from triage import messages as m
from triage.policy import POLICY


@pytest.mark.promise("R3")
def test_the_ladder_climbs_until_a_person_has_it() -> None:
    story = Story()
    story.say(SYSTEM, IMMINENT)
    story.say(SYSTEM, Elapse(), 250)
    outward = [(to, at) for to, way, at in story.pages() if way == "outward"]
    ladder = [("duty_supervisor", 0.0), ("second_supervisor", 30.0), ("everyone", 60.0), ("outside", 120.0)]
    assert outward == [*ladder, ("outside", 240.0)]
    assert [(to, at) for to, way, at in story.pages() if way == "house"] == ladder[:3]
    story.say(ZHAO, m.Acknowledge())
    before = len(story.walk.log)
    story.say(SYSTEM, Elapse(), 600)
    assert story.pages(before) == []
    assert story.walk.state.pages == {}


def test_silence_of_whoever_has_it_is_asked_after_and_then_it_climbs_again() -> None:
    story = Story()
    story.say(SYSTEM, IMMINENT)
    story.say(ZHAO, m.Acknowledge(), 5)
    reminded = story.say(SYSTEM, Elapse(), POLICY.review_s)
    assert any(isinstance(e, m.EscalationReminded) for e in reminded)
    story.say(SUN, m.CheckItem(m.Item.LOCATION_ASKED, "在家"), 60)
    assert not any(isinstance(e, m.EscalationRenewed) for e in story.say(SYSTEM, Elapse(), POLICY.review_s - 1))
    late = story.say(SYSTEM, Elapse(), POLICY.review_s + 2)
    assert any(isinstance(e, m.EscalationRenewed) and e.cause == "no_news" for e in late)
    assert story.walk.state.escalation.owner is None


def test_a_counselor_lost_in_a_crisis_makes_it_climb_again() -> None:
    story = Story()
    story.say(SYSTEM, IMMINENT)
    story.say(ZHAO, m.Acknowledge(), 5)
    renewed = story.say(SYSTEM, m.OpenEscalation("counselor_lost"), 60)
    assert isinstance(renewed[0], m.EscalationRenewed)
    assert ("duty_supervisor", "house", 65.0) in story.pages()
    calm = Story()
    calm.say(SYSTEM, m.RaiseRisk(RiskLevel.MODERATE, "screening"))
    assert calm.say(SYSTEM, m.OpenEscalation("stranded")) == []


def test_the_visitors_key_is_danger_until_somebody_has_talked_to_them() -> None:
    story = Story()
    told = story.say(XIAO_LI, m.HelpNow())
    assert [type(e) for e in told[:2]] == [m.HelpAsked, m.EscalationOpened]
    assert story.walk.state.level is RiskLevel.IMMINENT
    assert story.say(XIAO_LI, m.HelpNow()) == []
    raised = story.say(CHEN, m.LowerRisk(RiskLevel.MODERATE, "已经平静"))
    assert isinstance(raised[0], m.RiskLowered)
    assert isinstance(story.say(XIAO_LI, m.HelpNow())[0], m.HelpAsked)


def test_a_counselor_calls_for_support_and_somebody_else_comes() -> None:
    story = Story()
    opened = story.say(CHEN, m.HelpNow())[0]
    assert isinstance(opened, m.EscalationOpened)
    assert (opened.cause, opened.by) == ("support", "chen")
    assert story.walk.state.level is None
    with pytest.raises(Refused, match="same_person"):
        story.say(CHEN, m.Acknowledge())
    with pytest.raises(NotPermitted):
        story.say(PEER, m.Acknowledge())
    story.say(ZHAO, m.Acknowledge())
    with pytest.raises(Refused, match="already_acknowledged"):
        story.say(SUN, m.Acknowledge())
    assert isinstance(story.say(SUN, m.JoinEscalation())[0], m.EscalationJoined)
    assert story.say(SUN, m.JoinEscalation()) == []


def test_breaking_confidentiality_takes_two_people_and_ends_with_a_confirmation() -> None:
    story = Story()
    story.say(SYSTEM, IMMINENT)
    story.say(ZHAO, m.Acknowledge())
    with pytest.raises(Refused, match="same_person"):
        story.say(SUN, m.CallRescue(m.Service.AMBULANCE, "已服药", "sun"))
    story.say(SUN, m.CallRescue(m.Service.AMBULANCE, "已服药", "zhao"))
    for outcome in (m.Outcome.SAFE, m.Outcome.RESCUED):
        with pytest.raises(Refused, match="rescue_unconfirmed"):
            story.say(ZHAO, m.CloseEscalation(outcome, "救护车已出发"))
    reminded = story.say(SYSTEM, Elapse(), POLICY.rescue_review_s)
    assert any(isinstance(e, m.EscalationReminded) for e in reminded)
    story.say(SUN, m.ConfirmRescue("救护人员已到"))
    with pytest.raises(NotPermitted):
        story.say(CHEN, m.CloseEscalation(m.Outcome.RESCUED, "好"))
    closed, debrief, *_ = story.say(ZHAO, m.CloseEscalation(m.Outcome.RESCUED, "已送医,家人陪同"))
    assert isinstance(closed, m.EscalationClosed)
    assert isinstance(debrief, m.DebriefPrompted)
    assert set(debrief.people) >= {"zhao"}
