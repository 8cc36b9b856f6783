"""The callback of a case: a wish with a number, two tries, an end that a person or the visitor gives."""

from datetime import timedelta

import pytest

from kernel.errors import Refused
from kernel.terms import SYSTEM, RiskLevel
from tests.personas import CHEN, XIAO_LI
from tests.strategies import T0
from tests.triage.domain.case_people import Story
from triage import messages as m
from triage.domain.callback import settled_by_writing_up, tried_again_at
from triage.domain.state import Attempt, CaseState, FollowUp
from triage.messages.callback import AskCallback, CallbackAsked, CallbackTakenBack, CancelCallback

TELEPHONE = "10000000000"
EVENING = T0 + timedelta(hours=4)
WISH = AskCallback(TELEPHONE, EVENING, EVENING + timedelta(hours=3))


def wished(wish: AskCallback = WISH) -> Story:
    """Somebody has answered the questions and would rather be called."""
    story = Story()
    story.say(XIAO_LI, m.SubmitIntake())
    story.say(XIAO_LI, wish)
    return story


def test_the_number_is_kept_the_desk_is_asked_and_somebody_looks_after_it() -> None:
    story = Story()
    story.say(XIAO_LI, m.SubmitIntake())
    reach, asked, planned = story.say(XIAO_LI, WISH)
    assert reach == m.ReachGiven("phone", TELEPHONE)
    assert isinstance(asked, CallbackAsked)
    assert (asked.not_before, asked.until, asked.level) == (EVENING, WISH.until, RiskLevel.MODERATE)
    assert isinstance(planned, m.FollowUpPlanned)
    assert (planned.cause, len(planned.steps)) == ("callback", 1)
    assert planned.steps[0] >= EVENING + timedelta(hours=3), "the desk has the whole window first"


def test_a_wish_replaces_the_one_before_and_as_soon_as_possible_names_no_instant() -> None:
    story = wished()
    _, asked, planned = story.say(XIAO_LI, AskCallback("10086"))
    assert isinstance(asked, CallbackAsked)
    assert asked.not_before is None
    assert isinstance(planned, m.FollowUpPlanned)
    assert story.walk.state.reach.value == "10086"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (AskCallback("1234"), "not_a_number"),
        (AskCallback("微信"), "not_a_number"),
        (AskCallback(TELEPHONE, EVENING, EVENING), "outside_window"),
        (AskCallback(TELEPHONE, T0 + timedelta(days=15)), "outside_window"),
        (AskCallback(TELEPHONE, None, T0 - timedelta(hours=1)), "outside_window"),
    ],
)
def test_what_cannot_be_called_is_refused_with_what_to_do(wish: AskCallback, code: str) -> None:
    story = Story()
    story.say(XIAO_LI, m.SubmitIntake())
    with pytest.raises(Refused, match=code):
        story.say(XIAO_LI, wish)


def test_before_the_questions_and_after_the_end_nobody_is_called() -> None:
    fresh = Story()
    with pytest.raises(Refused, match="not_open"):
        fresh.say(XIAO_LI, WISH)
    over = wished()
    over.say(SYSTEM, m.CloseCase("ended"))
    with pytest.raises(Refused, match="session_over"):
        over.say(XIAO_LI, WISH)


def test_taken_back_the_number_is_forgotten_and_the_look_is_over() -> None:
    story = wished()
    events = story.say(XIAO_LI, CancelCallback())
    assert [type(each) for each in events] == [CallbackTakenBack, m.ReachGiven, m.FollowUpClosed]
    assert story.walk.state.reach is None
    assert story.walk.state.callback is None
    assert story.say(XIAO_LI, CancelCallback()) == [], "taken back twice"


@pytest.mark.promise("R9")
def test_nobody_answers_it_is_tried_again_ten_minutes_later_and_then_a_person_ends_it() -> None:
    story = wished(AskCallback(TELEPHONE))
    (_, attempt) = story.say(CHEN, m.AttemptFollowUp(m.Reached.NO_ANSWER))
    assert isinstance(attempt, m.FollowUpAttempted)
    assert attempt.again_at == T0 + timedelta(minutes=10)
    ended = story.say(SYSTEM, m.CloseCase("written_up", "left"))
    assert not any(isinstance(each, m.FollowUpClosed) for each in ended), "a note is not a conversation"
    with pytest.raises(Refused, match="too_few_attempts"):
        story.say(CHEN, m.CloseFollowUp(m.Ending.UNREACHABLE, "打不通"))
    due = story.say(SYSTEM, m.NoteConsent(given=False), 11 * 60)
    assert any(isinstance(each, m.FollowUpFellDue) for each in due)
    (second,) = story.say(CHEN, m.AttemptFollowUp(m.Reached.NO_ANSWER))
    assert isinstance(second, m.FollowUpAttempted)
    assert second.again_at is None, "two tries, then a person decides"
    closed = story.say(CHEN, m.CloseFollowUp(m.Ending.UNREACHABLE, "两次无人接听"))
    assert isinstance(closed[-1], m.CaseClosed)


def test_spoken_and_written_up_it_is_over() -> None:
    story = wished(AskCallback(TELEPHONE))
    story.say(CHEN, m.AttemptFollowUp(m.Reached.SPOKE))
    events = story.say(SYSTEM, m.CloseCase("written_up", "resolved"))
    assert [type(each) for each in events] == [m.VisitEnded, m.FollowUpClosed, m.CaseClosed]


def test_only_a_callback_is_tried_again_by_itself() -> None:
    plan = FollowUp("high", (EVENING,))
    assert tried_again_at(CaseState(), plan, m.Reached.NO_ANSWER, T0) is None
    call = FollowUp("callback", (EVENING,))
    assert tried_again_at(CaseState(), call, m.Reached.LATER, T0) is None
    assert tried_again_at(CaseState(), call, m.Reached.NO_ANSWER, T0) == T0 + timedelta(minutes=10)
    missed = FollowUp("callback", (EVENING,), attempts=(Attempt(m.Reached.NO_ANSWER, "chen", T0),))
    assert not settled_by_writing_up(missed)
    assert settled_by_writing_up(call)
