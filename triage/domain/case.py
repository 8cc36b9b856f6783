"""The case of one contact: intake, the level of risk, who raised it and why.

A machine may only raise. A person with a name may lower, with a reason. The level of a case is what the desk orders by.
"""

from datetime import datetime

import msgspec

from kernel.decider import Decider, Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, RiskLevel, Role
from kernel.wire import Command, Event
from triage.domain import intake
from triage.messages import (
    COMMANDS,
    EVENTS,
    CaseClosed,
    CaseOpened,
    CloseCase,
    IntakeLapsed,
    IntakeSubmitted,
    LowerRisk,
    OpenCase,
    RaiseRisk,
    ReasonCode,
    RiskAssessed,
    RiskLowered,
    RiskRaised,
    Source,
    SubmitIntake,
    Visit,
)
from triage.policy import POLICY


class CaseState(msgspec.Struct, frozen=True):
    """What a case knows: the visit, the level (None before intake), and when intake lapses."""

    visit: Visit | None = None
    level: RiskLevel | None = None
    intake_until: datetime | None = None
    answered: bool = False
    closed: bool = False


def decide(state: CaseState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer a command with what it causes."""
    if by == SYSTEM:
        return _decide_system(state, command, now)
    match command:
        case SubmitIntake() if by.role is Role.VISITOR:
            return _submit(state, command)
        case RaiseRisk() if by.is_counseling:
            if state.closed:
                raise Refused("session_over")
            if state.level is not None and command.level <= state.level:
                raise Refused("not_higher")
            source: Source = "supervisor" if by.role is Role.SUPERVISOR else "counselor"
            return _raise(state, msgspec.structs.replace(command, source=source))  # whoever it was, not whom they name
        case LowerRisk() if by.is_counseling:
            if state.closed:
                raise Refused("session_over")
            if state.level is None or command.level >= state.level:
                raise Refused("not_lower")
            return (RiskLowered(command.level, state.level, visit_of(state).line, command.reason),)
    raise NotPermitted


def _submit(state: CaseState, form: SubmitIntake) -> tuple[Event, ...]:
    """Take the answers once; answers that come after the time still count, and can only raise."""
    if state.answered:
        raise Refused("already_answered")
    if state.closed:
        raise Refused("session_over")
    level, reasons = intake.assess(form)
    told = IntakeSubmitted(form.topics, form.thoughts, form.plan, form.acted, form.about, form.text)
    if state.level is None:
        return (told, RiskAssessed(level, visit_of(state), reasons))
    if level > state.level:
        return (told, RiskRaised(level, state.level, visit_of(state), "intake", reasons))
    return (told,)


def _raise(state: CaseState, command: RaiseRisk) -> tuple[Event, ...]:
    """Go up, or stay."""
    if state.level is None:
        return (RiskAssessed(command.level, visit_of(state), command.reasons),)
    if command.level <= state.level:
        return ()
    visit = visit_of(state)
    return (RiskRaised(command.level, state.level, visit, command.source, command.reasons, command.heard_at_seq),)


def _decide_system(state: CaseState, command: Command, now: datetime) -> tuple[Event, ...]:
    """News of the other rooms and of time; never refused."""
    match command:
        case OpenCase(visit=visit) if state.visit is None:
            return (CaseOpened(visit, now + POLICY.intake),)
        case RaiseRisk() if state.visit and not state.closed:
            return _raise(state, command)
        case CloseCase() if state.visit and not state.closed:
            return (CaseClosed(visit_of(state).line),)
        case Elapse() if due(state) is not None and now >= _until(state):
            silent = ReasonCode("intake.silent", intake.VERSION, "intake")
            return (IntakeLapsed(), RiskAssessed(intake.SILENT, visit_of(state), (silent,)))
    return ()


def visit_of(state: CaseState) -> Visit:
    """The visit; every case has one from its first event on."""
    if state.visit is None:
        raise Refused("unknown_feed")
    return state.visit


def _until(state: CaseState) -> datetime:
    """When intake lapses; only asked where it is due."""
    if state.intake_until is None:
        raise ValueError("intake has no end")
    return state.intake_until


def due(state: CaseState) -> datetime | None:
    """When a silent visitor is queued all the same."""
    return state.intake_until if state.level is None and not state.closed else None


def evolve(state: CaseState, event: Event) -> CaseState:
    """Apply one event."""
    change = msgspec.structs.replace
    match event:
        case CaseOpened():
            return change(state, visit=event.visit, intake_until=event.intake_until)
        case IntakeSubmitted():
            return change(state, answered=True)
        case RiskAssessed() | RiskRaised() | RiskLowered():
            return change(state, level=event.level)
        case CaseClosed():
            return change(state, closed=True)
    return state


DECIDER = Decider(
    kind="case",
    initial=CaseState(),
    decide=decide,
    evolve=evolve,
    due=due,
    state_type=CaseState,
    commands=COMMANDS,
    events=EVENTS,
    opening=(OpenCase,),
)
