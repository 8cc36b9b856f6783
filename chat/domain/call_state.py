"""What is known of a session's call, how each event changes it, who hears whom, and who has a leg in it."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from chat.call_messages import (
    CallAccepted,
    CallAttended,
    CallEnded,
    CallHandedOver,
    CallHeld,
    CallJoined,
    CallMuted,
    CallPaused,
    CallPlaced,
    CallRecorded,
    CallRequested,
    CallStarted,
    LegConnected,
    LegLost,
    Of,
)
from chat.domain.lanes import Party, Route, arrange
from kernel.terms import Actor, Attending, Role
from kernel.wire import Event

VISITOR_LEG = "visitor"
V = TypeVar("V")


class CallPhase(StrEnum):
    """Where a call stands; `none` before the first and after each."""

    NONE = "none"
    ASKED = "asked"
    CONNECTING = "connecting"
    LIVE = "live"


class Guest(msgspec.Struct, frozen=True):
    """Somebody of the staff beside the one in charge: they attend in some way, or talk (None)."""

    grade: Role
    attending: Attending | None


class CallState(msgspec.Struct, frozen=True):
    """What is known of a session's call; `count` numbers its calls, `revision` its arrangements.

    `cut` says that the last call ended because its counselor was lost: the next one takes it up again.
    """

    count: int = 0
    phase: CallPhase = CallPhase.NONE
    call: str = ""
    asked_by: str = ""
    since: datetime | None = None
    node: str = ""
    counselor: str = ""
    grade: Role = Role.COUNSELOR
    connected: frozenset[str] = frozenset()
    lost: dict[str, datetime] = {}
    held: bool = False
    guests: dict[str, Guest] = {}
    muted: frozenset[str] = frozenset()
    paused: frozenset[str] = frozenset()
    recorded: bool = False
    cut: bool = False
    line: str = ""
    revision: int = 0

    @property
    def going_on(self) -> bool:
        """True from the moment both agreed until the end."""
        return self.phase in (CallPhase.CONNECTING, CallPhase.LIVE)

    @property
    def to_be_recorded(self) -> bool:
        """True while both talk and nobody is on hold or has asked for a pause; whether it is allowed, others say."""
        return self.phase is CallPhase.LIVE and not self.held and not self.paused


def leg_of(actor: Actor) -> str:
    """The id of somebody's leg: one per person and call."""
    return VISITOR_LEG if actor.role is Role.VISITOR else staff_leg(actor.id)


def staff_leg(staff: str) -> str:
    """The id of a staff member's leg."""
    return f"staff.{staff}"


def sides(state: CallState) -> tuple[str, str]:
    """The two legs a call cannot do without."""
    return VISITOR_LEG, staff_leg(state.counselor)


def of(state: CallState, leg: str) -> Of:
    """What a leg is to the call."""
    if leg == VISITOR_LEG:
        return "visitor"
    return "counselor" if leg == staff_leg(state.counselor) else "guest"


def legs(state: CallState) -> frozenset[str]:
    """Every leg that may be there now; a media worker hangs up all others."""
    if not state.going_on:
        return frozenset()
    return frozenset({*sides(state), *map(staff_leg, state.guests)})


def routes(state: CallState) -> frozenset[Route]:
    """Who hears whom now; nothing before the call is accepted."""
    if not state.going_on:
        return frozenset()
    holder = staff_leg(state.counselor)
    parties = [Party(VISITOR_LEG, Role.VISITOR), Party(holder, state.grade)]
    parties += [Party(staff_leg(name), guest.grade, guest.attending) for name, guest in state.guests.items()]
    return arrange(parties, holder=holder, held=state.held)


def may_open(state: CallState, actor: Actor) -> bool:
    """Whether this person has a leg in the call now; the switchboard asks before it passes an offer on."""
    if actor.role is Role.VISITOR and not state.call.startswith(f"{actor.id}."):
        return False
    return leg_of(actor) in legs(state)


def evolve(state: CallState, event: Event) -> CallState:
    """Apply one event; every change of who hears whom is a new revision."""
    change, revision = msgspec.structs.replace, state.revision + 1
    match event:
        case CallRequested():
            return CallState(state.count + 1, CallPhase.ASKED, event.call, event.side, event.at, revision=revision)
        case CallAccepted():
            fresh = change(state, phase=CallPhase.CONNECTING, since=event.at, revision=revision)
            return change(fresh, counselor=event.counselor, grade=event.grade, line=event.line)
        case CallPlaced(node=node):
            lost = {**dict.fromkeys(state.connected, event.at), **state.lost}
            return change(state, node=node, connected=frozenset(), lost=lost, recorded=False, revision=revision)
        case LegConnected(leg=leg):
            return change(state, connected=state.connected | {leg}, lost=_without(state.lost, leg))
        case LegLost(leg=leg):
            return change(state, connected=state.connected - {leg}, lost={**state.lost, leg: event.at})
        case CallStarted():
            return change(state, phase=CallPhase.LIVE, since=event.at)
        case CallHeld(on=on):
            return change(state, held=on, revision=revision)
        case CallAttended() | CallJoined():
            return change(_visited(state, event), revision=revision)
        case CallHandedOver():
            return change(_handed_over(state, event), revision=revision)
        case CallMuted(on=True):
            return change(state, muted=state.muted | {event.leg})
        case CallMuted():
            return change(state, muted=state.muted - {event.leg})
        case CallPaused(on=True):
            return change(state, paused=state.paused | {event.side})
        case CallPaused():
            return change(state, paused=state.paused - {event.side})
        case CallRecorded(on=on):
            return change(state, recorded=on)
        case CallEnded(reason=reason):
            return CallState(count=state.count, cut=reason == "counselor_lost", revision=revision)
    return state


def _visited(state: CallState, event: CallAttended | CallJoined) -> CallState:
    """A guest comes, changes or leaves; whoever comes has as long to connect as somebody who was lost."""
    match event:
        case CallAttended(staff=name, grade=grade, how=how):
            guest = Guest(grade, how) if how is not None else None
        case CallJoined(staff=name, grade=grade, on=on):
            guest = Guest(grade, None) if on else None
    leg = staff_leg(name)
    if guest is None:
        guests, lost = _without(state.guests, name), _without(state.lost, leg)
        gone = {"connected": state.connected - {leg}, "muted": state.muted - {leg}}
        return msgspec.structs.replace(state, guests=guests, lost=lost, **gone)
    waits = {} if leg in state.connected or leg in state.lost else {leg: event.at}
    return msgspec.structs.replace(state, guests={**state.guests, name: guest}, lost={**state.lost, **waits})


def _handed_over(state: CallState, event: CallHandedOver) -> CallState:
    """The new counselor has a minute to connect, or is there already as a guest; the old one's leg is forgotten."""
    new, old = staff_leg(event.counselor), staff_leg(state.counselor)
    lost = _without(state.lost, old) if new in state.connected else {**_without(state.lost, old), new: event.at}
    return msgspec.structs.replace(
        state,
        counselor=event.counselor,
        grade=event.grade,
        held=False,
        lost=lost,
        connected=state.connected - {old},
        muted=state.muted - {old},
        guests=_without(state.guests, event.counselor),
        paused=state.paused - {"counselor"},
    )


def _without(mapping: dict[str, V], name: str) -> dict[str, V]:
    """A copy without one entry."""
    return {each: value for each, value in mapping.items() if each != name}
