"""A supervisor and the people on duty: a message to all with who has read it, and somebody taken off for now."""

from datetime import datetime

from kernel.decider import Draft
from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor
from kernel.wire import Command
from queueing.domain.duty import hush
from queueing.domain.ledger import DeskState
from queueing.domain.seat import SeatState
from queueing.messages.team import (
    AcknowledgeNotice,
    NoticeAcknowledged,
    NoticeSent,
    ReleaseSeat,
    SeatReleased,
    SendNotice,
)

Desk = Draft[DeskState]


def decide(desk: Desk, command: Command, by: Actor, now: datetime) -> None:
    """What a supervisor says to the people on duty, from wherever they are."""
    match command:
        case SendNotice(text=text):
            here = tuple(
                seat.counselor for seat in desk.state.seats.values() if seat.present and seat.counselor != by.id
            )
            desk.emit(NoticeSent(f"n{desk.state.next_notice}", by.id, text, now, here))
        case ReleaseSeat(counselor=counselor, reason=reason):
            seat = desk.state.seats.get(counselor)
            if seat is None or seat.state is SeatState.OFF:
                raise Refused("no_seat")
            if not reason.strip():
                raise Refused("no_reason")
            hush(desk, seat)
            desk.emit(SeatReleased(counselor, reason, now))
        case _:
            raise NotPermitted


def acknowledge(desk: Desk, command: AcknowledgeNotice, by: Actor) -> None:
    """Somebody has read a message; said again, or of one that is over, it says nothing."""
    notice = desk.state.notices.get(command.notice)
    if notice is not None and by.id not in notice.read_by:
        desk.emit(NoticeAcknowledged(command.notice, by.id))
