"""What somebody at a console says: ready with one more or not, standing by, a breath after danger; wishes in time."""

from datetime import timedelta

import pytest

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command, Event
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from queueing.domain.seat import SeatState
from tests.queueing.domain.test_capacity import IMMINENT, OPEN, ROUTINE, VOICE
from tests.strategies import T0


def play(*steps: tuple[Command, Actor]) -> tuple[DeskState, list[Event]]:
    """Give the commands to an open desk at T0."""
    state, events = DeskState(), list[Event]()
    for command, by in ((m.PublishHours(OPEN, "1"), SYSTEM), *steps):
        found = decide(state, command, by, T0)
        state = DECIDER.fold(state, found)
        events += found
    return state, events


def enter(name: str, *languages: str, grade: Role = Role.COUNSELOR) -> tuple[Command, Actor]:
    """Somebody opens a console."""
    return m.EnterSeat(name, name, grade, languages), SYSTEM


def says(name: str, command: Command) -> tuple[Command, Actor]:
    """Somebody at a console says something."""
    return command, Actor(Role.COUNSELOR, name)


BOTH = (
    enter("an", "zh-Hans"), says("an", m.ReadySeat()), enter("bo", "en"), says("bo", m.ReadySeat(1)),
)  # fmt: skip


@pytest.mark.parametrize(("risk", "seconds"), [(ROUTINE, 120), (IMMINENT, 0)])
def test_the_language_is_waited_for_a_while_but_never_in_danger(risk: RiskLevel, seconds: int) -> None:
    busy = m.RequestTicket("c0", Medium.TEXT, ROUTINE, T0, "en"), SYSTEM
    state, _ = play(*BOTH, busy, says("bo", m.AcceptOffer("c0.1.1")))
    at = T0
    state = DECIDER.fold(state, decide(state, m.RequestTicket("c1", Medium.TEXT, risk, T0, "en"), SYSTEM, at))
    if seconds:
        assert not state.tickets["c1"].offers
        wake = DECIDER.due(state)
        assert wake == T0 + timedelta(seconds=seconds)
        state = DECIDER.fold(state, decide(state, Elapse(), SYSTEM, wake))
    assert [offer.counselor for offer in state.tickets["c1"].offers] == ["an"]


def test_the_same_counselor_is_waited_for_where_on_duty() -> None:
    state, _ = play(*BOTH, (m.RequestTicket("c1", VOICE, ROUTINE, T0, asks_for="bo"), SYSTEM))
    assert [offer.counselor for offer in state.tickets["c1"].offers] == ["bo"]
    state, _ = play(*BOTH, (m.RequestTicket("c1", VOICE, ROUTINE, T0, asks_for="gone"), SYSTEM))
    assert state.tickets["c1"].asks_until is None
    assert state.tickets["c1"].offers


def test_after_danger_comes_a_breath_that_ready_ends() -> None:
    request = m.RequestTicket("c1", Medium.TEXT, IMMINENT, T0), SYSTEM
    taken = (enter("an"), says("an", m.ReadySeat(1)), request, says("an", m.AcceptOffer("c1.1.1")))
    after = (m.RequestTicket("c2", Medium.TEXT, ROUTINE, T0), SYSTEM), (m.BeginWrapUp("c1"), SYSTEM)
    state, events = play(*taken, *after, (m.FreeSeat("c1"), SYSTEM))
    assert m.SeatCooling("an", T0 + timedelta(seconds=120)) in events
    assert not state.tickets["c2"].offers
    state = DECIDER.fold(state, decide(state, Elapse(), SYSTEM, T0 + timedelta(seconds=120)))
    assert state.tickets["c2"].offers
    state, _ = play(*taken, *after, (m.FreeSeat("c1"), SYSTEM), says("an", m.ReadySeat(1)))
    assert state.tickets["c2"].offers


def test_only_those_who_lead_may_stand_by_and_with_empty_hands() -> None:
    with pytest.raises(Refused):
        play(enter("an"), says("an", m.StandBy()))
    state, _ = play(enter("su", grade=Role.SUPERVISOR), says("su", m.StandBy()))
    assert state.seats["su"].state is SeatState.STANDBY
    with pytest.raises(Refused):
        play(
            enter("su", grade=Role.SUPERVISOR),
            says("su", m.ReadySeat(1)),
            (m.RequestTicket("c1", Medium.TEXT, ROUTINE, T0), SYSTEM),
            says("su", m.AcceptOffer("c1.1.1")),
            says("su", m.StandBy()),
        )
