"""The case of one contact: intake and risk, and beside them escalation, referrals, follow-up and an appointment.

A machine may only raise. A person with a name may lower, with a reason. The level of a case is what the desk orders by.
The visit may end long before the case: as long as anything is open, `due` names an instant at which somebody is called
or reminded.
"""

from datetime import datetime

from kernel.decider import Decider, Draft, Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, RiskLevel, Role
from kernel.wire import Command, Event
from triage import messages as m
from triage.domain import appointment, callback, escalation, follow_up, intake, outbox, referral
from triage.domain.outbox import Case
from triage.domain.state import CaseState, Reach, change
from triage.messages import (
    AgreementEnded,
    AgreementMade,
    AgreeReferral,
    BookAppointment,
    CancelAppointment,
    CaseClosed,
    CaseOpened,
    EndAgreement,
    GiveReach,
    HelpNow,
    IntakeSubmitted,
    JudgeRule,
    KeepSafetyPlan,
    LeaveTalk,
    LowerRisk,
    MakeAgreement,
    OpenCase,
    RaiseRisk,
    ReachGiven,
    ReasonCode,
    RefuseReferral,
    RiskAssessed,
    RiskLowered,
    RiskRaised,
    SubmitIntake,
    VisitEnded,
    WelcomePartner,
)
from triage.messages.callback import AskCallback, CancelCallback
from triage.policy import POLICY

ESCALATION = (
    m.Acknowledge,
    m.JoinEscalation,
    m.LeaveEscalation,
    m.CheckItem,
    m.CallRescue,
    m.ConfirmRescue,
    m.CloseEscalation,
)
FOLLOW_UP = (m.PlanFollowUp, m.TakeFollowUp, m.AssignFollowUp, m.AttemptFollowUp, m.CloseFollowUp)
APPOINTMENT = (BookAppointment, CancelAppointment, m.CloseAppointment)
VISITORS = (
    *(SubmitIntake, HelpNow, GiveReach, AgreeReferral, RefuseReferral, WelcomePartner),
    *(BookAppointment, CancelAppointment, AskCallback, CancelCallback),
)
STAFFS = (
    *(RaiseRisk, LowerRisk, HelpNow, GiveReach, KeepSafetyPlan),
    *(m.OfferReferral, AgreeReferral, RefuseReferral, m.SendReferral, m.CloseReferral),
    *(m.InvitePartner, WelcomePartner, LeaveTalk, JudgeRule, MakeAgreement, EndAgreement),
    *APPOINTMENT,
    *ESCALATION,
    *FOLLOW_UP,
)
PARTNERS = (m.ReadReferral, m.AnswerReferral, m.EnterTalk, LeaveTalk)
PARTS = (escalation, referral, follow_up, appointment, outbox)
KEY = ReasonCode("visitor.key", "1", "visitor")


