"""The call inside a session: asked, accepted, placed on a media worker, live, held, attended, handed over, ended.

A sub-machine of the session: the session's decider keeps a `CallState`, gives it the call commands with the facts it
knows (`Scene`), folds its events, and asks its `due` beside its own. A session has at most one call at a time.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from chat.call_messages import (
    AcceptCall,
    AttendCall,
    CallAccepted,
    CallAttended,
    CallEnded,
    CallHandedOver,
    CallHeld,
    CallJoined,
    CallPlaced,
    CallRequested,
    CallStarted,
    CloseCall,
    DeclineCall,
    EndCall,
    EndReason,
    HandOverCall,
    HoldCall,
    JoinCall,
    LeaveCall,
    LegConnected,
    LegLost,
    PlaceCall,
    ReportLeg,
    RequestCall,
)
from chat.domain.lanes import Party, Route, arrange
from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Attending, Role
from kernel.wire import Command, Event

RING_FOR = timedelta(seconds=60)
CONNECT_WITHIN = timedelta(seconds=20)
KEEP_LOST = timedelta(seconds=60)
VISITOR_LEG = "visitor"


class CallPhase(StrEnum):
    """Where a call stands; `none` before the first and after each."""

    NONE = "none"
    ASKED = "asked"
    CONNECTING = "connecting"
    LIVE = "live"


class Guest(msgspec.Struct, frozen=True):
    """Somebody of the staff beside the one in charge: a supervisor attends in some way, a colleague talks (None)."""

    grade: Role
    attending: Attending | None


class CallState(msgspec.Struct, frozen=True):
    """What is known of a session's call; `count` numbers its calls, `revision` its arrangements."""

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
    revision: int = 0


class Scene(msgspec.Struct, frozen=True):
    """What the session knows and the call needs: whose contact it is, who is in charge, whether they talk now."""

    contact: str
    counselor: str | None
    grade: Role
    active: bool


def leg_of(actor: Actor) -> str:
    """The id of somebody's leg: one per person and call."""
    return VISITOR_LEG if actor.role is Role.VISITOR else f"staff.{actor.id}"


def routes(state: CallState) -> frozenset[Route]:
    """Who hears whom now; nothing before the call is accepted."""
    if state.phase not in (CallPhase.CONNECTING, CallPhase.LIVE):
        return frozenset()
    holder = f"staff.{state.counselor}"
    parties = [Party(VISITOR_LEG, Role.VISITOR), Party(holder, state.grade)]
    parties += [Party(f"staff.{name}", guest.grade, guest.attending) for name, guest in state.guests.items()]
    return arrange(parties, holder=holder, held=state.held)


def may_open(state: CallState, actor: Actor) -> bool:
    """Whether this person has a leg in the call now; the switchboard asks before it passes an offer on."""
    if state.phase not in (CallPhase.CONNECTING, CallPhase.LIVE):
        return False
    if actor.role is Role.VISITOR:
        return state.call.startswith(f"{actor.id}.")
    return actor.id == state.counselor or actor.id in state.guests


def decide(state: CallState, command: Command, by: Actor, now: datetime, scene: Scene) -> tuple[Event, ...]:
    """Answer a call command with what it causes."""
    if by == SYSTEM:
        return _decide_system(state, command, now)
    side = _side(scene, by)
    match command:
        case RequestCall() if side:
            return _request(state, side, by, now, scene)
        case AcceptCall() if side:
            if state.phase is CallPhase.ASKED and state.asked_by != side:
                return (_accepted(state.call, now, scene),)
            raise Refused("no_call")
        case DeclineCall() if side:
            _needs(state, CallPhase.ASKED)
            return (CallEnded(state.call, "declined", now),)
        case EndCall() if side:
            _needs(state, CallPhase.ASKED, CallPhase.CONNECTING, CallPhase.LIVE)
            reason: EndReason = "visitor" if side == "visitor" else "counselor"
            return (CallEnded(state.call, reason, now),)
        case HoldCall(on=on) if side == "counselor":
            _needs(state, CallPhase.LIVE)
            return _changed(state, CallHeld(state.call, on)) if on is not state.held else ()
        case AttendCall(how=how) if by.role is Role.SUPERVISOR and side is None:
            return _attend(state, by, how)
        case JoinCall() if by.is_counseling and side is None:
            _needs(state, CallPhase.LIVE)
            return () if by.id in state.guests else _changed(state, CallJoined(state.call, by.id, by.role, on=True))
        case LeaveCall() if by.id in state.guests:
            return (CallJoined(state.call, by.id, by.role, on=False),)
    raise NotPermitted


def _side(scene: Scene, by: Actor) -> str | None:
    """Which of the two sides somebody is; None for everybody else."""
    if by.role is Role.VISITOR:
        return "visitor" if by.id == scene.contact else None
    return "counselor" if by.is_counseling and by.id == scene.counselor else None


def _needs(state: CallState, *phases: CallPhase) -> None:
    """Refuse outside these phases."""
    if state.phase not in phases:
        raise Refused("no_call")


def _request(state: CallState, side: str, by: Actor, now: datetime, scene: Scene) -> tuple[Event, ...]:
    """Ask; asking again is harmless, and asking while one is asked is saying yes."""
    if not scene.active:
        raise Refused("not_open")
    if state.phase is CallPhase.ASKED and state.asked_by != side:
        return (_accepted(state.call, now, scene),)
    if state.phase is not CallPhase.NONE:
        return ()
    call = f"{scene.contact}.{state.count + 1}"
    return (CallRequested(call, "visitor" if by.role is Role.VISITOR else "counselor", now),)


