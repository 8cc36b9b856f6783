"""The call inside a session: asked, accepted, placed on a media worker, live, held, attended, handed over, ended.

A sub-machine of the session: the session's decider keeps a `CallState`, gives it the call commands with the facts it
knows (`Scene`), folds its events, and asks its `due` beside its own. A session has at most one call at a time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from chat.call_messages import (
    AcceptCall,
    AttendCall,
    BeginCall,
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
    MuteCall,
    PauseRecording,
    PlaceCall,
    ReportLeg,
    ReportRecording,
    RequestCall,
    Side,
)
from chat.domain.call_state import CallPhase, CallState, evolve, leg_of, may_open, of, routes, sides, staff_leg
from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Attending, Role
from kernel.wire import Command, Event

RING_FOR = timedelta(seconds=60)
CONNECT_WITHIN = timedelta(seconds=20)
KEEP_LOST = timedelta(seconds=60)


class Scene(msgspec.Struct, frozen=True):
    """What the session knows and the call needs: whose contact it is, who is in charge, whether they talk now.

    `attending` says who of the staff is present beside the counselor, and how; `beside` who may speak to the visitor.
    """

    contact: str
    counselor: str | None
    grade: Role
    active: bool
    attending: Mapping[str, Attending] = {}
    beside: tuple[str, ...] = ()
    line: str = ""


def decide(state: CallState, command: Command, by: Actor, now: datetime, scene: Scene) -> tuple[Event, ...]:
    """Answer a call command with what it causes."""
    if by == SYSTEM:
        return _decide_system(state, command, now, scene)
    if isinstance(command, MuteCall):
        return _mute(state, by, on=command.on)
    side = _side(scene, by)
    if side is None:
        return _decide_guest(state, command, by, now, scene)
    match command:
        case RequestCall():
            return _request(state, side, now, scene)
        case AcceptCall():
            if state.phase is CallPhase.ASKED and state.asked_by != side:
                return (_accepted(state.call, now, scene),)
            raise Refused("no_call")
        case DeclineCall():
            _needs(state, CallPhase.ASKED)
            return _ended(state, "declined", now)
        case EndCall():
            _needs(state, CallPhase.ASKED, CallPhase.CONNECTING, CallPhase.LIVE)
            return _ended(state, side, now)
        case HoldCall(on=on) if side == "counselor":
            _needs(state, CallPhase.LIVE)
            return _changed(state, CallHeld(state.call, on)) if on is not state.held else ()
        case PauseRecording(on=on):
            _needs(state, CallPhase.CONNECTING, CallPhase.LIVE)
            return (CallPaused(state.call, side, on),) if on is not (side in state.paused) else ()
    raise NotPermitted


def _mute(state: CallState, by: Actor, *, on: bool) -> tuple[Event, ...]:
    """Whoever has a leg tells of its microphone."""
    _needs(state, CallPhase.CONNECTING, CallPhase.LIVE)
    if not may_open(state, by):
        raise NotPermitted
    leg = leg_of(by)
    return (CallMuted(state.call, leg, of(state, leg), on),) if on is not (leg in state.muted) else ()


def _side(scene: Scene, by: Actor) -> Side | None:
    """Which of the two sides somebody is; None for everybody else."""
    if by.role is Role.VISITOR:
        return "visitor" if by.id == scene.contact else None
    return "counselor" if by.is_counseling and by.id == scene.counselor else None


def _decide_guest(state: CallState, command: Command, by: Actor, now: datetime, scene: Scene) -> tuple[Event, ...]:
    """Whoever is neither visitor nor in charge comes in as they attend the session, or to talk, and leaves again."""
    match command:
        case JoinCall() if by.is_counseling and (by.id in scene.attending or by.id in scene.beside):
            _needs(state, CallPhase.LIVE)
            if by.id in state.guests:
                return ()
            how = scene.attending.get(by.id)
            if how is not None:
                return _changed(state, CallAttended(state.call, by.id, by.role, how, now))
            return _changed(state, CallJoined(state.call, by.id, by.role, on=True, at=now))
        case LeaveCall() if by.is_counseling:
            return _leaves(state, (by.id,) if by.id in state.guests else (), now)
    raise NotPermitted


def _needs(state: CallState, *phases: CallPhase) -> None:
    """Refuse outside these phases."""
    if state.phase not in phases:
        raise Refused("no_call")


def _request(state: CallState, side: Side, now: datetime, scene: Scene) -> tuple[Event, ...]:
    """Ask; asking again is harmless, and asking while one is asked is saying yes."""
    if not scene.active:
        raise Refused("not_open")
    if state.phase is CallPhase.ASKED and state.asked_by != side:
        return (_accepted(state.call, now, scene),)
    return (_asked(state, side, now, scene),) if state.phase is CallPhase.NONE else ()


def _asked(state: CallState, side: Side, now: datetime, scene: Scene) -> CallRequested:
    """One side asks; calls of a contact are numbered."""
    return CallRequested(f"{scene.contact}.{state.count + 1}", side, now)


def _accepted(call: str, now: datetime, scene: Scene) -> CallAccepted:
    """Both want to talk."""
    return CallAccepted(call, scene.counselor or "", scene.grade, now, scene.line)


def _attend(state: CallState, command: AttendCall, now: datetime) -> tuple[Event, ...]:
    """A guest attends in another way; each change is in the log. What the lanes have no room for ends the visit."""
    known = state.guests.get(command.staff)
    if known is None or known.attending is command.how:
        return ()
    if command.how is None or known.attending is None:
        return _leaves(state, (command.staff,), now)
    try:
        event = CallAttended(state.call, command.staff, known.grade, command.how, now, known.attending)
        return _changed(state, event)
    except Refused:
        return _leaves(state, (command.staff,), now)


def _changed(state: CallState, event: Event) -> tuple[Event, ...]:
    """A change that must fit two lanes; raises Refused("lanes_taken") where it does not."""
    routes(evolve(state, event))
    return (event,)


def _leaves(state: CallState, names: tuple[str, ...], now: datetime) -> tuple[Event, ...]:
    """Guests leave: each is told of in the words in which they came."""
    events: list[Event] = []
    for name in names:
        guest = state.guests[name]
        if guest.attending is not None:
            events.append(CallAttended(state.call, name, guest.grade, None, now, guest.attending))
        else:
            events.append(CallJoined(state.call, name, guest.grade, on=False, at=now))
    return tuple(events)


def _ended(state: CallState, reason: EndReason, now: datetime) -> tuple[Event, ...]:
    """The end of a call: nothing is recorded any more, everybody else leaves, then it is over."""
    ended = CallEnded(state.call, reason, now, state.line)
    return (*_silenced(state, now), *_leaves(state, tuple(state.guests), now), ended)


def _silenced(state: CallState, now: datetime) -> tuple[Event, ...]:
    """What was being recorded is so no more."""
    return (CallRecorded(state.call, on=False, at=now),) if state.recorded else ()


def _decide_system(state: CallState, command: Command, now: datetime, scene: Scene) -> tuple[Event, ...]:
    """News of media workers, of the session and of time; never refused."""
    match command:
        case PlaceCall(call=call) if state.going_on and call == state.call:
            fits = command.instead_of == state.node != command.node
            return (*_silenced(state, now), CallPlaced(call, now, command.node)) if fits else ()
        case ReportLeg() | ReportRecording() if state.going_on:
            mine = command.call == state.call and command.node == state.node
            return _reported(state, command, now) if mine else ()
        case BeginCall() if state.phase is CallPhase.NONE and scene.active:
            asked = _asked(state, "visitor", now, scene)
            return (asked, _accepted(asked.call, now, scene))
        case HandOverCall() if state.going_on and command.counselor != state.counselor:
            return (CallHandedOver(state.call, command.counselor, command.grade, now),)
        case AttendCall() if state.going_on:
            return _attend(state, command, now)
        case LeaveCall():
            talking = (name for name, guest in state.guests.items() if guest.attending is None)
            return _leaves(state, tuple(name for name in talking if name not in scene.beside), now)
        case CloseCall(reason=reason) if state.phase is not CallPhase.NONE:
            return _ended(state, reason, now)
        case Elapse():
            return _elapse(state, now)
    return ()


def _reported(state: CallState, command: ReportLeg | ReportRecording, now: datetime) -> tuple[Event, ...]:
    """What the call's own media worker tells."""
    match command:
        case ReportRecording(on=on):
            return (CallRecorded(state.call, on, now),) if on is not state.recorded else ()
        case ReportLeg(leg=leg, what="connected"):
            return _connected(state, leg, now)
        case ReportLeg(leg=leg) if leg in state.connected:
            return (LegLost(state.call, leg, of(state, leg), now),)
    return ()


