"""Reconciliation: every packet that left the house has exactly one outcome, and the case agrees with its log."""

from hypothesis import given, settings

from kernel.terms import SYSTEM
from tests.personas import CHEN, XIAO_LI
from tests.triage.domain.case_people import Story
from tests.triage.domain.case_walk import PARTNERS, STEPS, Step, Walk
from tests.triage.domain.test_referral import agreed
from triage import messages as m
from triage.domain import case
from triage.domain.reconcile import differing, turns


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_however_a_case_goes_the_log_and_the_case_agree_on_what_is_still_to_come(steps: list[Step]) -> None:
    walk = Walk(case)
    walk.walk(steps)
    found = turns(walk.log)
    sent = [(e.referral, e.partner, e.at) for e in walk.log if isinstance(e, m.ReferralSent)]
    assert [(turn.referral, turn.partner, turn.sent_at) for turn in found] == sent
    assert differing(walk.state, found) == frozenset()
    waiting = {turn.referral for turn in found if turn.outcome == "waiting"}
    assert waiting == {one.number for one in walk.state.referrals.values() if one.status == "sent"} - {
        turn.referral for turn in found if turn.outcome == "missed" and not turn.over
    }


def sent() -> Story:
    """A packet that stands open to the first of two partners."""
    story = Story()
    agreed(story)
    story.say(SYSTEM, m.NoteConsent(given=True))
    story.say(CHEN, m.SendReferral(1))
    return story


def outcomes(story: Story) -> list[tuple[str, str, bool]]:
    """Partner, outcome and whether it is over, per turn."""
    return [(turn.partner, turn.outcome, turn.over) for turn in turns(story.walk.log)]


def test_what_one_partner_declines_is_the_next_ones_turn_and_ends_when_the_visitor_came() -> None:
    story = sent()
    assert outcomes(story) == [("near", "waiting", False)]
    story.say(PARTNERS[0], m.AnswerReferral(1, m.Answer.DECLINED))
    story.say(PARTNERS[1], m.AnswerReferral(1, m.Answer.ACCEPTED))
    assert outcomes(story) == [("near", "declined", True), ("hospital", "accepted", False)]
    story.say(PARTNERS[1], m.AnswerReferral(1, m.Answer.ATTENDED))
    assert outcomes(story)[1] == ("hospital", "arrived", True)


def test_a_consent_taken_back_and_a_persons_closing_end_a_turn_by_their_own_names() -> None:
    taken_back = sent()
    taken_back.say(XIAO_LI, m.RefuseReferral(1))
    assert outcomes(taken_back) == [("near", "withdrawn", True)]
    closed = sent()
    closed.say(CHEN, m.CloseReferral(1, m.ReferralEnding.OTHER_HELP, "家人陪同就医"))
    assert outcomes(closed) == [("near", "closed", True)]
