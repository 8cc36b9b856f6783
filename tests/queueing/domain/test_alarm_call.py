"""What the desk makes of an alarm: said twice is said once, somebody is called while anybody is here, who lets go."""

from datetime import timedelta

import pytest

from kernel.errors import NotPermitted
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Command, Event
from queueing import messages as m
from queueing.domain.desk import decide
from queueing.domain.ledger import DeskState
from tests.queueing.domain.test_duty import enter, play
from tests.queueing.domain.test_handover import TALK
from tests.strategies import T0

Step = tuple[Command, Actor]

LADDER = ("duty_supervisor", "second_supervisor", "everyone")
RAISE: Step = (m.RaiseAlarm("c1", "risk", T0), SYSTEM)
LEADS = (
    enter("an"),
    enter("cw", grade=Role.CRISIS_WORKER),
    enter("s1", grade=Role.SUPERVISOR),
    enter("s2", grade=Role.SUPERVISOR),
)


def told(command: Command) -> Step:
    """News of the case."""
    return command, SYSTEM


def rung(to: str, page: str = "p1") -> Step:
    """A rung of the ladder."""
    return told(m.RingAlarm("c1", page, to))


def answer(state: DeskState, command: Command) -> tuple[Event, ...]:
    """What the desk says to news of the case."""
    return decide(state, command, SYSTEM, T0)


def calls(*steps: Step) -> list[tuple[str, ...]]:
    """Whose consoles call, call by call."""
    return [event.people for event in play(*steps)[1] if isinstance(event, m.AlarmRung)]


def test_each_rung_calls_more_a_supervisor_then_a_second_then_everybody() -> None:
    rungs = [rung(to, f"p{number}") for number, to in enumerate(LADDER)]
    assert calls(*LEADS, RAISE, *rungs) == [("s1",), ("s2",), ("an", "cw", "s1", "s2")]


def test_a_crisis_worker_is_called_where_no_second_supervisor_is_here() -> None:
    assert calls(*LEADS[:3], RAISE, rung("duty_supervisor"), rung("second_supervisor", "p2")) == [("s1",), ("cw",)]


def test_the_second_call_goes_to_everybody_where_nobody_fresh_leads() -> None:
    steps = (enter("an"), LEADS[2], RAISE, rung("duty_supervisor"), rung("second_supervisor", "p2"))
    assert calls(*steps) == [("s1",), ("an", "s1")]


@pytest.mark.parametrize("to", LADDER)
def test_somebody_is_called_on_every_rung_while_anybody_is_here(to: str) -> None:
    assert calls(enter("an"), RAISE, rung(to)) == [("an",)]


@pytest.mark.parametrize("to", LADDER)
def test_nobody_who_is_gone_is_called(to: str) -> None:
    gone = told(m.LoseSeat("s1"))
    assert calls(enter("an"), LEADS[2], gone, RAISE, rung(to)) == [("an",)]


def test_a_call_that_found_somebody_is_not_rung_twice() -> None:
    state, _ = play(*LEADS, RAISE, rung("duty_supervisor"))
    assert answer(state, m.RingAlarm("c1", "p1", "duty_supervisor")) == ()
    assert answer(state, m.RingAlarm("c1", "p2", "duty_supervisor")) != ()


def test_a_call_that_found_nobody_rings_for_the_first_who_comes() -> None:
    state, events = play(RAISE, rung("everyone"))
    assert events[-1] == m.AlarmRung("c1", "p1", "everyone", ())
    assert answer(state, m.RingAlarm("c1", "p1", "everyone")) == ()
    assert calls(RAISE, rung("everyone"), enter("an"), rung("everyone")) == [(), ("an",)]


def test_raised_is_said_once_and_again_at_another_moment() -> None:
    state, _ = play(RAISE)
    assert answer(state, m.RaiseAlarm("c1", "panic", T0)) == ()
    later = T0 + timedelta(seconds=30)
    assert answer(state, m.RaiseAlarm("c1", "panic", later)) == (m.AlarmRaised("c1", "panic", later),)


@pytest.mark.parametrize("command", [m.TakeAlarm("c1", "su"), m.JoinAlarm("c1", "su")])
def test_taking_and_joining_are_said_once_a_person(command: m.TakeAlarm | m.JoinAlarm) -> None:
    state, _ = play(RAISE, told(command))
    assert answer(state, command) == ()
    assert answer(state, type(command)("c1", "an")) != ()


@pytest.mark.parametrize(
    "command",
    [
        m.RingAlarm("c9", "p1", "everyone"),
        m.TakeAlarm("c9", "an"),
        m.JoinAlarm("c9", "an"),
        m.LeaveAlarm("c9", "an"),
        m.ClearAlarm("c9"),
    ],
)
def test_about_an_alarm_that_is_not_there_nothing_is_said(command: Command) -> None:
    state, _ = play(enter("an"), RAISE)
    assert answer(state, command) == ()


def test_somebody_who_never_joined_cannot_leave() -> None:
    state, _ = play(RAISE, told(m.TakeAlarm("c1", "su")))
    assert answer(state, m.LeaveAlarm("c1", "su")) == ()


def test_a_helper_who_leaves_lets_go_but_not_who_has_the_alarm_or_the_contact() -> None:
    joined = [told(m.JoinAlarm("c1", person)) for person in ("an", "bo", "su")]
    state, _ = play(*TALK, RAISE, told(m.TakeAlarm("c1", "su")), *joined)
    assert answer(state, m.LeaveAlarm("c1", "bo")) == (m.AlarmLeft("c1", "bo", released=True),)
    assert answer(state, m.LeaveAlarm("c1", "an")) == (m.AlarmLeft("c1", "an", released=False),)
    assert answer(state, m.LeaveAlarm("c1", "su")) == (m.AlarmLeft("c1", "su", released=False),)


def test_when_it_is_over_everybody_lets_go_once_but_whoever_has_the_contact() -> None:
    joined = [told(m.JoinAlarm("c1", person)) for person in ("an", "su", "bo")]
    state, _ = play(*TALK, RAISE, told(m.TakeAlarm("c1", "su")), *joined)
    assert answer(state, m.ClearAlarm("c1")) == (m.AlarmCleared("c1", ("su", "bo")),)


def test_the_one_who_has_the_alarm_lets_go_when_it_is_over_though_they_never_joined() -> None:
    state, _ = play(*TALK, RAISE, told(m.TakeAlarm("c1", "su")))
    assert answer(state, m.ClearAlarm("c1")) == (m.AlarmCleared("c1", ("su",)),)


def test_whoever_owes_the_disposition_keeps_the_contact_when_the_alarm_is_over() -> None:
    state, _ = play(*TALK, told(m.BeginWrapUp("c1")), RAISE, told(m.JoinAlarm("c1", "an")))
    seat = state.seats["an"]
    owing = state.with_seat(type(seat)("an", "an", Role.COUNSELOR, owed=("c1",)))
    assert answer(owing, m.ClearAlarm("c1")) == (m.AlarmCleared("c1", ()),)


@pytest.mark.parametrize("command", [RAISE[0], m.TakeAlarm("c1", "an"), m.ClearAlarm("c1")])
def test_nobody_at_a_console_changes_an_alarm_by_hand(command: Command) -> None:
    state, _ = play(enter("an"), RAISE)
    with pytest.raises(NotPermitted):
        decide(state, command, Actor(Role.COUNSELOR, "an"), T0)
