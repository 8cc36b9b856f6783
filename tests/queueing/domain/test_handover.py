"""From hand to hand: one owner at any time, and a supervisor's choice carries its reason."""

from datetime import timedelta

import pytest

from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Medium, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.ledger import DeskState
from tests.queueing.domain.test_capacity import ROUTINE, VOICE
from tests.queueing.domain.test_duty import enter, play, says
from tests.strategies import T0

LEAD = Actor(Role.SUPERVISOR, "su")
READY = (enter("an"), says("an", m.ReadySeat(1)), enter("bo"), says("bo", m.ReadySeat(1)))


def comes(contact: str, medium: Medium = Medium.TEXT) -> tuple[Command, Actor]:
    """Somebody asks for a counselor."""
    return m.RequestTicket(contact, medium, ROUTINE, T0), SYSTEM


TALK = (*READY, comes("c1"), says("an", m.AcceptOffer("c1.1.1")))


def holders(state: DeskState, contact: str) -> list[str]:
    """In whose hands a contact is."""
    return [seat.counselor for seat in state.seats.values() if contact in seat.contacts]


@pytest.mark.promise("R2")
def test_the_old_counselor_stays_until_the_new_one_accepts() -> None:
    state, _ = play(*TALK, says("an", m.OfferTransfer("c1", "bo")))
    assert (holders(state, "c1"), state.tickets["c1"].owner) == (["an"], "an")
    state, events = play(*TALK, says("an", m.OfferTransfer("c1", "bo")), says("bo", m.AcceptTransfer("c1")))
    assert (holders(state, "c1"), state.tickets["c1"].owner, state.tickets["c1"].epoch) == (["bo"], "bo", 2)
    assert m.TransferAccepted("c1", "an", "bo", "bo", Role.COUNSELOR, 2, T0) in events


@pytest.mark.parametrize(("who", "why"), [("bo", "declined"), ("an", "withdrawn")])
def test_a_transfer_nobody_takes_changes_nothing(who: str, why: str) -> None:
    state, events = play(*TALK, says("an", m.OfferTransfer("c1", "bo")), says(who, m.EndTransfer("c1")))
    assert state.tickets["c1"].owner == "an"
    assert [each.why for each in events if isinstance(each, m.TransferEnded)] == [why]
    with pytest.raises(Refused, match="stale_offer"):
        decide(state, m.AcceptTransfer("c1"), Actor(Role.COUNSELOR, "bo"), T0)


def test_a_transfer_that_is_not_answered_lapses() -> None:
    state, _ = play(*TALK, says("an", m.OfferTransfer("c1", "bo")))
    assert DECIDER.due(state) == T0 + timedelta(seconds=120)
    events = decide(state, Elapse(), SYSTEM, T0 + timedelta(seconds=120))
    assert m.TransferEnded("c1", "bo", "lapsed") in events


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (says("bo", m.OfferTransfer("c1", "bo")), "not_yours"),
        (says("an", m.OfferTransfer("c1", "an")), "not_yours"),
        (says("an", m.OfferTransfer("c1", "nobody")), "not_ready"),
        (says("an", m.OfferTransfer("c9", "bo")), "stale_offer"),
        (says("bo", m.AcceptTransfer("c1")), "stale_offer"),
        (says("bo", m.EndTransfer("c1")), "stale_offer"),
    ],
)
def test_what_is_not_theirs_to_hand_over_is_refused(said: tuple[Command, Actor], code: str) -> None:
    with pytest.raises(Refused, match=code):
        play(*TALK, said)


def test_nobody_on_a_call_takes_over_a_text() -> None:
    call = (comes("c2", VOICE), says("bo", m.AcceptOffer("c2.2.1")))
    with pytest.raises(Refused, match="not_ready"):
        play(*TALK, *call, says("an", m.OfferTransfer("c1", "bo")))


def test_a_supervisor_asks_one_counselor_for_one_contact_with_a_reason() -> None:
    crowd = (*TALK, comes("c2"), says("bo", m.AcceptOffer("c2.2.1")), comes("c3"), comes("c4"))
    state, events = play(*crowd, (m.AssignTicket("c4", "an", "knows the case"), LEAD))
    assert [offer.counselor for offer in state.tickets["c4"].offers] == ["an"]
    assert m.TicketAssigned("c4", "an", "knows the case") in events
    state, _ = play(*crowd, (m.AssignTicket("c1", "bo", "shift ends"), LEAD), says("bo", m.AcceptTransfer("c1")))
    assert sorted(state.seats["bo"].contacts) == ["c1", "c2"]


def test_only_a_supervisor_steers() -> None:
    for word in (m.AssignTicket("c1", "bo", "why"), m.SwitchIntake(False), m.SwitchSurge(True)):
        with pytest.raises(NotPermitted):
            play(*TALK, says("an", word))
