"""What time does at a desk, to the second; that it never spins is tried in test_desk."""

from datetime import timedelta

import pytest

from kernel.decider import Elapse
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.clockwork import due
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from tests.strategies import T0

CHEN = Actor(Role.COUNSELOR, "chen")
OPEN = tuple(m.OpenInterval(T0, T0 + timedelta(hours=9), T0 + timedelta(hours=8), medium) for medium in Medium)


def play(*steps: Command | tuple[Command, Actor], state: DeskState | None = None) -> DeskState:
    """An open desk with Chen at it, and what is given to it at T0."""
    begin: tuple[Command | tuple[Command, Actor], ...] = (
        m.PublishHours(OPEN, "1"),
        m.EnterSeat("chen", "陈", Role.COUNSELOR),
        (m.ReadySeat(2), CHEN),
    )
    state = state or play(*begin, state=DeskState())
    for step in steps:
        command, by = step if isinstance(step, tuple) else (step, SYSTEM)
        state = DECIDER.fold(state, decide(state, command, by, T0))
    return state


def asked(contact: str = "c1", risk: RiskLevel = RiskLevel.ROUTINE, medium: Medium = Medium.TEXT) -> m.RequestTicket:
    """Somebody wants a counselor."""
    return m.RequestTicket(contact, medium, risk, T0)


IN_HAND = (asked(), (m.AcceptOffer("c1.1.1"), CHEN))
GONE = ((m.PauseSeat(), CHEN), m.MarkTicketAway("c1"))
CASES = [
    ("a text rings 20 s", (asked(),), 20, m.OfferMissed),
    ("a call rings 15 s", (asked(medium=Medium.VOICE),), 15, m.OfferMissed),
    ("danger rings 10 s", (asked(risk=RiskLevel.IMMINENT),), 10, m.OfferMissed),
    ("who said no may be asked again after 60 s", (asked(), (m.DeclineOffer("c1.1.1"), CHEN)), 60, m.DeclineLapsed),
    ("a lost counselor has 60 s", (*IN_HAND, m.LoseSeat("chen")), 60, m.ContactRequeued),
    ("a wrap-up has 5 min", (*IN_HAND, m.BeginWrapUp("c1")), 300, m.WrapUpLapsed),
    ("a text keeps the place 5 min", (asked(), *GONE), 300, m.TicketAbandoned),
    ("a call keeps the place 30 s", (asked(medium=Medium.VOICE), *GONE), 30, m.TicketAbandoned),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "steps", "seconds", "kind"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_each_span_ends_exactly_then_and_not_a_moment_before(
    name: str, steps: tuple[Command | tuple[Command, Actor], ...], seconds: int, kind: type
) -> None:
    state = play(*steps)
    wake = T0 + timedelta(seconds=seconds)
    assert due(state) == wake
    assert decide(state, Elapse(), SYSTEM, wake - timedelta(microseconds=1)) == ()
    assert kind in {type(each) for each in decide(state, Elapse(), SYSTEM, wake)}


def test_a_crisis_wrap_up_has_15_min_and_nothing_is_due_at_an_idle_desk() -> None:
    state = play(asked(risk=RiskLevel.IMMINENT), (m.AcceptOffer("c1.1.1"), CHEN), m.BeginWrapUp("c1"))
    assert due(state) == T0 + timedelta(minutes=15)
    assert due(play()) is None


@pytest.mark.promise("R2")
def test_danger_that_stays_away_is_never_dropped_and_still_rings() -> None:
    state = play((m.PauseSeat(), CHEN), asked(risk=RiskLevel.IMMINENT), m.MarkTicketAway("c1"))
    later = T0 + timedelta(minutes=5)
    events = decide(state, Elapse(), SYSTEM, later)
    assert events == (m.TicketStranded("c1"),)
    state = DECIDER.fold(state, events)
    assert due(state) is None
    assert isinstance(decide(state, m.ReadySeat(1), CHEN, later)[-1], m.OfferRung)


def test_somebody_who_was_away_while_talking_gets_the_whole_grace_when_the_counselor_is_lost() -> None:
    state = play(*IN_HAND, m.MarkTicketAway("c1"), m.LoseSeat("chen"))
    lost = T0 + timedelta(hours=1)
    events = decide(state, Elapse(), SYSTEM, lost)
    assert [type(each) for each in events] == [m.ContactRequeued, m.TicketAway, m.SeatLeft]
    assert due(DECIDER.fold(state, events)) == lost + timedelta(minutes=5)


def test_a_second_miss_in_a_row_sets_away_and_an_accept_forgives() -> None:
    state = play(asked())
    for seconds in (20, 80, 100):
        state = DECIDER.fold(state, decide(state, Elapse(), SYSTEM, T0 + timedelta(seconds=seconds)))
    assert state.seats["chen"].state == "away"
    forgiven = play(asked())
    for seconds in (20, 80):
        forgiven = DECIDER.fold(forgiven, decide(forgiven, Elapse(), SYSTEM, T0 + timedelta(seconds=seconds)))
    forgiven = DECIDER.fold(forgiven, decide(forgiven, m.AcceptOffer("c1.1.2"), CHEN, T0 + timedelta(seconds=81)))
    assert forgiven.seats["chen"].misses == 0


@pytest.mark.promise("R2")
def test_a_wish_that_ran_out_during_the_talk_is_over_in_the_breath_in_which_the_contact_waits_again() -> None:
    hello = asked()
    english = m.RequestTicket("c1", hello.medium, hello.risk, T0, "en")
    chinese = (m.EnterSeat("bo", "博", Role.COUNSELOR, ("zh-Hans",)), (m.ReadySeat(2), Actor(Role.COUNSELOR, "bo")))
    state = play(*chinese, english, (m.AcceptOffer("c1.1.1"), CHEN))
    assert state.tickets["c1"].speaks_until == T0 + timedelta(seconds=120)
    lost = T0 + timedelta(hours=5)
    state = DECIDER.fold(state, decide(state, m.LoseSeat("chen"), SYSTEM, lost))
    back = lost + timedelta(seconds=60)
    state = DECIDER.fold(state, decide(state, Elapse(), SYSTEM, back))
    assert [offer.counselor for offer in state.tickets["c1"].offers] == ["bo"]
    assert due(state) == back + timedelta(seconds=20)
