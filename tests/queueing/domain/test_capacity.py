"""Room for one more: burst slots, standby, the load of what is in hand, wishes, skills, shifts, calls kept in mind."""

from datetime import timedelta

import msgspec
import pytest

from kernel.decider import Draft
from kernel.terms import Medium, RiskLevel, Role
from queueing import messages as m
from queueing.domain.capacity import Reach, fits, promised_ways, reach, ways
from queueing.domain.ledger import DeskState, evolve
from queueing.domain.match import ring
from queueing.domain.seat import SeatState
from queueing.policy import DeskPolicy
from tests.queueing.domain.test_match import desk, rung, seat, ticket
from tests.strategies import T0

change = msgspec.structs.replace
IMMINENT, ROUTINE, VOICE = RiskLevel.IMMINENT, RiskLevel.ROUTINE, Medium.VOICE
OPEN = tuple(m.OpenInterval(T0, T0 + timedelta(hours=6), T0 + timedelta(hours=5), medium) for medium in Medium)


def full(burst: bool, *held: RiskLevel) -> DeskState:
    """Somebody whose two slots are taken, and one more in danger who waits."""
    hands = [ticket(5 + n, risk) for n, risk in enumerate(held)]
    an = change(seat("an", *(each.contact for each in hands)), burst=burst)
    return desk([ticket(1, IMMINENT), ticket(2), *hands], an)


@pytest.mark.parametrize(
    ("burst", "held", "asked"),
    [
        (True, (ROUTINE, ROUTINE), [("c1", "an")]),
        (False, (ROUTINE, ROUTINE), []),
        (True, (ROUTINE, IMMINENT), []),
        (True, (ROUTINE, ROUTINE, ROUTINE), []),
    ],
)
def test_one_text_more_for_danger_with_consent_and_never_two_in_danger(
    burst: bool, held: tuple[RiskLevel, ...], asked: list[tuple[str, str]]
) -> None:
    assert rung(full(burst, *held)) == asked


def test_a_burst_slot_is_not_for_a_call_nor_while_on_one() -> None:
    held = ticket(5, medium=VOICE)
    an = change(seat("an", "c5", slots=1), burst=True)
    assert rung(desk([ticket(1, IMMINENT), held], an)) == []
    texting = change(seat("an", "c5", slots=1), burst=True)
    assert rung(desk([ticket(1, IMMINENT, VOICE), ticket(5)], texting)) == []


def test_who_stands_by_is_asked_for_danger_only_and_only_when_nobody_else_is() -> None:
    standby = change(seat("su", slots=0), state=SeatState.STANDBY, grade=Role.SUPERVISOR)
    assert rung(desk([ticket(1, RiskLevel.HIGH)], standby)) == []
    assert rung(desk([ticket(1, IMMINENT)], standby)) == [("c1", "su")]
    assert rung(desk([ticket(1, IMMINENT)], standby, seat("an"))) == [("c1", "an")]


def test_a_heavier_contact_takes_more_slots_where_the_union_says_so() -> None:
    state = desk([ticket(1), ticket(5, IMMINENT)], seat("an", "c5"))
    assert reach(state, state.seats["an"], state.tickets["c1"]) is Reach.SLOT
    heavy = change(state, policy=DeskPolicy(weight_imminent=2))
    assert reach(heavy, heavy.seats["an"], heavy.tickets["c1"]) is None


def test_a_ring_for_one_in_danger_is_shared_with_another() -> None:
    """Two full counselors who agreed to one more, two people in danger: both are asked for somebody."""
    hands = [ticket(5), ticket(6)]
    seats = [change(seat(name, held, slots=1), burst=True) for name, held in (("an", "c5"), ("bo", "c6"))]
    draft = Draft(desk([ticket(1, IMMINENT), *hands], *seats), evolve)
    ring(draft, T0)
    assert len(draft.state.tickets["c1"].offers) == 2
    draft = Draft(draft.state.with_ticket(ticket(2, IMMINENT)), evolve)
    ring(draft, T0)
    assert {each.contact: len(each.offers) for each in draft.state.tickets.values() if each.waits} == {"c1": 1, "c2": 1}


