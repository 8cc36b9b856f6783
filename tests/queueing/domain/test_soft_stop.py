"""The soft stop as the desk remembers it: by medium, until the hours end, and never against a supervisor."""

from datetime import timedelta

from kernel.terms import Medium
from queueing import messages as m
from queueing.domain.soft_stop import SoftStop, evolve
from queueing.messages.waits import IntakeStoppedSoftly
from tests.strategies import T0

SOON = T0 + timedelta(minutes=10)


def test_each_medium_is_stopped_by_itself_and_until_the_hours_end() -> None:
    soft = evolve(SoftStop(), IntakeStoppedSoftly(Medium.TEXT, SOON))
    assert soft.holds(Medium.TEXT, T0)
    assert not soft.holds(Medium.VOICE, T0)
    assert not soft.holds(Medium.TEXT, SOON), "half-open: at the end of the hours the gate answers"
    assert evolve(soft, IntakeStoppedSoftly(Medium.TEXT)) == SoftStop()


def test_what_a_supervisor_opens_stays_open_and_what_they_close_is_closed_anyway() -> None:
    soft = evolve(SoftStop(), IntakeStoppedSoftly(Medium.TEXT, SOON))
    opened = evolve(soft, m.IntakeSwitched(None, "还来得及", SOON))
    assert not opened.holds(Medium.TEXT, T0)
    assert opened.is_kept_open(T0)
    assert not opened.is_kept_open(SOON)
    assert evolve(soft, m.IntakeSwitched(SOON, "太多了")).holds(Medium.TEXT, T0)
