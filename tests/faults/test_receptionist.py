"""The staff of the desk's drill do what people at a console do: what came too early is said again, and nothing else."""

import random
from typing import Any

import pytest

from tests.faults.receptionist import AGAIN_S, Lead, Receptionist
from tests.faults.talker import Frame

SOCKET: Any = None  # nothing is sent in these stories
NOBODY: Frame = {"seats": {}, "tickets": {}}


def write_up(counselor: Receptionist, contact: str) -> Frame:
    """Send a wrap-up the way `work` does; answers what stands in the outbox."""
    counselor.to_write_up.pop(contact)
    counselor.done.add(contact)
    counselor.command(f"session.{contact}", {"type": "wrap_up.submit", "disposition": "resolved", "note": ""})
    return counselor._outbox[0]


def counselor() -> Receptionist:
    """Somebody whose talk with c1 has ended."""
    someone = Receptionist("drill1", ["http://127.0.0.1:1"], {}, random.Random(1))
    someone._ended("c1")
    return someone


async def test_a_talk_whose_alarm_stands_is_written_up_later() -> None:
    someone = counselor()
    said = write_up(someone, "c1")
    await someone._answered(said, {"op": "refused", "id": said["id"], "code": "escalation_open"})
    assert someone.to_write_up["c1"] > AGAIN_S
    assert someone.refused == {"wrap_up.submit escalation_open": 1}
    assert not someone.waiting


@pytest.mark.parametrize("answer", [{"op": "ack"}, {"op": "refused", "code": "not_yours"}])
async def test_what_was_acknowledged_or_is_another_s_is_not_said_again(answer: Frame) -> None:
    someone = counselor()
    said = write_up(someone, "c1")
    await someone._answered(said, {**answer, "id": said["id"]})
    assert not someone.to_write_up


async def test_a_command_that_shall_come_later_stays_in_the_outbox_and_is_no_refusal() -> None:
    someone = counselor()
    said = write_up(someone, "c1")
    await someone._answered(said, {"op": "refused", "id": said["id"], "code": "too_fast", "retry_ms": 1})
    assert someone.waiting
    assert not someone.refused


async def test_the_supervisor_has_every_alarm_the_board_shows_until_the_board_shows_it_no_more() -> None:
    lead = Lead("drill0", ["http://127.0.0.1:1"], {}, random.Random(1))
    frame = {"op": "snapshot", "feed": "desk.main", "seq": 3, "view": {**NOBODY, "alarms": {"c1": {}, "c2": {}}}}
    await lead._take(SOCKET, frame)
    assert set(lead.alarms) == {"c1", "c2"}
    over = {"type": "alarm.cleared", "contact": "c1"}
    await lead._take(SOCKET, {"op": "event", "feed": "desk.main", "seq": 4, "prev": 3, "event": over})
    assert set(lead.alarms) == {"c2"}
    assert lead.cleared == 1
    await lead._take(SOCKET, {**frame, "seq": 5, "view": {**NOBODY, "alarms": {}}})
    assert not lead.alarms
