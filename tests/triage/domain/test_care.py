"""R9: whatever is open in a case, somebody is called; and the stories of escalation, referral and follow-up."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings

from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, RiskLevel
from kernel.wire import Command, Event
from tests.personas import CHEN, LIU, PEER, SUN, XIAO_LI, ZHAO
from tests.strategies import T0
from tests.triage.domain.case_walk import HOSPITAL, NEAR, PARTNERS, STEPS, Step, Walk
from triage import messages as m
from triage.domain import case
from triage.domain.state import CaseState
from triage.policy import POLICY

IMMINENT = m.RaiseRisk(RiskLevel.IMMINENT, "screening")


@pytest.mark.promise("R9")
@given(steps=STEPS)
@settings(max_examples=250, deadline=None)
def test_nothing_open_is_ever_dropped(steps: list[Step]) -> None:
    walk = Walk(case)
    walk.walk(steps)
    assert case.DECIDER.fold(CaseState(), tuple(walk.log)) == walk.state
    assert msgspec.json.decode(msgspec.json.encode(walk.state), type=CaseState) == walk.state
    walk.everybody_is_called()


class Story:
    """A case whose people act one after another."""

    def __init__(self) -> None:
        """A visitor has connected."""
        self.walk = Walk(case)

    def say(self, by: Actor, command: Command, after_s: float = 0) -> list[Event]:
        """Somebody says something after a while; answers what it caused, the clock's part included."""
        before = len(self.walk.log)
        self.walk.wait(self.walk.now + timedelta(seconds=after_s), rings=5000)
        events = case.decide(self.walk.state, command, by, self.walk.now)
        self.walk.give(command, by)
        assert [*events] == self.walk.log[len(self.walk.log) - len(events) :]
        return self.walk.log[before:]

    def pages(self, since: int = 0) -> list[tuple[str, str, float]]:
        """Audience, way and second of every first call."""
        calls = [e for e in self.walk.log[since:] if isinstance(e, m.PageIssued) and e.tries == 1]
        return [(e.to, e.way, (e.at - T0).total_seconds()) for e in calls]


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


def test_a_page_is_issued_again_until_it_is_delivered() -> None:
    story = Story()
    first = next(e for e in story.say(SYSTEM, IMMINENT) if isinstance(e, m.PageIssued) and e.way == "outward")
    assert first.page not in {e.page for e in story.say(SYSTEM, Elapse(), 14) if isinstance(e, m.PageIssued)}
    again = [e for e in story.say(SYSTEM, Elapse(), 1) if isinstance(e, m.PageIssued) and e.page == first.page]
    assert [e.tries for e in again] == [2]
    story.say(SYSTEM, m.DeliverPage(first.page, "webhook"))
    assert first.page not in story.walk.state.pages
    assert story.say(SYSTEM, m.DeliverPage(first.page, "webhook")) == []


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


def test_a_case_outlives_its_visit_until_the_follow_up_has_an_end() -> None:
    story = Story()
    story.say(SYSTEM, m.RaiseRisk(RiskLevel.HIGH, "screening"))
    ended, planned = story.say(SYSTEM, m.CloseCase("abandoned"))
    assert isinstance(ended, m.VisitEnded)
    assert isinstance(planned, m.FollowUpPlanned)
    assert [(at - T0).total_seconds() / 3600 for at in planned.steps] == [24, 72, 168]
    due = story.say(SYSTEM, Elapse(), 24 * 3600)
    assert any(isinstance(e, m.FollowUpFellDue) for e in due)
    assert any(isinstance(e, m.PageIssued) and e.about == "follow_up" for e in due)
    late = story.say(SYSTEM, Elapse(), 4 * 3600)
    assert any(isinstance(e, m.FollowUpOverdue) for e in late)
    for outcome in (m.Reached.NO_ANSWER, m.Reached.NO_ANSWER):
        with pytest.raises(Refused, match="too_few_attempts"):
            story.say(LIU, m.CloseFollowUp(m.Ending.UNREACHABLE, "打不通"))
        story.say(LIU, m.AttemptFollowUp(outcome, "无人接听"), 24 * 3600)
    story.say(LIU, m.AttemptFollowUp(m.Reached.NO_ANSWER), 3600)
    closed, over = story.say(LIU, m.CloseFollowUp(m.Ending.UNREACHABLE, "三次未果,已报督导"))
    assert isinstance(closed, m.FollowUpClosed)
    assert over == m.CaseClosed("main")


def test_nobody_is_called_back_at_night() -> None:
    evening = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)  # 23:00 in Beijing
    assert POLICY.awake(evening) == datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    early = datetime(2026, 3, 10, 21, 0, tzinfo=UTC)  # 05:00
    assert POLICY.awake(early) == datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    assert POLICY.awake(T0) == T0


