"""Voice at the desk: who is offered a call, who is left in peace while they talk, and what a switch leaves alone."""

import msgspec
import pytest

from kernel.terms import SYSTEM, Medium, RiskLevel
from queueing import messages as m
from queueing.domain.desk import decide
from queueing.domain.ledger import DeskState, evolve
from queueing.domain.order import TicketPhase
from tests.queueing.domain.test_match import desk, rung, seat, ticket
from tests.strategies import T0

change = msgspec.structs.replace
VOICE, TEXT = Medium.VOICE, Medium.TEXT


def held(contact: int, medium: Medium = TEXT) -> DeskState:
    """An has one contact of two slots; another one waits."""
    mine = change(ticket(contact, medium=medium), phase=TicketPhase.ACTIVE, owner="an", epoch=1)
    return desk([mine, ticket(9)], seat("an", mine.contact, slots=2))


def after(state: DeskState, *commands: m.SwitchMedium) -> tuple[DeskState, list[str]]:
    """Give commands, fold, and tell what happened."""
    told: list[str] = []
    for command in commands:
        for event in decide(state, command, SYSTEM, T0):
            told.append(str(event.__struct_config__.tag))
            state = evolve(state, event)
    return state, told


def test_a_call_is_offered_to_somebody_whole_and_nobody_else_is_offered_to_whoever_talks() -> None:
    whole, texting = seat("bo"), seat("an", "c5", slots=3)
    assert rung(desk([ticket(1, medium=VOICE), ticket(5)], texting)) == []
    assert rung(desk([ticket(1, medium=VOICE), ticket(5)], texting, whole)) == [("c1", "bo")]
    assert rung(held(5, VOICE)) == []
    assert rung(held(5)) == [("c9", "an")]


def test_who_begins_to_talk_is_rung_for_nobody_and_who_writes_again_may_be() -> None:
    state, told = after(held(5), m.SwitchMedium("c5", VOICE))
    assert told == ["ticket.medium_switched"]
    mine = state.tickets["c5"]
    assert (mine.medium, mine.owner, mine.epoch, mine.number) == (VOICE, "an", 1, held(5).tickets["c5"].number)
    state, told = after(state, m.SwitchMedium("c5", TEXT))
    assert told == ["ticket.medium_switched", "offer.rung"]
    state, told = after(state, m.SwitchMedium("c5", VOICE))
    assert told == ["ticket.medium_switched", "offer.cancelled"], "a ring that came too late is taken back"


@pytest.mark.parametrize("contact", ["c9", "nobody"])
def test_what_waits_or_is_not_there_is_not_switched(contact: str) -> None:
    state = held(5, VOICE)
    assert after(state, m.SwitchMedium(contact, VOICE)) == (state, [])
    assert after(state, m.SwitchMedium("c5", VOICE)) == (state, [])


def test_imminent_danger_by_voice_takes_a_ring_from_somebody_less_urgent() -> None:
    urgent = ticket(1, RiskLevel.IMMINENT, medium=VOICE)
    assert rung(desk([ticket(2), urgent], seat("an"))) == [("c1", "an")]
