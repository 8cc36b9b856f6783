"""The referral: offered, agreed to field by field, sent, read, answered; or reminded, passed on, brought to a human."""

from datetime import datetime, timedelta
from typing import Literal

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Role
from kernel.wire import Command, Event
from triage.domain import outbox
from triage.domain.outbox import Case
from triage.domain.state import CaseState, Referral, change
from triage.messages import (
    AgreeReferral,
    Answer,
    AnswerReferral,
    CloseReferral,
    ConsentNoted,
    EnterTalk,
    InvitePartner,
    LeaveTalk,
    OfferReferral,
    PartnerDeparted,
    PartnerEntered,
    PartnerInvited,
    PartnerWelcomed,
    ReadReferral,
    ReferralAgreed,
    ReferralAnswered,
    ReferralClosed,
    ReferralOffered,
    ReferralRead,
    ReferralRefused,
    ReferralReminded,
    ReferralSent,
    ReferralStalled,
    RefuseReferral,
    SendReferral,
    WelcomePartner,
)
from triage.policy import Audience, CasePolicy

OPEN_AT_ONCE = 8
Talked = PartnerInvited | PartnerWelcomed | PartnerEntered | PartnerDeparted
Side = Literal["visitor", "counselor"]
ENDINGS = (Answer.ATTENDED, Answer.FINISHED)


def decide(case: Case, command: Command, by: Actor, now: datetime) -> None:
    """What visitor, counselor and partner say about a referral."""
    if isinstance(command, OfferReferral):
        _offer(case, command, by, now)
        return
    number = getattr(command, "referral", 0)
    one = case.state.referrals.get(number)
    if one is None:
        raise Refused("no_referral")
    match command:
        case AgreeReferral():
            _agree(case, one, command, by, now)
        case RefuseReferral():
            _out(case, number)
            case.emit(ReferralRefused(number, now))
        case SendReferral():
            _send(case, one, now)
        case ReadReferral() | AnswerReferral():
            _partner(case, one, command, by, now)
        case InvitePartner() | WelcomePartner() | EnterTalk() | LeaveTalk():
            _talk(case, one, command, by, now)
        case CloseReferral():
            _out(case, number)
            case.emit(ReferralClosed(number, command.ending, command.note))
        case _:
            raise NotPermitted


def _offer(case: Case, command: OfferReferral, by: Actor, now: datetime) -> None:
    """Show the visitor partners and packet; nothing outside the partners' boundary is even proposed."""
    if len(case.state.referrals) >= OPEN_AT_ONCE:
        raise Refused("too_many")
    filled = {field: words for field, words in command.packet.items() if words.strip()}
    if not filled or not all(field in partner.boundary for field in filled for partner in command.partners):
        raise Refused("outside_boundary")
    case.emit(ReferralOffered(case.state.referrals_made + 1, command.partners, filled, by.id, now))


def _agree(case: Case, one: Referral, command: AgreeReferral, by: Actor, now: datetime) -> None:
    """Take the visitor's yes, clicked or spoken; only to fields that were shown."""
    if one.status != "offered":
        raise Refused("already_answered")
    if not set(command.fields) <= set(one.packet):
        raise Refused("outside_boundary")
    fields = tuple(field for field in one.packet if field in command.fields)
    case.emit(ReferralAgreed(one.number, fields, "visitor" if by.role is Role.VISITOR else "counselor", now))


def _send(case: Case, one: Referral, now: datetime) -> None:
    """Open the packet to the first partner; without the recorded consent nothing leaves the house."""
    if not case.state.may_refer:
        raise Refused("no_consent")
    if one.status != "agreed":
        raise Refused("not_agreed")
    _to_partner(case, one.number, one.partner.id, now)


def _to_partner(case: Case, number: int, partner: str, now: datetime) -> None:
    """Tell a partner that a packet is waiting."""
    case.emit(ReferralSent(number, partner, now))
    outbox.issue(case, "referral", number, "partner", ("outward",), now)


def _partner(case: Case, one: Referral, command: ReadReferral | AnswerReferral, by: Actor, now: datetime) -> None:
    """The partner reads and answers while it is the partner's turn."""
    if not one.shown or by.id != one.partner.id:
        raise Refused("not_yours")
    if isinstance(command, ReadReferral):
        case.emit(ReferralRead(one.number, by.id))
        return
    if one.status == "accepted" and command.answer is Answer.ACCEPTED:
        return
    case.emit(ReferralAnswered(one.number, by.id, command.answer, now, command.note))
    if command.answer is Answer.DECLINED:
        _pass_on(case, case.state.referrals[one.number], now)
    elif command.answer is Answer.MISSED:
        outbox.issue(case, "referral", one.number, "duty_supervisor", ("outward",), now)


def _pass_on(case: Case, one: Referral, now: datetime) -> None:
    """Ask the next partner the visitor agreed to, or bring it to a human."""
    _out(case, one.number)
    if one.at + 1 < len(one.partners) and case.state.may_refer:
        _to_partner(case, one.number, one.partners[one.at + 1].id, now)
    else:
        case.emit(ReferralStalled(one.number, now))
        outbox.issue(case, "referral", one.number, "duty_supervisor", ("outward",), now)