def _accepted(call: str, now: datetime, scene: Scene) -> CallAccepted:
    """Both want to talk."""
    return CallAccepted(call, scene.counselor or "", scene.grade, now)


def _attend(state: CallState, by: Actor, how: Attending | None) -> tuple[Event, ...]:
    """A supervisor comes, changes or goes; each change is an event, so each is in the log."""
    _needs(state, CallPhase.LIVE)
    known = state.guests.get(by.id)
    if (known is None and how is None) or (known is not None and known.attending is how):
        return ()
    return _changed(state, CallAttended(state.call, by.id, how))


def _changed(state: CallState, event: Event) -> tuple[Event, ...]:
    """A change that must fit two lanes; raises Refused("lanes_taken") where it does not."""
    routes(evolve(state, event))
    return (event,)


def _decide_system(state: CallState, command: Command, now: datetime) -> tuple[Event, ...]:
    """News of media workers, of the desk and of time; never refused."""
    going_on = state.phase in (CallPhase.CONNECTING, CallPhase.LIVE)
    match command:
        case PlaceCall(call=call, node=node) if going_on and call == state.call and node != state.node:
            return (CallPlaced(call, node, now),)
        case ReportLeg(call=call, leg=leg, what="connected") if going_on and call == state.call:
            return _connected(state, leg, now)
        case ReportLeg(call=call, leg=leg, what="lost") if going_on and call == state.call:
            return (LegLost(call, leg, now),) if leg in state.connected else ()
        case HandOverCall() if going_on and command.counselor != state.counselor:
            return (CallHandedOver(state.call, command.counselor, command.grade, now),)
        case CloseCall() if state.phase is not CallPhase.NONE:
            return (CallEnded(state.call, "session_over", now),)
        case Elapse():
            wake = due(state)
            if wake is not None and now >= wake:
                return (CallEnded(state.call, _why(state), now),)
    return ()


def _connected(state: CallState, leg: str, now: datetime) -> tuple[Event, ...]:
    """A leg is there; with both sides there the call is live."""
    if leg in state.connected:
        return ()
    events: tuple[Event, ...] = (LegConnected(state.call, leg),)
    both = {VISITOR_LEG, f"staff.{state.counselor}"} <= {*state.connected, leg}
    return (*events, CallStarted(state.call, now)) if both and state.phase is CallPhase.CONNECTING else events


def _why(state: CallState) -> EndReason:
    """Why time ended the call."""
    if state.phase is CallPhase.ASKED:
        return "no_answer"
    return "not_connected" if state.phase is CallPhase.CONNECTING else "lost"


def due(state: CallState) -> datetime | None:
    """When nobody has answered, media did not come up, or a side was lost for too long."""
    if state.phase is CallPhase.ASKED and state.since is not None:
        return state.since + RING_FOR
    if state.phase is CallPhase.CONNECTING and state.since is not None:
        return state.since + CONNECT_WITHIN
    sides = (VISITOR_LEG, f"staff.{state.counselor}")
    lost = [at for leg, at in state.lost.items() if leg in sides]
    return min(lost) + KEEP_LOST if state.phase is CallPhase.LIVE and lost else None


def evolve(state: CallState, event: Event) -> CallState:
    """Apply one event; every change of who hears whom is a new revision."""
    change, revision = msgspec.structs.replace, state.revision + 1
    match event:
        case CallRequested():
            return CallState(state.count + 1, CallPhase.ASKED, event.call, event.side, event.at, revision=revision)
        case CallAccepted():
            fresh = change(state, phase=CallPhase.CONNECTING, since=event.at, revision=revision)
            return change(fresh, counselor=event.counselor, grade=event.grade)
        case CallPlaced(node=node):
            return change(state, node=node, connected=frozenset(), lost=_all_lost(state, event.at), revision=revision)
        case LegConnected(leg=leg):
            lost = {name: at for name, at in state.lost.items() if name != leg}
            return change(state, connected=state.connected | {leg}, lost=lost)
        case LegLost(leg=leg):
            return change(state, connected=state.connected - {leg}, lost={**state.lost, leg: event.at})
        case CallStarted():
            return change(state, phase=CallPhase.LIVE, since=event.at)
        case CallHeld(on=on):
            return change(state, held=on, revision=revision)
        case CallAttended(how=None):
            return change(state, guests=_without(state, event.supervisor), revision=revision)
        case CallAttended(how=how):
            guests = {**state.guests, event.supervisor: Guest(Role.SUPERVISOR, how)}
            return change(state, guests=guests, revision=revision)
        case CallJoined(on=True):
            return change(state, guests={**state.guests, event.staff: Guest(event.grade, None)}, revision=revision)
        case CallJoined():
            return change(state, guests=_without(state, event.staff), revision=revision)
        case CallHandedOver():
            lost = {**state.lost, f"staff.{event.counselor}": event.at}
            lost = {
                leg: at for leg, at in lost.items() if leg not in state.connected and leg != f"staff.{state.counselor}"
            }
            fresh = change(state, counselor=event.counselor, grade=event.grade, held=False, lost=lost)
            return change(fresh, guests=_without(state, event.counselor), revision=revision)
        case CallEnded():
            return CallState(count=state.count, revision=revision)
    return state


def _without(state: CallState, staff: str) -> dict[str, Guest]:
    """Everybody's guests but one."""
    return {name: guest for name, guest in state.guests.items() if name != staff}


def _all_lost(state: CallState, at: datetime) -> dict[str, datetime]:
    """On a new worker nobody is connected yet; who was, has a minute to come."""
    return {**dict.fromkeys(state.connected, at), **state.lost}
