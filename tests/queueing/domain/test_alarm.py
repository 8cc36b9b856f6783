"""What an alarm remembers: who was called, who has it, who came; and what being raised again forgets."""

from datetime import timedelta

import pytest

from queueing import messages as m
from queueing.domain.alarm import Alarm, AlarmEvent, evolve
from tests.strategies import T0

LATER = T0 + timedelta(minutes=1)
RAISED = m.AlarmRaised("c1", "risk", T0)
WITHOUT_RAISING: tuple[AlarmEvent, ...] = (
    m.AlarmRung("c1", "p1", "everyone", ("su",)),
    m.AlarmTaken("c1", "su"),
    m.AlarmJoined("c1", "su"),
    m.AlarmLeft("c1", "su"),
    m.AlarmCleared("c1"),
)


def after(*events: AlarmEvent) -> dict[str, Alarm]:
    """The alarms after these events."""
    alarms: dict[str, Alarm] = {}
    for event in events:
        alarms = evolve(alarms, event)
    return alarms


def test_an_alarm_begins_with_nobody_called_and_nobody_who_has_it() -> None:
    assert after(RAISED) == {"c1": Alarm("c1", "risk", T0, "", "", (), None, ())}


def test_whoever_is_called_twice_is_remembered_once_and_first_comes_first() -> None:
    first = m.AlarmRung("c1", "p1", "duty_supervisor", ("su",))
    alarm = after(RAISED, first, m.AlarmRung("c1", "p2", "everyone", ("an", "su", "bo")))["c1"]
    assert (alarm.called, alarm.to, alarm.page) == (("su", "an", "bo"), "everyone", "p2")


def test_a_call_that_found_nobody_moves_the_rung_and_keeps_the_page_open() -> None:
    found = m.AlarmRung("c1", "p1", "duty_supervisor", ("su",))
    alarm = after(RAISED, found, m.AlarmRung("c1", "p2", "second_supervisor", ()))["c1"]
    assert (alarm.to, alarm.page, alarm.called) == ("second_supervisor", "p1", ("su",))


def test_the_last_who_took_it_has_it() -> None:
    assert after(RAISED, m.AlarmTaken("c1", "su"), m.AlarmTaken("c1", "an"))["c1"].owner == "an"


def test_whoever_leaves_is_no_helper_any_more_and_the_others_stay_in_order() -> None:
    joined = [m.AlarmJoined("c1", person) for person in ("su", "an", "bo")]
    assert after(RAISED, *joined, m.AlarmLeft("c1", "an"))["c1"].helpers == ("su", "bo")


def test_whoever_leaves_the_conversation_does_not_give_up_the_alarm() -> None:
    alarm = after(RAISED, m.AlarmTaken("c1", "su"), m.AlarmJoined("c1", "su"), m.AlarmLeft("c1", "su"))["c1"]
    assert (alarm.owner, alarm.helpers) == ("su", ())


def test_raised_again_nobody_has_it_and_everybody_may_be_called_again_but_helpers_are_still_in_the_room() -> None:
    rung, taken = m.AlarmRung("c1", "p1", "everyone", ("su", "an")), m.AlarmTaken("c1", "su")
    alarms = after(RAISED, rung, taken, m.AlarmJoined("c1", "an"), m.AlarmRaised("c1", "panic", LATER))
    assert alarms == {"c1": Alarm("c1", "panic", LATER, "", "", (), None, ("an",))}


def test_one_alarm_that_is_over_leaves_the_others_as_they_were() -> None:
    other = m.AlarmRaised("c2", "panic", LATER)
    assert after(RAISED, other, m.AlarmTaken("c2", "su"), m.AlarmCleared("c1")) == after(
        other, m.AlarmTaken("c2", "su")
    )


@pytest.mark.parametrize("event", WITHOUT_RAISING)
def test_nothing_but_raising_makes_an_alarm(event: AlarmEvent) -> None:
    other = after(m.AlarmRaised("c2", "panic", T0))
    assert evolve(other, event) == other


@pytest.mark.parametrize("event", [RAISED, *WITHOUT_RAISING])
def test_what_was_known_before_an_event_is_not_changed_under_the_reader(event: AlarmEvent) -> None:
    before = after(RAISED)
    evolve(before, event)
    assert before == after(RAISED)
