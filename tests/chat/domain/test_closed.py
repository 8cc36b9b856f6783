"""A contact at a closed line: every word asks for a place again, and what was said before is told on."""

from datetime import timedelta

import pytest

from chat import messages as m
from chat.closed_messages import AskAgain, ContactAsked, EntrustWords, WordsEntrusted
from chat.domain.closed import kept_until, turned_away
from chat.domain.session import Phase, decide, due
from chat.domain.view import visible_to
from chat.policy import POLICY
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Role
from tests.chat.domain.test_session import PHASES, opened, play
from tests.personas import CHEN, XIAO_LI
from tests.strategies import T0

TOMORROW = T0 + timedelta(days=3)


@pytest.mark.promise("R1")
def test_what_is_written_to_a_closed_line_asks_for_a_place_each_time() -> None:
    closed = PHASES[Phase.DEFLECTED]
    said, asked = decide(closed, m.PostMessage("我明天再来"), XIAO_LI, T0)
    assert (said, asked) == (m.MessagePosted("我明天再来", T0), ContactAsked("main", T0, words=True))
    assert decide(closed, AskAgain(), XIAO_LI, T0) == (ContactAsked("main", T0),)


def test_what_was_said_before_the_gate_answered_is_told_on_with_the_answer() -> None:
    told = m.Deflect("closed", TOMORROW)
    assert turned_away("main", told, T0, spoke=False) == (m.ContactDeflected("closed", TOMORROW),)
    spoken = play((m.PostMessage("有人吗"), XIAO_LI))
    events = decide(spoken, told, SYSTEM, T0)
    assert events == (m.ContactDeflected("closed", TOMORROW), ContactAsked("main", T0, words=True))


def test_the_key_asks_only_at_a_closed_line_and_only_for_the_visitor() -> None:
    for phase in (Phase.INTAKE, Phase.QUEUED, Phase.ACTIVE):
        assert decide(PHASES[phase], AskAgain(), XIAO_LI, T0) == ()
    with pytest.raises(NotPermitted):
        decide(PHASES[Phase.ACTIVE], AskAgain(), CHEN, T0)


def test_a_later_opening_is_told_once_and_a_place_ends_it() -> None:
    closed = play((m.Deflect("closed", T0), SYSTEM))
    assert decide(closed, m.Deflect("closed", T0), SYSTEM, T0) == ()
    moved = play((m.Deflect("last_admission", TOMORROW), SYSTEM), state=closed)
    assert moved.opens_at == TOMORROW
    assert play((m.Enqueue(4), SYSTEM), state=moved).phase is Phase.QUEUED


def test_somebody_who_left_words_on_a_long_weekend_can_come_back_when_the_line_has_opened() -> None:
    away = play((m.Deflect("closed", TOMORROW), SYSTEM), (m.MarkAway(), SYSTEM), state=opened())
    assert due(away) == TOMORROW + POLICY.deflected_keep
    assert kept_until(TOMORROW, None, None, POLICY.deflected_keep) == TOMORROW + POLICY.deflected_keep


def test_whoever_follows_up_may_answer_at_the_closed_line_and_nowhere_else() -> None:
    closed = PHASES[Phase.DEFLECTED]
    words = m.PostMessage("看到您的留言了，明天十点我在。")
    with pytest.raises(Refused, match="not_yours"):
        decide(closed, words, CHEN, T0)
    theirs = play((EntrustWords(CHEN.id), SYSTEM), state=closed)
    assert decide(theirs, EntrustWords(CHEN.id), SYSTEM, T0) == ()
    assert decide(theirs, words, CHEN, T0) == (m.MessagePosted(words.text, T0),), "an answer asks for no place"
    with pytest.raises(Refused, match="not_yours"):
        decide(theirs, m.EndSession(), CHEN, T0)
    queued = play((m.Enqueue(4), SYSTEM), state=theirs)
    with pytest.raises(Refused, match="not_yours"):
        decide(queued, words, CHEN, T0)
    handed_on = play((EntrustWords(None), SYSTEM), state=theirs)
    with pytest.raises(Refused, match="not_yours"):
        decide(handed_on, words, CHEN, T0)


def test_a_late_answer_leaves_as_much_time_to_be_read() -> None:
    answered = TOMORROW + timedelta(hours=20)
    assert kept_until(T0, TOMORROW, answered, POLICY.deflected_keep) == answered + POLICY.deflected_keep


@pytest.mark.promise("R8")
def test_a_visitor_is_not_told_who_may_answer() -> None:
    assert visible_to(WordsEntrusted("chen"), Role.VISITOR) is None
