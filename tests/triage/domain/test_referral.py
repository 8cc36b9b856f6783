"""The referral: nothing leaves without consent, and nothing sent is forgotten."""

import pytest

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM
from tests.personas import CHEN, XIAO_LI
from tests.triage.domain.case_people import Story
from tests.triage.domain.case_walk import HOSPITAL, NEAR, PARTNERS
from triage import messages as m


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
