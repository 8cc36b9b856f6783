"""The escalation: opened by one key or by danger, climbed until a person has it, closed by a supervisor's reason."""

from datetime import datetime, timedelta

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, RiskLevel, Role
from kernel.wire import Command, Event
from triage.domain import outbox
from triage.domain.outbox import Case
from triage.domain.state import CaseState, Escalation, Rescue, change
from triage.messages import (
    Acknowledge,
    CallRescue,
    Cause,
    CheckItem,
    CloseEscalation,
    ConfirmRescue,
    DebriefPrompted,
    EscalationAcknowledged,
    EscalationClimbed,
    EscalationClosed,
    EscalationJoined,
    EscalationLeft,
    EscalationOpened,
    EscalationReminded,
    EscalationRenewed,
    Item,
    ItemChecked,
    JoinEscalation,
    KeepSafetyPlan,
    LeaveEscalation,
    Outcome,
    RescueCalled,
    RescueConfirmed,
    SafetyPlanKept,
)
from triage.policy import CasePolicy

# A peer supporter calls for help and is not sent into a crisis.
ANSWERING = frozenset({Role.COUNSELOR, Role.CRISIS_WORKER, Role.SUPERVISOR})


def call(case: Case, cause: Cause, by: str, now: datetime) -> None:
    """Open an escalation, or let one climb again where whoever has it may not know the news."""
    state = case.state
    if state.escalation is None:
        case.emit(EscalationOpened(state.escalations + 1, cause, state.line, now, by))
    elif cause in ("counselor_lost", "stranded") and state.escalation.owner is not None:
        case.emit(EscalationRenewed(state.escalation.number, cause, state.line, now))
    elapse(case, now)


def hear(case: Case, cause: Cause, now: datetime) -> None:
    """News of another room; only danger makes it a call."""
    if case.state.level is not None and case.state.level >= RiskLevel.HIGH:
        call(case, cause, "system", now)


def decide(case: Case, command: Command, by: Actor, now: datetime) -> None:
    """What somebody in the house says about an escalation that is open."""
    open_one = case.state.escalation
    if open_one is None:
        raise Refused("no_escalation")
    match command:
        case Acknowledge():
            _acknowledge(case, open_one, by, now)
        case JoinEscalation():
            _answers(by)
            if by.id not in open_one.helpers:
                case.emit(EscalationJoined(open_one.number, by.id, by.role, case.state.line))
        case LeaveEscalation():
            if by.id in open_one.helpers:
                case.emit(EscalationLeft(open_one.number, by.id, case.state.line))
        case CheckItem(item=item, note=note):
            case.emit(ItemChecked(open_one.number, item, by.id, now, note))
        case CallRescue() | ConfirmRescue():
            _rescue(case, open_one, command, by, now)
        case CloseEscalation():
            _close(case, open_one, command, by, now)
        case _:
            raise NotPermitted


def _answers(by: Actor) -> None:
    """Only a grade that is sent into a crisis may have it."""
    if by.role not in ANSWERING:
        raise NotPermitted


def _acknowledge(case: Case, open_one: Escalation, by: Actor, now: datetime) -> None:
    """One person has it; whoever called cannot be the one who comes."""
    _answers(by)
    if open_one.owner == by.id:
        return
    if open_one.owner is not None:
        raise Refused("already_acknowledged")
    if open_one.by == by.id:
        raise Refused("same_person")
    case.emit(EscalationAcknowledged(open_one.number, by.id, by.role, case.state.line, now))


def keep_plan(case: Case, command: KeepSafetyPlan, by: Actor, now: datetime) -> None:
    """A safety plan can be made in any talk; in a crisis it also ticks its item."""
    case.emit(SafetyPlanKept(command.plan))
    open_one = case.state.escalation
    if open_one is not None and Item.SAFETY_PLAN not in open_one.checked:
        case.emit(ItemChecked(open_one.number, Item.SAFETY_PLAN, by.id, now))


def _rescue(case: Case, open_one: Escalation, command: CallRescue | ConfirmRescue, by: Actor, now: datetime) -> None:
    """Breaking confidentiality takes two people and a reason; its confirmation says how one knows."""
    _answers(by)
    if isinstance(command, CallRescue):
        if command.consulted == by.id:
            raise Refused("same_person")
        called = RescueCalled(open_one.number, command.service, command.reason, by.id, command.consulted, now)
        case.emit(called)
    elif open_one.rescue is None:
        raise Refused("no_rescue")
    elif not open_one.rescue.confirmed:
        case.emit(RescueConfirmed(open_one.number, command.note, now))


