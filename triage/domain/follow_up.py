"""The follow-up: planned by the level a visit had, tried at its times, reminded of until a person says how it ended."""

from datetime import datetime, timedelta

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, RiskLevel, Role
from kernel.wire import Command, Event
from triage.domain import callback, outbox
from triage.domain.outbox import Case
from triage.domain.state import Attempt, CaseState, FollowUp, change
from triage.messages import (
    AssignFollowUp,
    AttemptFollowUp,
    CloseFollowUp,
    Ending,
    FollowUpAttempted,
    FollowUpClosed,
    FollowUpFellDue,
    FollowUpOverdue,
    FollowUpPlanned,
    FollowUpTaken,
    PlanFollowUp,
    Reached,
    TakeFollowUp,
)

# At wrap-up these ask for somebody to come back to the person, whatever the level was.
ASKING = frozenset({"follow_up", "crisis"})
OUT_OF_HOURS = "out_of_hours"
"""The cause of a follow-up for words that were left while the line was closed."""


def plan_for_words(case: Case, opens_at: datetime | None, now: datetime) -> None:
    """What was written to a closed line is read when it opens; where nobody knows when, within half a day.

    Whoever is at high risk and found nobody is asked after, whether they wrote or not.
    """
    state = case.state
    wanted = state.words or state.highest >= RiskLevel.HIGH
    if wanted and state.follow_up is None:
        at = state.rules.awake(max(now, opens_at or now + timedelta(hours=state.rules.words_unread_h)))
        case.emit(FollowUpPlanned(OUT_OF_HOURS, (at,), case.state.line))


def plan_at_end(case: Case, how: str, disposition: str, now: datetime) -> None:
    """A visit ended: in danger once, or asked for by name, it is asked after. What stands is not replaced.

    Words that were left outside the hours are read by whoever answered and wrote it up: that ends their follow-up.
    """
    state = case.state
    hours = state.rules.follow_up_h.get(state.highest, ())
    cause = f"{how}.{state.highest.value}"
    plan = state.follow_up
    if plan is not None and plan.cause in (OUT_OF_HOURS, callback.CAUSE):
        if how == "written_up" and callback.settled_by_writing_up(plan):
            case.emit(FollowUpClosed(Ending.NEW_CONTACT, "written_up"))
        elif hours:
            steps = (*plan.steps[plan.step :], *_steps(case, now, hours))
            case.emit(FollowUpPlanned(cause, tuple(sorted(steps)), state.line))
            return
    if case.state.follow_up is not None:
        return
    if not hours and disposition in ASKING:
        hours, cause = state.rules.asked_follow_up_h, disposition
    if hours:
        case.emit(FollowUpPlanned(cause, _steps(case, now, hours), state.line))


def plan_late(case: Case, now: datetime) -> None:
    """Danger was heard after the visit had ended."""
    if case.state.follow_up is None and case.state.highest >= RiskLevel.HIGH:
        rules = case.state.rules
        hours = rules.follow_up_h.get(case.state.highest, rules.asked_follow_up_h)
        case.emit(FollowUpPlanned(f"late.{case.state.highest.value}", _steps(case, now, hours), case.state.line))


def plan_missed(case: Case, now: datetime) -> None:
    """Somebody was expected and did not come, or lost their place: they are asked after. What stands is kept."""
    if case.state.follow_up is None:
        steps = _steps(case, now, case.state.rules.asked_follow_up_h)
        case.emit(FollowUpPlanned("appointment", steps, case.state.line))


def _steps(case: Case, now: datetime, hours: tuple[float, ...]) -> tuple[datetime, ...]:
    """The instants of a plan, none of them in the quiet hours."""
    return tuple(case.state.rules.awake(now + timedelta(hours=each)) for each in hours)


