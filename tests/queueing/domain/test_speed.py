"""How long one decision takes with a thousand waiting: the measured figures stand in docs/queue.md."""

from datetime import timedelta
from time import process_time

from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from tests.strategies import T0

HOURS = (m.OpenInterval(T0, T0 + timedelta(hours=6), T0 + timedelta(hours=5)),)
LIMIT_S = 1.0
"""The goal for a hundred sign-ons; ten times what one decision may take at the 99th percentile is never near it."""


def timed(state: DeskState, command: Command, by: Actor) -> tuple[DeskState, float, int]:
    """One decision: the state after it, the processor's seconds, the offers it made."""
    began = process_time()
    events = decide(state, command, by, T0)
    taken = process_time() - began
    return DECIDER.fold(state, events), taken, sum(isinstance(each, m.OfferRung) for each in events)


def crowd(waiting: int) -> DeskState:
    """So many wait while nobody is ready."""
    state = DECIDER.fold(DeskState(), decide(DeskState(), m.PublishHours(HOURS, "1"), SYSTEM, T0))
    for number in range(waiting):
        risk = list(RiskLevel)[number % 3]
        state = timed(state, m.RequestTicket(f"c{number}", Medium.TEXT, risk, T0), SYSTEM)[0]
    return state


def signs_on(state: DeskState, name: str) -> tuple[DeskState, float, int]:
    """Somebody opens a console and says ready."""
    state = timed(state, m.EnterSeat(name, name, Role.COUNSELOR), SYSTEM)[0]
    return timed(state, m.ReadySeat(2), Actor(Role.COUNSELOR, name))


def test_a_hundred_sign_on_and_two_hundred_wait_a_hundred_offers_within_a_second() -> None:
    state, spent, offers = crowd(200), 0.0, 0
    for number in range(100):
        state, seconds, rung = signs_on(state, f"k{number}")
        spent, offers = spent + seconds, offers + rung
    assert offers == 100
    assert spent < LIMIT_S


def test_with_a_thousand_waiting_and_two_hundred_counselors_an_offer_is_out_at_once() -> None:
    state, taken = crowd(1000), []
    for number in range(200):
        state, seconds, rung = signs_on(state, f"k{number}")
        taken.append(seconds)
        assert rung == 1
    assert sorted(taken)[197] < 0.05
    print(f"p50 {sorted(taken)[100] * 1000:.1f} ms, p99 {sorted(taken)[197] * 1000:.1f} ms")