def test_among_equals_the_one_idle_for_longest_and_for_danger_a_professional() -> None:
    an, bo = (change(seat(name), idle_since=T0 - timedelta(minutes=since)) for name, since in (("an", 1), ("bo", 9)))
    assert rung(desk([ticket(1)], an, bo)) == [("c1", "bo")]
    peer = change(bo, grade=Role.PEER_SUPPORTER)
    assert rung(desk([ticket(1, IMMINENT)], an, peer))[0] == ("c1", "an")


def test_texts_leave_somebody_whole_for_a_call_but_do_not_wait_for_that() -> None:
    seats = [seat("an", "c5", slots=3), seat("bo", slots=3)]
    tickets = [ticket(1), ticket(5)]
    assert rung(desk(tickets, *seats)) == [("c1", "bo")]
    with_voice = change(desk(tickets, *seats), intervals=OPEN)
    assert rung(with_voice) == [("c1", "an")]
    assert rung(change(desk([ticket(1)], seat("bo")), intervals=OPEN)) == [("c1", "bo")]


def test_a_call_keeps_a_texting_counselor_from_those_behind_it_never_from_those_before() -> None:
    call = change(ticket(2, medium=VOICE), due_at=T0 + timedelta(minutes=20))
    before, behind = change(ticket(1), due_at=T0 + timedelta(minutes=10)), ticket(3)
    assert rung(desk([call, behind, ticket(5)], seat("an", "c5"))) == []
    assert rung(desk([before, call, behind, ticket(5)], seat("an", "c5"))) == [("c1", "an")]
    assert rung(desk([call, behind, ticket(5), ticket(6)], seat("an", "c5"), seat("bo", "c6"))) == [("c3", "bo")]


def test_skills_are_asked_for_and_run_out() -> None:
    wanted = change(ticket(1), skills=("legal",))
    expert = change(seat("bo"), skills={"legal": T0 + timedelta(days=1)})
    assert rung(desk([wanted], seat("an"), expert)) == [("c1", "bo")]
    assert not fits(expert, wanted, T0 + timedelta(days=1))


def test_near_the_end_of_a_shift_only_danger_and_only_with_consent() -> None:
    leaving = change(seat("an"), last_offer_at=T0)
    assert rung(desk([ticket(1)], leaving)) == []
    assert rung(desk([ticket(1, IMMINENT)], leaving)) == []
    assert rung(desk([ticket(1, IMMINENT)], change(leaving, burst=True))) == [("c1", "an")]


@pytest.mark.parametrize(
    ("held", "more", "left"),
    [
        ((), 0, 2),
        ((ROUTINE,), 0, 1),
        ((ROUTINE,), 1, 1),
        ((ROUTINE, ROUTINE), 0, 1),
        ((ROUTINE, ROUTINE), 1, 0),
        ((ROUTINE, IMMINENT), 0, 0),
        ((IMMINENT,), 0, 1),
    ],
)
def test_ways_to_somebody_in_danger_are_free_slots_or_else_the_one_above(
    held: tuple[RiskLevel, ...], more: int, left: int
) -> None:
    state = full(True, *held)
    assert ways(state, state.seats["an"], more) == left


def test_only_as_many_ways_are_kept_open_as_counselors_agreed_to() -> None:
    asked = DeskPolicy(open_for_danger=3)
    for burst, promised in ((True, 1), (False, 0)):
        assert promised_ways(change(full(burst, ROUTINE), policy=asked)) == promised
    assert promised_ways(full(True, ROUTINE)) == 0, "off unless the union asks for it"


def test_a_free_slot_stays_open_while_a_burst_slot_is_closed_by_somebody_in_danger() -> None:
    """An agreed to one more and holds one in danger; Bo has the next free slot, which takes its place."""
    hands = [ticket(5, ROUTINE), ticket(6, IMMINENT), ticket(7, ROUTINE)]
    an = change(seat("an", "c5", "c6"), burst=True)
    state = desk([ticket(1), *hands], an, seat("bo", "c7"))
    assert rung(state) == [("c1", "bo")]
    kept = change(state, policy=DeskPolicy(open_for_danger=1))
    assert rung(kept) == []
    with_danger = kept.with_ticket(ticket(2, IMMINENT))
    assert rung(with_danger) == [("c2", "bo")]
