"""The follow-up: a case outlives its visit until somebody says how it ended."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM, RiskLevel
from kernel.wire import Event
from tests.personas import CHEN, LIU, XIAO_LI
from tests.strategies import T0
from tests.triage.domain.case_people import IMMINENT, Story
from tests.triage.domain.case_walk import NEAR
from triage import messages as m
from triage.policy import POLICY


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


TOMORROW = T0 + timedelta(hours=20)


def left_words(opens_at: datetime | None) -> tuple[Story, list[Event]]:
    """Somebody found the line closed and wrote all the same."""
    story = Story()
    story.say(XIAO_LI, m.SubmitIntake())
    assert story.say(SYSTEM, m.NoteDeflection(opens_at)) == [], "nobody wrote anything yet"
    (asked,) = story.say(SYSTEM, m.AskTicket(T0 + timedelta(minutes=5), words=True))
    assert isinstance(asked, m.TicketAsked)
    assert asked.visit.arrived_at == T0 + timedelta(minutes=5), "they wait from the moment they ask within the hours"
    return story, story.say(SYSTEM, m.NoteDeflection(opens_at))


def test_words_left_outside_the_hours_are_asked_after_when_the_line_opens() -> None:
    opens_at = T0 + timedelta(hours=16)
    story, planned = left_words(opens_at)
    assert planned == [m.FollowUpPlanned("out_of_hours", (POLICY.awake(opens_at),), "main")]
    assert story.say(SYSTEM, m.NoteDeflection(opens_at)) == [], "told twice, planned once"
    unknown, planned = left_words(None)
    assert isinstance(planned[0], m.FollowUpPlanned)
    assert T0 < planned[0].steps[0] <= T0 + timedelta(hours=24)
    unknown.say(SYSTEM, m.CloseCase("ended"))
    assert unknown.walk.state.follow_up is not None, "they closed the page; the words still wait for somebody"


def test_words_that_were_answered_and_written_up_need_no_follow_up() -> None:
    story, _ = left_words(TOMORROW)
    events = story.say(SYSTEM, m.CloseCase("written_up", "resolved"))
    assert [type(each) for each in events] == [m.VisitEnded, m.FollowUpClosed, m.CaseClosed]
    again, _ = left_words(TOMORROW)
    events = again.say(SYSTEM, m.CloseCase("written_up", "follow_up"))
    assert [type(each) for each in events] == [m.VisitEnded, m.FollowUpClosed, m.FollowUpPlanned]


def test_somebody_at_high_risk_who_found_nobody_is_asked_after_though_they_wrote_nothing() -> None:
    story = Story()
    story.say(XIAO_LI, m.SubmitIntake(thoughts=m.Thoughts.YES))
    (planned,) = story.say(SYSTEM, m.NoteDeflection(T0 + timedelta(hours=1)))
    assert isinstance(planned, m.FollowUpPlanned)
    _, longer = story.say(SYSTEM, m.CloseCase("abandoned"))
    assert isinstance(longer, m.FollowUpPlanned)
    assert longer.steps[0] == planned.steps[0], "the first look is not put off"
    assert len(longer.steps) == 4