def _talk(
    case: Case, one: Referral, command: InvitePartner | WelcomePartner | EnterTalk | LeaveTalk, by: Actor, now: datetime
) -> None:
    """A warm handoff: asked for, agreed to by the visitor, and only then does the partner come in."""
    if not one.shown or (by.role is Role.REFERRAL_PARTNER and by.id != one.partner.id):
        raise Refused("not_yours")
    match command:
        case InvitePartner() if not case.state.over and one.talk == "":
            case.emit(PartnerInvited(one.number, one.partner.id, now))
        case WelcomePartner(yes=yes) if one.talk in ("asked", "agreed"):
            side: Side = "visitor" if by.role is Role.VISITOR else "counselor"
            case.emit(PartnerWelcomed(one.number, yes, side, now))
            if yes:
                outbox.issue(case, "referral", one.number, "partner", ("outward",), now)
        case EnterTalk() if one.talk == "agreed" and not case.state.over:
            case.emit(PartnerEntered(one.number, one.partner.id))
        case EnterTalk() if one.talk == "in":
            return
        case LeaveTalk():
            _out(case, one.number)
        case _:
            raise Refused("not_agreed")


def _out(case: Case, number: int) -> None:
    """Whoever may not read the packet any more is not in the talk either."""
    one = case.state.referrals[number]
    if one.talk == "in":
        case.emit(PartnerDeparted(number, one.partner.id))


def shut(case: Case, now: datetime) -> None:
    """The visitor took the consent back: every packet is shut."""
    for one in tuple(case.state.referrals.values()):
        if one.shown or one.status == "agreed":
            _out(case, one.number)
            case.emit(ReferralRefused(one.number, now))


def _wait(one: Referral, rules: CasePolicy) -> timedelta:
    """How long a referral may stand as it is before somebody is reminded."""
    hours = {"sent": rules.referral_unanswered_h, "accepted": rules.referral_outcome_h}
    return timedelta(hours=hours.get(one.status, rules.referral_undecided_h))


def due(state: CaseState) -> datetime | None:
    """When the first of the open referrals wants somebody reminded, outside the quiet hours."""
    rules = state.rules
    return min((rules.awake(one.since + _wait(one, rules)) for one in state.referrals.values()), default=None)


def elapse(case: Case, now: datetime) -> None:
    """Remind whoever has to act; a partner that stays silent is passed over."""
    rules = case.state.rules
    for one in tuple(case.state.referrals.values()):
        if rules.awake(one.since + _wait(one, rules)) > now:
            continue
        if one.status == "sent" and one.reminders + 1 >= rules.referral_tries:
            _pass_on(case, one, now)
            continue
        case.emit(ReferralReminded(one.number, one.reminders + 1, now))
        audience: Audience = "partner" if one.status == "sent" else "duty_supervisor"
        outbox.issue(case, "referral", one.number, audience, ("outward",), now)


def evolve(state: CaseState, event: Event) -> CaseState:
    """Apply one event."""
    if isinstance(event, ConsentNoted):
        return change(state, may_refer=event.given)
    if isinstance(event, ReferralOffered):
        one = Referral(event.referral, event.partners, event.packet, event.at, event.by)
        return change(_with(state, one), referrals_made=event.referral)
    number = getattr(event, "referral", 0)
    if number not in state.referrals:
        return state
    if isinstance(event, ReferralClosed) or (isinstance(event, ReferralAnswered) and event.answer in ENDINGS):
        left = {key: other for key, other in state.referrals.items() if key != number}
        return outbox.settled(change(state, referrals=left), "referral", number)
    if not isinstance(event, ReferralReminded | ReferralRead | Talked):
        state = outbox.settled(state, "referral", number)
    return _with(state, _changed(state.referrals[number], event))


def _with(state: CaseState, one: Referral) -> CaseState:
    """Put a referral in its place."""
    return change(state, referrals={**state.referrals, one.number: one})


def _changed(one: Referral, event: Event) -> Referral:
    """Where a referral stands after one more event."""
    match event:
        case ReferralAgreed():
            return change(one, status="agreed", fields=event.fields, since=event.at, reminders=0)
        case ReferralRefused():
            return change(one, status="refused", since=event.at, reminders=0)
        case ReferralSent():
            at = next((place for place, each in enumerate(one.partners) if each.id == event.partner), one.at)
            return change(one, status="sent", at=max(at, one.at), since=event.at, reminders=0, talk="")
        case PartnerInvited():
            return change(one, talk="asked")
        case PartnerWelcomed(yes=yes):
            return change(one, talk="agreed" if yes else "")
        case PartnerEntered():
            return change(one, talk="in")
        case PartnerDeparted():
            return change(one, talk="")
        case ReferralReminded():
            return change(one, reminders=event.reminders, since=event.at)
        case ReferralStalled():
            return change(one, status="stalled", since=event.at, reminders=0)
        case ReferralAnswered(answer=Answer.ACCEPTED):
            return change(one, status="accepted", since=event.at, reminders=0)
        case ReferralAnswered():
            return change(one, since=event.at)
    return one
