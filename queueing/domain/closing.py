"""The end of the hours, and what a supervisor may bring forward: who waits keeps the place for the next opening."""

from bisect import bisect_right
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from kernel.decider import Draft
from kernel.errors import NotPermitted, Refused
from kernel.terms import Medium, RiskLevel
from kernel.wire import Command
from queueing.domain import handover
from queueing.domain.duty import silence
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket
from queueing.messages import (
    AssignTicket,
    BookCallback,
    CallbackBooked,
    CallbackCancelled,
    CallbackDue,
    IntakeSwitched,
    OpenInterval,
    SurgeSwitched,
    SwitchIntake,
    SwitchSurge,
    TicketDeflected,
    TicketWithdrawn,
)
from queueing.messages.waits import IntakeStoppedSoftly, StopSoftly

Desk = Draft[DeskState]
Ends = dict[Medium, tuple[datetime, ...]]
SURGE_FOR = timedelta(hours=2)
"""A surge is looked at again after this, or it is over."""
CLOSED_AT_MOST = timedelta(hours=12)
_A_MOMENT = timedelta(microseconds=1)


def steer(desk: Desk, command: Command, now: datetime) -> None:
    """What a supervisor says to a desk."""
    match command:
        case AssignTicket():
            handover.assign(desk, command, now)
        case SwitchIntake(open=open_, reason=reason):
            _switch_intake(desk, open_=open_, reason=reason, now=now)
        case SwitchSurge(on=on):
            desk.emit(SurgeSwitched(now + SURGE_FOR if on else None))
        case _:
            raise NotPermitted


def _switch_intake(desk: Desk, *, open_: bool, reason: str, now: datetime) -> None:
    """Turn newcomers away until these hours end, never longer: nobody finds the door locked tomorrow."""
    ends = [span.closes_at for span in desk.state.intervals if span.opens_at <= now < span.closes_at]
    if not (open_ or reason.strip()):
        raise Refused("no_reason")
    these = max(ends, default=now + CLOSED_AT_MOST)
    until, kept = (None, these) if open_ else (these, None)
    softly = any(desk.state.soft_stop.holds(medium, now) for medium in Medium)
    if until != desk.state.intake_closed_until or (open_ and softly):
        desk.emit(IntakeSwitched(until, reason, kept))


def stop_softly(desk: Desk, command: StopSoftly, now: datetime) -> None:
    """The estimate: whoever came now would not be answered any more today; danger is let in all the same."""
    closes = closing_after(desk.state.intervals, command.medium, now)
    known = desk.state.soft_stop.until.get(command.medium)
    if command.on and closes is not None and known != closes and not desk.state.soft_stop.is_kept_open(now):
        desk.emit(IntakeStoppedSoftly(command.medium, closes))
    elif not command.on and known is not None:
        desk.emit(IntakeStoppedSoftly(command.medium))


def taking_from(state: DeskState, medium: Medium) -> datetime | None:
    """Until when newcomers by this medium are turned away: by a supervisor, or by the estimate."""
    stops = (state.intake_closed_until, state.soft_stop.until.get(medium))
    return max((at for at in stops if at is not None), default=None)


def book(desk: Desk, ticket: Ticket, command: BookCallback, now: datetime) -> None:
    """The visitor would rather be called back; a higher risk is never put off."""
    wish = msgspec.structs.replace(command, medium=ticket.medium)
    at = place_for_call(desk.state, wish, now) or command.not_before
    urgent = ticket.tier == 0 or ticket.risk >= RiskLevel.HIGH
    not_before = None if urgent or at is None or at <= now else at
    if ticket.waits and (not ticket.callback or ticket.not_before != not_before):
        silence(desk, ticket)
        desk.emit(CallbackBooked(ticket.contact, not_before, "wish"))


def place_for_call(state: DeskState, command: BookCallback, now: datetime) -> datetime | None:
    """From when on somebody without a place may be called: not before they wish, within the hours; None: never."""
    from_ = max(now, command.not_before or now)
    own = [span for span in state.intervals if span.medium is command.medium]
    if any(span.opens_at <= from_ < span.closes_at for span in own):
        return from_
    return _next_opening(state.intervals, command.medium, from_)


def take_back(desk: Desk, ticket: Ticket, now: datetime) -> None:
    """No call after all: an ordinary place while the line is open, else none until they ask again."""
    if not ticket.callback or not ticket.waits:
        return
    own = [span for span in desk.state.intervals if span.medium is ticket.medium]
    if any(span.opens_at <= now < span.closes_at for span in own) or ticket.risk >= RiskLevel.HIGH:
        desk.emit(CallbackCancelled(ticket.contact, now, ticket.number))
        return
    silence(desk, ticket)
    desk.emit(TicketWithdrawn(ticket.contact))
    opens_at = _next_opening(desk.state.intervals, ticket.medium, now)
    desk.emit(TicketDeflected(ticket.contact, "closed", opens_at))


def instant(ends: Ends, ticket: Ticket) -> datetime | None:
    """When the hours end, or begin again, for somebody who waits; None where they do nothing to them."""
    if not ticket.waits:
        return None
    if ticket.not_before is not None:
        return ticket.not_before
    if ticket.tier == 0 or ticket.risk >= RiskLevel.HIGH or ticket.epoch:  # whoever had an answer stays
        return None
    own = ends.get(ticket.medium, ())
    place = bisect_right(own, ticket.waits_since)
    return own[place] if place < len(own) else None


def elapse(desk: Desk, ticket: Ticket, now: datetime) -> None:
    """At the hard stop who is out of danger keeps the place until the next opening; danger stays."""
    due = instant(ends_of(desk.state.intervals), ticket)
    if due is None or due > now:
        return
    if ticket.not_before is None:
        opens = _next_opening(desk.state.intervals, ticket.medium, due)
        silence(desk, ticket)
        desk.emit(CallbackBooked(ticket.contact, opens))
        if opens is not None and opens > now:
            return
    desk.emit(CallbackDue(ticket.contact, now, ticket.number))


@lru_cache(maxsize=64)
def ends_of(intervals: tuple[OpenInterval, ...]) -> Ends:
    """Where the hours end and open again, by medium, in order: looked up for everybody who waits, at each decision."""
    ends = {}
    for medium in Medium:
        own = [span for span in intervals if span.medium is medium]
        last = max((span.opens_at for span in own), default=None)
        found = {closing_after(intervals, medium, span.closes_at - _A_MOMENT) for span in own}
        ends[medium] = tuple(sorted(end for end in found if end is not None and last is not None and end <= last))
    return ends


def closing_after(intervals: tuple[OpenInterval, ...], medium: Medium, at: datetime) -> datetime | None:
    """The first end of hours after an instant; hours that go on without a gap are one."""
    own = [span for span in intervals if span.medium is medium]
    ends = [span.closes_at for span in own if span.closes_at > at]
    return min((end for end in ends if not any(span.opens_at <= end < span.closes_at for span in own)), default=None)


def _next_opening(intervals: tuple[OpenInterval, ...], medium: Medium, at: datetime) -> datetime | None:
    """The first begin of hours at an instant or later."""
    return min((span.opens_at for span in intervals if span.medium is medium and span.opens_at >= at), default=None)
