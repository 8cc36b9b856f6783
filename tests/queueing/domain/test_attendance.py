"""Beside a talk: a supervisor attends and takes over, a colleague is consulted; always exactly one owner."""

from datetime import timedelta

import pytest

from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Attending, Role
from kernel.wire import Command, Event
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from queueing.messages.attend import (
    AcceptConsult,
    AskConsult,
    AttendContact,
    ConsultEnded,
    ContactAttended,
    ContactTakenOver,
    EndConsult,
    TakeOver,
)
from tests.queueing.domain.test_capacity import VOICE
from tests.queueing.domain.test_duty import enter, play, says
from tests.queueing.domain.test_handover import TALK, comes, holders
from tests.strategies import T0

LEAD = Actor(Role.SUPERVISOR, "su")
MONITOR, WHISPER, BARGE = Attending.MONITOR, Attending.WHISPER, Attending.BARGE
HERE = (*TALK, enter("su", grade=Role.SUPERVISOR))


def attends(how: Attending | None) -> tuple[Command, Actor]:
    """The supervisor is beside c1 in some way."""
    return AttendContact("c1", how), LEAD


def gone(events: list[Event]) -> list[tuple[str, bool]]:
    """Who was let go, and whether from reading too."""
    return [(e.person, e.released) for e in events if isinstance(e, ContactAttended) and e.how is None]


def then(state: DeskState, command: Command, by: Actor = SYSTEM, seconds: int = 0) -> tuple[DeskState, list[Event]]:
    """One more command."""
    events = decide(state, command, by, T0 + timedelta(seconds=seconds))
    return DECIDER.fold(state, events), list(events)


def test_a_supervisor_comes_changes_and_goes_and_each_of_it_is_in_the_log() -> None:
    state, events = play(*HERE, *(attends(how) for how in (MONITOR, MONITOR, WHISPER, BARGE, None)))
    told = [(each.how, each.released) for each in events if isinstance(each, ContactAttended)]
    assert told == [(MONITOR, False), (WHISPER, False), (BARGE, False), (None, True)]
    assert (state.tickets["c1"].owner, state.tickets["c1"].company.present) == ("an", {})


@pytest.mark.promise("R2")
def test_a_take_over_moves_the_talk_in_one_decision_whatever_the_slots_say() -> None:
    state, events = play(*HERE, attends(WHISPER), (TakeOver("c1", "需要督导"), LEAD))
    assert (holders(state, "c1"), state.tickets["c1"].owner, state.tickets["c1"].epoch) == (["su"], "su", 2)
    assert ContactTakenOver("c1", "su", "需要督导") in events
    assert gone(events) == [("su", False)], "the owner goes on reading"
    assert state.seats["an"].contacts == ()


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (((AttendContact("c9", MONITOR), LEAD),), "not_open"),
        (((TakeOver("c1", " "), LEAD),), "no_reason"),
        (((TakeOver("c1", "x"), LEAD), (TakeOver("c1", "x"), LEAD)), "own_contact"),
        (((TakeOver("c1", "x"), LEAD), attends(MONITOR)), "own_contact"),
        (((m.LoseSeat("su"), SYSTEM), attends(MONITOR)), "no_seat"),
        (((m.BeginWrapUp("c1"), SYSTEM), attends(MONITOR)), "not_open"),
        ((says("bo", AskConsult("c1", "an")),), "not_yours"),
        ((says("an", AskConsult("c1", "an")),), "not_yours"),
        ((says("an", AskConsult("c1", "nobody")),), "no_seat"),
        ((says("bo", AcceptConsult("c1")),), "stale_offer"),
        ((says("bo", EndConsult("c1")),), "stale_offer"),
    ],
)
def test_what_cannot_be_is_refused_in_so_many_words(steps: tuple[tuple[Command, Actor], ...], code: str) -> None:
    with pytest.raises(Refused, match=code):
        play(*HERE, *steps)


def test_nobody_on_a_call_takes_over() -> None:
    on_a_call = (says("su", m.ReadySeat(1)), comes("c2", VOICE), says("bo", m.DeclineOffer("c2.2.1")))
    with pytest.raises(Refused, match="hands_full"):
        play(*HERE, *on_a_call, says("su", m.AcceptOffer("c2.2.2")), (TakeOver("c1", "x"), LEAD))


@pytest.mark.parametrize("word", [AttendContact("c1", MONITOR), TakeOver("c1", "x")])
def test_only_a_supervisor_attends_and_takes_over(word: Command) -> None:
    with pytest.raises(NotPermitted):
        play(*HERE, says("bo", word))


def test_a_colleague_who_is_asked_comes_to_whisper_and_the_owner_stays_the_owner() -> None:
    ask, come = says("an", AskConsult("c1", "bo")), says("bo", AcceptConsult("c1"))
    state, _ = play(*HERE, ask, come)
    beside = state.tickets["c1"].company.present["bo"]
    assert (beside.how, beside.why, state.tickets["c1"].owner) == (WHISPER, "consult", "an")
    for who in ("an", "bo"):
        _, events = then(state, EndConsult("c1"), Actor(Role.COUNSELOR, who))
        assert gone(events) == [("bo", True)]
    for who, why in (("bo", "declined"), ("an", "withdrawn")):
        _, told = play(*HERE, ask, says(who, EndConsult("c1")))
        assert [each.why for each in told if isinstance(each, ConsultEnded)] == [why]


def test_a_question_nobody_answers_lapses_and_a_second_replaces_the_first() -> None:
    state, events = play(*HERE, says("an", AskConsult("c1", "bo")), says("an", AskConsult("c1", "su")))
    assert ConsultEnded("c1", "bo", "withdrawn") in events
    assert DECIDER.due(state) == T0 + timedelta(seconds=120)
    _, told = then(state, Elapse(), seconds=120)
    assert told == [ConsultEnded("c1", "su", "lapsed")]


def test_when_the_talk_is_over_or_changes_hands_whoever_was_beside_is_let_go() -> None:
    both = (*HERE, attends(BARGE), says("an", AskConsult("c1", "bo")), says("bo", AcceptConsult("c1")))
    state, _ = play(*both)
    for ends in (m.BeginWrapUp("c1"), m.WithdrawTicket("c1")):
        after, events = then(state, ends)
        assert sorted(gone(events)) == [("bo", True), ("su", True)]
    after, _ = then(state, m.ReadySeat(1), LEAD)
    after, _ = then(after, m.OfferTransfer("c1", "su"), Actor(Role.COUNSELOR, "an"))
    after, events = then(after, m.AcceptTransfer("c1"), LEAD)
    assert sorted(gone(events)) == [("bo", True), ("su", False)]
    assert after.tickets["c1"].company.present == {}


def test_who_closes_the_console_is_beside_nothing_after_the_grace_of_everybody() -> None:
    state, _ = play(*HERE, attends(MONITOR), (m.LoseSeat("su"), SYSTEM))
    assert "su" in state.tickets["c1"].company.present
    _, events = then(state, Elapse(), seconds=60)
    assert gone(events) == [("su", True)]


def test_who_has_the_escalation_goes_on_reading_when_they_step_out() -> None:
    alarm = ((m.RaiseAlarm("c1", "panic", T0), SYSTEM), (m.TakeAlarm("c1", "su"), SYSTEM))
    _, events = play(*HERE, attends(MONITOR), *alarm, attends(None))
    assert gone(events) == [("su", False)]
