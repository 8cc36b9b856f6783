"""Slot-time, held against a sum over talks that knows nothing of seats."""

from datetime import datetime, timedelta

import pytest

from kernel.terms import Role
from kernel.wire import Event
from queueing import messages as m
from queueing.domain.occupancy import SlotTime
from queueing.messages.team import SeatReleased
from tests.queueing.simulation.test_rehearsal import rehearsed
from tests.strategies import T0


def at(seconds: int) -> datetime:
    """So many seconds after the first."""
    return T0 + timedelta(seconds=seconds)


def took(contact: str, counselor: str = "an") -> Event:
    """A talk begins."""
    return m.OfferAccepted("o", contact, counselor, counselor, Role.COUNSELOR, 1)


def measured(*rows: tuple[int, Event], since: int = 0) -> SlotTime:
    """A log of events and their seconds."""
    slots = SlotTime(at(since))
    for seconds, event in rows:
        slots.read(at(seconds), event)
    return slots


READY = (0, m.SeatReady("an", 2, T0))


def test_two_slots_one_talk_of_half_the_time_is_a_quarter() -> None:
    slots = measured(READY, (60, took("c1")), (120, m.SeatFreed("c1", "an")))
    found = slots.figure(at(120))
    assert (found.value, found.of) == (0.25, 4)


def test_what_is_above_the_slots_is_counted_apart() -> None:
    slots = measured((0, m.SeatReady("an", 1, T0)), (0, took("c1")), (0, took("c2")))
    assert slots.figure(at(60)).value == 1
    assert slots.above_s == 60


@pytest.mark.parametrize("rest", [m.SeatPaused("an", "meal", T0), SeatReleased("an", "x", T0), m.SeatAway("an", T0)])
def test_on_a_break_only_what_is_in_hand_is_staffed(rest: Event) -> None:
    slots = measured(READY, (0, took("c1")), (60, rest))
    assert slots.figure(at(120)).value == pytest.approx((60 + 60) / (120 + 60))


def test_a_talk_that_goes_from_hand_to_hand_is_busy_once() -> None:
    handed = m.TransferAccepted("c1", "an", "bo", "bo", Role.COUNSELOR, 2, at(60))
    slots = measured(READY, (0, m.SeatReady("bo", 2, T0)), (0, took("c1")), (60, handed))
    assert slots.figure(at(120)).value == pytest.approx(120 / 480)


def test_what_was_before_the_day_is_known_and_not_counted() -> None:
    rows = (READY, (0, took("c1")), (50, m.SeatLost("an", at(50))), (60, m.SeatReturned("an")))
    slots = measured(*rows, since=100)
    assert slots.figure(at(160)).value == 0.5
    assert slots.figure(at(160)).of == 2


def test_the_sum_over_the_talks_of_a_rehearsal_is_the_same() -> None:
    """The oracle adds up talks from accept to free, whoever holds them."""
    run = rehearsed(7, load=1.2, slots=12, days=1)
    slots, began, talked = SlotTime(run.log[0][0]), dict[str, datetime](), 0.0
    for now, event in run.log:
        slots.read(now, event)
        if isinstance(event, m.OfferAccepted):
            began[event.contact] = now
        elif isinstance(event, m.SeatFreed | m.WrapUpLapsed | m.ContactRequeued) and event.contact in began:
            talked += (now - began.pop(event.contact)).total_seconds()
    end = run.log[-1][0]
    found = slots.figure(end)
    talked += sum((end - since).total_seconds() for since in began.values())
    assert slots.busy_s + slots.above_s == pytest.approx(talked)
    assert found.value is not None
    assert 0 < found.value <= 1