def _close(case: Case, open_one: Escalation, command: CloseEscalation, by: Actor, now: datetime) -> None:
    """A supervisor ends it; a rescue that was called is confirmed first, or said to be out of reach or handed over."""
    if by.role is not Role.SUPERVISOR:
        raise NotPermitted
    confirmed = open_one.rescue is not None and open_one.rescue.confirmed
    pending = open_one.rescue is not None and not confirmed
    if (command.outcome is Outcome.RESCUED and not confirmed) or (
        pending and command.outcome not in (Outcome.HANDED_OVER, Outcome.UNREACHABLE)
    ):
        raise Refused("rescue_unconfirmed")
    case.emit(EscalationClosed(open_one.number, command.outcome, command.reason, case.state.line))
    if open_one.people:
        rest = now + timedelta(seconds=case.state.rules.rest_s)
        case.emit(DebriefPrompted(open_one.number, open_one.people, rest))


def due(state: CaseState) -> datetime | None:
    """When the next rung is climbed, or news is due from whoever has it."""
    open_one = state.escalation
    if open_one is None:
        return None
    if open_one.owner is None:
        return open_one.climbs_from + state.rules.rung_after(open_one.rung)
    return open_one.review_at


def elapse(case: Case, now: datetime) -> None:
    """Climb every rung whose time has come; ask for news, and without any, climb again from the start."""
    while (wake := due(case.state)) is not None and wake <= now:
        open_one = case.state.escalation
        if open_one is None:
            return
        if open_one.owner is None:
            _climb(case, open_one, now)
        elif open_one.reminded:
            case.emit(EscalationRenewed(open_one.number, "no_news", case.state.line, now))
        else:
            case.emit(EscalationReminded(open_one.number, now))
            outbox.issue(case, "escalation", open_one.number, "duty_supervisor", ("house", "outward"), now)


def _climb(case: Case, open_one: Escalation, now: datetime) -> None:
    """Call whoever stands on the next rung; calls of the last one that were missed are not made up for."""
    number, rules = open_one.rung, case.state.rules
    while number >= len(rules.ladder) and open_one.climbs_from + rules.rung_after(number + 1) <= now:
        number += 1
    rung = rules.rung(number)
    case.emit(EscalationClimbed(open_one.number, number, case.state.line, now))
    outbox.issue(case, "escalation", open_one.number, rung.to, rung.ways, now)


def evolve(state: CaseState, event: Event) -> CaseState:
    """Apply one event."""
    if isinstance(event, EscalationOpened):
        opened = Escalation(event.escalation, event.cause, event.at, event.by)
        return change(state, escalation=opened, escalations=event.escalation)
    open_one = state.escalation
    if open_one is None:
        return state
    match event:
        case EscalationClosed():
            return outbox.settled(change(state, escalation=None), "escalation", event.escalation)
        case EscalationAcknowledged():
            return outbox.settled(_with(state, _owned(open_one, event, state.rules)), "escalation", event.escalation)
        case EscalationRenewed():
            again = change(open_one, cause=event.cause, climbs_from=event.at, rung=0, owner=None, reminded=False)
            return _with(state, change(again, review_at=None))
    return _with(state, _changed(open_one, event, state.rules))


def _with(state: CaseState, escalation: Escalation) -> CaseState:
    """Put the escalation in its place."""
    return change(state, escalation=escalation)


def _owned(open_one: Escalation, event: EscalationAcknowledged, rules: CasePolicy) -> Escalation:
    """Somebody has it; news is due after a while."""
    review = event.at + timedelta(seconds=rules.review_s)
    owned = change(open_one, owner=event.person, review_at=review, reminded=False)
    return change(owned, people=_among(open_one.people, event.person))


def _among(people: tuple[str, ...], person: str) -> tuple[str, ...]:
    """Everybody who was in it, once."""
    return people if person in people else (*people, person)


def _changed(open_one: Escalation, event: Event, rules: CasePolicy) -> Escalation:
    """Whatever a person does is news: the next question comes later."""
    match event:
        case EscalationClimbed():
            return change(open_one, rung=event.rung + 1)
        case EscalationReminded():
            return _news(change(open_one, reminded=True), event.at, rules.review_s)
        case EscalationJoined():
            helpers = (*open_one.helpers, event.person)
            return change(open_one, helpers=helpers, people=_among(open_one.people, event.person))
        case EscalationLeft():
            return change(open_one, helpers=tuple(each for each in open_one.helpers if each != event.person))
        case ItemChecked():
            checked = open_one.checked if event.item in open_one.checked else (*open_one.checked, event.item)
            checked_by = _among(open_one.people, event.person)
            return _news(change(open_one, checked=checked, people=checked_by, reminded=False), event.at, rules.review_s)
        case RescueCalled():
            rescue = Rescue(event.service, event.person, event.consulted)
            return _news(change(open_one, rescue=rescue, reminded=False), event.at, rules.rescue_review_s)
        case RescueConfirmed() if open_one.rescue is not None:
            rescued = change(open_one, rescue=change(open_one.rescue, confirmed=True), reminded=False)
            return _news(rescued, event.at, rules.review_s)
    return open_one


def _news(open_one: Escalation, at: datetime, seconds: int) -> Escalation:
    """Put off the question for news, where somebody has it."""
    return change(open_one, review_at=at + timedelta(seconds=seconds)) if open_one.owner is not None else open_one