def decide(case: Case, command: Command, by: Actor, now: datetime) -> None:
    """What a person says about a follow-up."""
    if isinstance(command, PlanFollowUp):
        steps = tuple(sorted({max(at, now) for at in command.steps}))
        case.emit(FollowUpPlanned(by.role.value, steps, case.state.line, command.note))
        return
    plan = case.state.follow_up
    if plan is None:
        raise Refused("no_follow_up")
    match command:
        case TakeFollowUp():
            if plan.owner not in (None, by.id) and by.role is not Role.SUPERVISOR:
                raise Refused("not_yours")
            _own(case, plan, by.id)
        case AssignFollowUp(person=person):
            if by.role is not Role.SUPERVISOR:
                raise NotPermitted
            _own(case, plan, person)
        case AttemptFollowUp():
            _own(case, plan, by.id) if plan.owner is None else None
            again = command.again_at or callback.tried_again_at(case.state, plan, command.outcome, now)
            again = None if again is None else max(again, now)
            case.emit(FollowUpAttempted(command.outcome, by.id, now, command.note, again))
        case CloseFollowUp():
            _close(case, plan, command)
        case _:
            raise NotPermitted


def _own(case: Case, plan: FollowUp, person: str) -> None:
    """Name the owner."""
    if plan.owner != person:
        case.emit(FollowUpTaken(person))


def _close(case: Case, plan: FollowUp, command: CloseFollowUp) -> None:
    """Out of reach is only whom somebody tried to reach often enough."""
    tried = sum(1 for attempt in plan.attempts if attempt.outcome is not Reached.SPOKE)
    rules = case.state.rules
    enough = rules.callback_tries if plan.cause == callback.CAUSE else rules.attempts_before_unreachable
    if command.disposition is Ending.UNREACHABLE and tried < enough:
        raise Refused("too_few_attempts")
    case.emit(FollowUpClosed(command.disposition, command.note))


def due(state: CaseState) -> datetime | None:
    """When to try, and when to remind of a try or an end that is owed; never in the quiet hours."""
    plan = state.follow_up
    if plan is None:
        return None
    if plan.due_since is None:
        return plan.steps[plan.step]
    return state.rules.awake(plan.due_since + state.rules.overdue(plan.reminders))


def elapse(case: Case, now: datetime) -> None:
    """Fall due, or remind: once an instant, however late the clock is."""
    plan, wake = case.state.follow_up, due(case.state)
    if plan is None or wake is None or now < wake:
        return
    if plan.due_since is None:
        case.emit(FollowUpFellDue(plan.step + 1, now))
    else:
        case.emit(FollowUpOverdue(plan.reminders + 1, now))
    outbox.issue(case, "follow_up", 1, "duty_supervisor", ("outward",), now)


def evolve(state: CaseState, event: Event) -> CaseState:
    """Apply one event."""
    plan = state.follow_up
    if isinstance(event, FollowUpPlanned):
        kept = FollowUp(event.cause, event.steps)
        if plan is not None:
            kept = change(kept, owner=plan.owner, attempts=plan.attempts)
        return change(outbox.settled(state, "follow_up", 1), follow_up=kept)
    if plan is None:
        return state
    match event:
        case FollowUpTaken(person=person):
            return change(state, follow_up=change(plan, owner=person))
        case FollowUpFellDue():
            return change(state, follow_up=change(plan, step=event.step, due_since=event.at, reminders=0))
        case FollowUpOverdue():
            return change(state, follow_up=change(plan, due_since=event.at, reminders=event.reminders))
        case FollowUpAttempted():
            return outbox.settled(change(state, follow_up=_tried(plan, event)), "follow_up", 1)
        case FollowUpClosed():
            return outbox.settled(change(state, follow_up=None), "follow_up", 1)
    return state


def _tried(plan: FollowUp, event: FollowUpAttempted) -> FollowUp:
    """Go on with the plan, with the time that was agreed, or wait for somebody to say how it ended."""
    attempt = Attempt(event.outcome, event.person, event.at)
    plan = change(plan, attempts=(*plan.attempts, attempt), reminders=0)
    later = tuple(at for at in plan.steps[plan.step :] if at > event.at)
    if event.again_at is not None:
        later = (event.again_at, *(at for at in later if at > event.again_at))
    if later:
        return change(plan, steps=later, step=0, due_since=None)
    return change(plan, due_since=event.at)
