"""A supervisor and the people on duty."""

import pytest

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Role
from queueing import messages as m
from queueing.domain.desk import decide
from queueing.domain.seat import SeatState
from queueing.messages.team import (
    AcknowledgeNotice,
    NoticeAcknowledged,
    NoticeSent,
    ReleaseSeat,
    SeatReleased,
    SendNotice,
)
from tests.queueing.domain.test_capacity import ROUTINE
from tests.queueing.domain.test_duty import enter, play, says
from tests.queueing.domain.test_handover import READY, comes
from tests.strategies import T0

LEAD = Actor(Role.SUPERVISOR, "su")
SAID = (SendNotice("三点开短会"), LEAD)


def test_a_message_goes_to_whoever_is_here_and_is_read_once_by_each() -> None:
    _, events = play(*READY, enter("su", grade=Role.SUPERVISOR), SAID)
    assert events[-1] == NoticeSent("n1", "su", "三点开短会", T0, ("an", "bo"))
    read = says("an", AcknowledgeNotice("n1"))
    state, events = play(*READY, SAID, read, read)
    assert [each for each in events if isinstance(each, NoticeAcknowledged)] == [NoticeAcknowledged("n1", "an")]
    assert decide(state, AcknowledgeNotice("n7"), Actor(Role.COUNSELOR, "an"), T0) == ()


def test_who_is_taken_off_is_asked_for_nobody_and_keeps_what_is_in_hand() -> None:
    talk = (*READY[:2], comes("c1"), says("an", m.AcceptOffer("c1.1.1")), says("an", m.ReadySeat(2)), comes("c2"))
    state, events = play(*talk, (ReleaseSeat("an", "已连续三小时"), LEAD), comes("c3"))
    assert SeatReleased("an", "已连续三小时", T0) in events
    assert (state.seats["an"].state, state.seats["an"].contacts) == (SeatState.PAUSED, ("c1",))
    assert not any(ticket.offers for ticket in state.tickets.values())
    state, _ = play(*talk, (ReleaseSeat("an", "x"), LEAD), says("an", m.ReadySeat(3)))
    assert [ticket.contact for ticket in state.tickets.values() if ticket.offers] == ["c2"]
    assert ROUTINE is state.tickets["c2"].risk


@pytest.mark.parametrize(("reason", "who", "code"), [(" ", "an", "no_reason"), ("x", "nobody", "no_seat")])
def test_a_release_names_somebody_and_a_reason(reason: str, who: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        play(*READY, (ReleaseSeat(who, reason), LEAD))


def test_only_a_supervisor_says_so() -> None:
    for word in (SendNotice("x"), ReleaseSeat("an", "x")):
        with pytest.raises(NotPermitted):
            play(*READY, says("an", word))