def test_who_may_be_reached_says_how_and_may_take_it_back() -> None:
    story = Story()
    story.say(XIAO_LI, m.GiveReach("phone", "10000000000", "晚上七点后"))
    assert story.walk.state.reach.value == "10000000000"
    story.say(XIAO_LI, m.GiveReach("none"))
    assert story.walk.state.reach is None


def agreed(story: Story) -> None:
    """A referral to two partners that the visitor agreed to."""
    packet: m.Packet = {m.Field.NEED: "希望有人陪着就医", m.Field.CALLED: "小李"}
    story.say(CHEN, m.OfferReferral((NEAR, HOSPITAL), packet))
    story.say(XIAO_LI, m.AgreeReferral(1, (m.Field.NEED,)))


def test_nothing_leaves_the_house_without_the_recorded_consent() -> None:
    story = Story()
    with pytest.raises(Refused, match="outside_boundary"):
        story.say(CHEN, m.OfferReferral((NEAR,), {m.Field.SITUATION: "近况"}))
    agreed(story)
    with pytest.raises(Refused, match="no_consent"):
        story.say(CHEN, m.SendReferral(1))
    story.say(SYSTEM, m.NoteConsent(given=True))
    story.say(CHEN, m.SendReferral(1))
    assert story.walk.state.referrals[1].fields == (m.Field.NEED,)
    with pytest.raises(Refused, match="not_agreed"):
        story.say(CHEN, m.SendReferral(1))
    with pytest.raises(Refused, match="not_yours"):
        story.say(PARTNERS[1], m.ReadReferral(1))
    story.say(CHEN, m.OfferReferral((NEAR,), {m.Field.NEED: "再问一次"}))
    with pytest.raises(Refused, match="outside_boundary"):
        story.say(XIAO_LI, m.AgreeReferral(2, (m.Field.CALLED,)))
    story.say(SYSTEM, m.NoteConsent(given=False))
    with pytest.raises(Refused, match="not_yours"):
        story.say(PARTNERS[0], m.ReadReferral(1))


@pytest.mark.promise("R9")
def test_an_ignored_referral_is_reminded_of_passed_on_and_reaches_a_human() -> None:
    story = Story()
    agreed(story)
    story.say(SYSTEM, m.NoteConsent(given=True))
    story.say(CHEN, m.SendReferral(1))
    told = [e for e in story.say(SYSTEM, Elapse(), 5 * 86_400) if str(e.__struct_config__.tag).startswith("referral.")]
    kinds = [type(e) for e in told]
    assert kinds[:4] == [m.ReferralReminded, m.ReferralSent, m.ReferralReminded, m.ReferralStalled]
    assert [e.partner for e in story.walk.log if isinstance(e, m.ReferralSent)] == ["near", "hospital"]
    assert any(isinstance(e, m.PageIssued) and e.to == "duty_supervisor" for e in story.walk.log)
    story.say(CHEN, m.CloseReferral(1, m.ReferralEnding.OTHER_HELP, "家人陪同就医"))
    assert story.walk.state.referrals == {}


def test_a_partner_that_declines_hands_on_at_once_and_one_that_accepts_is_asked_for_the_outcome() -> None:
    story = Story()
    agreed(story)
    story.say(SYSTEM, m.NoteConsent(given=True))
    story.say(CHEN, m.SendReferral(1))
    sent = story.say(PARTNERS[0], m.AnswerReferral(1, m.Answer.DECLINED))[1]
    assert isinstance(sent, m.ReferralSent)
    assert sent.partner == "hospital"
    story.say(PARTNERS[1], m.AnswerReferral(1, m.Answer.ACCEPTED, "周四上午"))
    assert story.say(PARTNERS[1], m.AnswerReferral(1, m.Answer.ACCEPTED, "周四上午")) == []
    asked = story.say(SYSTEM, Elapse(), 15 * 86_400)
    assert any(isinstance(e, m.ReferralReminded) for e in asked)
    story.say(PARTNERS[1], m.AnswerReferral(1, m.Answer.ATTENDED))
    assert story.walk.state.referrals == {}


def test_danger_heard_after_the_end_asks_for_no_place_but_for_a_human() -> None:
    story = Story()
    story.say(CHEN, m.PlanFollowUp((T0 + timedelta(days=1),)))
    story.say(SYSTEM, m.CloseCase())
    events = story.say(SYSTEM, IMMINENT)
    assert isinstance(events[0], m.RiskAssessed | m.RiskRaised)
    assert any(isinstance(e, m.EscalationOpened) for e in events)
    later = Story()
    later.say(CHEN, m.OfferReferral((NEAR,), {m.Field.NEED: "要"}))
    later.say(SYSTEM, m.CloseCase())
    assert any(isinstance(e, m.FollowUpPlanned) for e in later.say(SYSTEM, IMMINENT))