def _connected(state: CallState, leg: str, now: datetime) -> tuple[Event, ...]:
    """A leg is there; with both sides there the call is live."""
    if leg in state.connected:
        return ()
    events: tuple[Event, ...] = (LegConnected(state.call, leg, of(state, leg)),)
    both = {*sides(state)} <= {*state.connected, leg}
    return (*events, CallStarted(state.call, now)) if both and state.phase is CallPhase.CONNECTING else events


def _elapse(state: CallState, now: datetime) -> tuple[Event, ...]:
    """Nobody answered, media did not come up, a side was lost for too long; a guest who was simply leaves."""
    wake = due(state)
    if wake is None or now < wake:
        return ()
    if state.phase is CallPhase.ASKED:
        return _ended(state, "no_answer", now)
    if state.phase is CallPhase.CONNECTING:
        return _ended(state, "not_connected", now)
    late = {leg for leg, at in state.lost.items() if now >= at + KEEP_LOST}
    if late & {*sides(state)}:
        return _ended(state, "lost", now)
    return _leaves(state, tuple(name for name in state.guests if staff_leg(name) in late), now)


def due(state: CallState) -> datetime | None:
    """When nobody has answered, media did not come up, or somebody was lost for too long."""
    if state.phase is CallPhase.ASKED and state.since is not None:
        return state.since + RING_FOR
    if state.phase is CallPhase.CONNECTING and state.since is not None:
        return state.since + CONNECT_WITHIN
    here = {*sides(state), *map(staff_leg, state.guests)}
    lost = [at for leg, at in state.lost.items() if leg in here]
    return min(lost) + KEEP_LOST if state.phase is CallPhase.LIVE and lost else None
