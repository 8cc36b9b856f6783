"""The callback: a wish with a number, kept at the desk and in the follow-up list until somebody has spoken to them."""

import re
from datetime import datetime, timedelta

import msgspec

from kernel.errors import Refused
from kernel.wire import Event
from triage.domain.outbox import Case
from triage.domain.state import Callback, CaseState, FollowUp
from triage.messages import Ending, FollowUpClosed, FollowUpPlanned, Reached, ReachGiven
from triage.messages.callback import AskCallback, CallbackAsked, CallbackTakenBack, CancelCallback

CAUSE = "callback"
DIALLED = re.compile(r"[0-9+() -]{5,40}")
LONGEST = timedelta(days=14)
UNTIL = timedelta(hours=2)
"""Where no end of the window was named, somebody looks after this whether they were called."""


def decide(case: Case, command: AskCallback | CancelCallback, now: datetime) -> None:
    """What the visitor says about being called."""
    if case.state.over:
        raise Refused("session_over")
    if isinstance(command, AskCallback):
        _ask(case, command, now)
    elif case.state.callback is not None:
        _cancel(case)


def _ask(case: Case, command: AskCallback, now: datetime) -> None:
    """Keep the number sealed, ask the desk, and plan a look at the end of the window."""
    state = case.state
    if state.visit is None or state.level is None:
        raise Refused("not_open")
    if not DIALLED.fullmatch(command.telephone.strip()):
        raise Refused("not_a_number")
    begins = max(command.not_before or now, now)
    until = command.until or begins + UNTIL
    if until <= begins or begins - now > LONGEST or until - begins > LONGEST:
        raise Refused("outside_window")
    case.emit(ReachGiven("phone", command.telephone.strip()))
    not_before = command.not_before if begins > now else None
    case.emit(CallbackAsked(state.visit, state.level, not_before, until))
    if state.follow_up is None or state.follow_up.cause == CAUSE:
        case.emit(FollowUpPlanned(CAUSE, (state.rules.awake(until),), state.line))


def _cancel(case: Case) -> None:
    """The number is forgotten; the look that was planned for the call alone is over."""
    case.emit(CallbackTakenBack(case.state.line))
    case.emit(ReachGiven("none"))
    if case.state.follow_up is not None and case.state.follow_up.cause == CAUSE:
        case.emit(FollowUpClosed(Ending.DECLINED, "taken_back"))


def settled_by_writing_up(plan: FollowUp) -> bool:
    """Whether a disposition ends the look: not where the last try to call them reached nobody."""
    return not plan.attempts or plan.attempts[-1].outcome is Reached.SPOKE


def tried_again_at(state: CaseState, plan: FollowUp, outcome: Reached, now: datetime) -> datetime | None:
    """When to call once more by itself: a callback nobody answered is tried again a little later."""
    missed = sum(each.outcome is Reached.NO_ANSWER for each in plan.attempts) + 1
    if plan.cause != CAUSE or outcome is not Reached.NO_ANSWER or missed >= state.rules.callback_tries:
        return None
    return now + timedelta(minutes=state.rules.callback_again_min)


def evolve(state: CaseState, event: Event) -> CaseState:
    """Apply one event."""
    wish = Callback(event.not_before, event.until) if isinstance(event, CallbackAsked) else None
    return msgspec.structs.replace(state, callback=wish)