def decide(state: CaseState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer a command with what it causes; what ends the last open thing also closes a case whose visit is over."""
    case: Case = Draft(state, evolve)
    if by == SYSTEM:
        if state.visit is None or not state.closed:
            _decide_system(case, command, now)
    else:
        allowed = VISITORS if by.role is Role.VISITOR else PARTNERS if by.role is Role.REFERRAL_PARTNER else STAFFS
        if not isinstance(command, allowed) or (allowed is STAFFS and not by.is_counseling):
            raise NotPermitted
        _decide_person(case, command, by, now)
    if case.state.over and case.state.idle and not case.state.closed:
        case.emit(CaseClosed(case.state.line))
    return case.events


def _decide_person(case: Case, command: Command, by: Actor, now: datetime) -> None:
    """What visitor, staff and partner say."""
    if case.state.closed:
        raise Refused("session_over")
    match command:
        case SubmitIntake():
            _submit(case, command, now)
        case RaiseRisk():
            source: m.Source = "supervisor" if by.role is Role.SUPERVISOR else "counselor"
            _raise_by_hand(case, change(command, source=source), now)  # whoever it was, not whom they name
        case LowerRisk(level=level):
            if case.state.level is None or level >= case.state.level:
                raise Refused("not_lower")
            case.emit(RiskLowered(level, case.state.level, case.state.line, command.reason))
        case HelpNow():
            _help(case, by, now)
        case GiveReach():
            case.emit(ReachGiven(command.means, command.value, command.hours))
        case KeepSafetyPlan():
            escalation.keep_plan(case, command, by, now)
        case JudgeRule():
            case.emit(m.RuleJudged(command.rule, command.version, command.right, by.id, now))
        case MakeAgreement():
            case.emit(AgreementMade(command.words, by.id, command.about))
        case EndAgreement():
            if case.state.agreed:
                case.emit(AgreementEnded("person"))
        case AskCallback() | CancelCallback():
            callback.decide(case, command, now)
        case _ if isinstance(command, APPOINTMENT):
            appointment.decide(case, command, by, now)
        case _ if isinstance(command, ESCALATION):
            escalation.decide(case, command, by, now)
        case _ if isinstance(command, FOLLOW_UP):
            follow_up.decide(case, command, by, now)
        case _:
            referral.decide(case, command, by, now)


def _submit(case: Case, form: SubmitIntake, now: datetime) -> None:
    """Take the answers once; answers that come after the time still count, and can only raise."""
    if case.state.answered:
        raise Refused("already_answered")
    if case.state.over:
        raise Refused("session_over")
    level, reasons = intake.assess(form)
    case.emit(IntakeSubmitted(form.topics, form.thoughts, form.plan, form.acted, form.about, form.text))
    _raise(case, RaiseRisk(level, "visitor", reasons), now, source="intake")


def _raise_by_hand(case: Case, command: RaiseRisk, now: datetime) -> None:
    """A person who raises is told where that changes nothing."""
    if case.state.level is not None and command.level <= case.state.level:
        raise Refused("not_higher")
    _raise(case, command, now)


def _raise(case: Case, command: RaiseRisk, now: datetime, source: str = "") -> None:
    """Go up, or stay; imminent danger calls for help in the same breath."""
    state = case.state
    visit = visit_of(state)
    if state.level is None:
        case.emit(RiskAssessed(command.level, visit, command.reasons))
    elif command.level > state.level:
        told = source or command.source
        raised = RiskRaised(command.level, state.level, visit, told, command.reasons, command.heard_at_seq, state.over)
        case.emit(raised)
    else:
        return
    if case.state.agreed and command.level >= RiskLevel.HIGH:
        case.emit(AgreementEnded("risk"))
    if command.level is RiskLevel.IMMINENT:
        escalation.call(case, "imminent", "system", now)
    if state.over:
        follow_up.plan_late(case, now)


def _help(case: Case, by: Actor, now: datetime) -> None:
    """A visitor's key means danger until somebody has talked to them; a counselor's asks for a colleague."""
    if by.role is not Role.VISITOR:
        escalation.call(case, "support", by.id, now)
        return
    if case.state.over:
        raise Refused("session_over")
    if case.state.escalation is None or case.state.level is not RiskLevel.IMMINENT:
        case.emit(m.HelpAsked())
        escalation.call(case, "visitor_key", by.id, now)
        _raise(case, RaiseRisk(RiskLevel.IMMINENT, "visitor", (KEY,)), now)


def _decide_system(case: Case, command: Command, now: datetime) -> None:
    """News of the other rooms and of time; never refused."""
    state = case.state
    if state.visit is None:
        if isinstance(command, OpenCase):
            rules = command.rules or POLICY
            case.emit(CaseOpened(command.visit, now + rules.intake, command.rules))
        return
    match command:
        case RaiseRisk():
            _raise(case, command, now)
        case m.CloseCase() if not state.over:
            case.emit(VisitEnded(state.line, command.how))
            follow_up.plan_at_end(case, command.how, command.disposition, now)
        case m.AskTicket() if state.level is not None and not state.over:
            case.emit(m.TicketAsked(state.level, change(visit_of(state), arrived_at=command.at), command.words))
        case m.NoteDeflection(opens_at=opens_at) if not state.over:
            follow_up.plan_for_words(case, opens_at, now)
        case m.OpenEscalation(cause=cause):
            escalation.hear(case, cause, now)
        case m.DeliverPage():
            outbox.deliver(case, command)
        case m.NoteAppointment() | m.NoteVisit():
            appointment.note(case, command, now)
        case m.NoteConsent(given=given) if given is not state.may_refer:
            case.emit(m.ConsentNoted(given))
            if not given:
                referral.shut(case, now)
        case Elapse():
            _elapse(case, now)


def _elapse(case: Case, now: datetime) -> None:
    """Let happen whatever is due by `now`."""
    until = _intake_until(case.state)
    if until is not None and until <= now:
        silent = ReasonCode("intake.silent", intake.VERSION, "intake")
        case.emit(m.IntakeLapsed())
        case.emit(RiskAssessed(intake.SILENT, visit_of(case.state), (silent,)))
    for part in PARTS:
        part.elapse(case, now)


def visit_of(state: CaseState) -> m.Visit:
    """The visit; every case has one from its first event on."""
    if state.visit is None:
        raise Refused("unknown_feed")
    return state.visit


def _intake_until(state: CaseState) -> datetime | None:
    """When a silent visitor is queued all the same."""
    return state.intake_until if state.level is None and not state.over else None


def due(state: CaseState) -> datetime | None:
    """The next instant at which somebody is queued, called or reminded."""
    if state.closed:
        return None
    parts = (_intake_until(state), *(part.due(state) for part in PARTS))
    return min((at for at in parts if at is not None), default=None)


def evolve(state: CaseState, event: Event) -> CaseState:
    """Apply one event."""
    match event:
        case CaseOpened():
            return change(state, visit=event.visit, intake_until=event.intake_until, policy=event.rules)
        case IntakeSubmitted(text=text):
            return change(state, answered=True, words=state.words or bool(text))
        case m.TicketAsked(words=words):
            return change(state, words=state.words or words)
        case RiskAssessed(level=level) | RiskRaised(level=level):
            return change(state, level=level, highest=max(level, state.highest))
        case RiskLowered():
            return change(state, level=event.level)
        case VisitEnded():
            return change(state, over=True)
        case ReachGiven(means="none"):
            return change(state, reach=None)
        case ReachGiven():
            return change(state, reach=Reach(event.means, event.value, event.hours))
        case AgreementMade() | AgreementEnded():
            return change(state, agreed=isinstance(event, AgreementMade))
        case CaseClosed():
            return change(state, over=True, closed=True)
        case m.PageIssued() | m.PageDelivered():
            return outbox.evolve(state, event)
    tag = str(event.__struct_config__.tag).partition(".")[0]
    part = _EVOLVES.get(tag)
    return part(state, event) if part else state


_EVOLVES = {
    "escalation": escalation.evolve,
    "rescue": escalation.evolve,
    "referral": referral.evolve,
    "consent": referral.evolve,
    "follow_up": follow_up.evolve,
    "callback": callback.evolve,
    "appointment": appointment.evolve,
}

DECIDER = Decider(
    kind="case",
    initial=CaseState(),
    decide=decide,
    evolve=evolve,
    due=due,
    state_type=CaseState,
    commands=m.COMMANDS,
    events=m.EVENTS,
    opening=(OpenCase,),
)
