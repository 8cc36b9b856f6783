"""The record of a contact: the one gate for everything that is kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kernel.decider import Decider, Draft, Elapse, Sealing
from kernel.errors import NotPermitted, Refused
from kernel.terms import COUNSELING, Actor, Medium, Role
from kernel.wire import Command, Event
from recordings_policy.domain import gate, glass, hold, purge
from recordings_policy.domain.consent import Consent, consent_for, rule_for
from recordings_policy.domain.retention import Terms, plan
from recordings_policy.domain.state import RecordState, evolve
from recordings_policy.messages import (
    COMMANDS,
    EVENTS,
    ApplyPolicy,
    ApproveHold,
    AskGlass,
    BeginPurge,
    BreakGlass,
    CloseRecord,
    ConfirmPurge,
    ConsentGiven,
    ConsentWithdrawn,
    ErasureRequested,
    GiveConsent,
    IdentityVerified,
    LiftHold,
    NoteIdentity,
    OpenRecord,
    PlaceHold,
    PolicyApplied,
    RecordClosed,
    RecordOpened,
    RefuseGlass,
    RequestErasure,
    RequestRecording,
    SealOrdered,
    Span,
    StopRecording,
    WithdrawConsent,
)
from recordings_policy.policy import Channel, Rule

_SYSTEM = frozenset({Role.SYSTEM})
_VISITOR = frozenset({Role.VISITOR})
_PARTIES = _VISITOR | COUNSELING
_HOLDERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_RESCUERS = frozenset({Role.SUPERVISOR, Role.CRISIS_WORKER})
RIGHTS: dict[type[Command], frozenset[Role]] = {
    OpenRecord: _SYSTEM,
    ApplyPolicy: _SYSTEM,
    RequestRecording: _SYSTEM,
    CloseRecord: _SYSTEM,
    NoteIdentity: _SYSTEM,
    BeginPurge: _SYSTEM,
    ConfirmPurge: _SYSTEM,
    Elapse: _SYSTEM,
    GiveConsent: _PARTIES,
    WithdrawConsent: _PARTIES,
    StopRecording: _PARTIES | _SYSTEM,
    RequestErasure: _VISITOR,
    PlaceHold: _HOLDERS,
    ApproveHold: _HOLDERS,
    LiftHold: _HOLDERS,
    AskGlass: _RESCUERS,
    BreakGlass: _RESCUERS | _HOLDERS,
    RefuseGlass: _RESCUERS | _HOLDERS,
}
# Facts that may come again, late or twice; they change nothing once the end is reached.
_REPEATED = (OpenRecord, ApplyPolicy, NoteIdentity, StopRecording, CloseRecord, BeginPurge, ConfirmPurge, Elapse)

Book = Draft[RecordState]


def decide(state: RecordState, command: Any, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer a command; every answer also stops what may no longer be recorded and seals what must wait."""
    if by.role not in RIGHTS.get(type(command), frozenset()):
        raise NotPermitted
    if not state.line and not isinstance(command, OpenRecord):
        raise Refused("not_open")
    if state.gone:
        if isinstance(command, _REPEATED):
            return ()
        raise Refused("erased")
    book: Book = Draft(state, evolve)
    _ANSWERS[type(command)](book, command, by, now)
    gate.stop_barred(book, now)
    _seal(book)
    return book.events


# --- policy and consent -------------------------------------------------------------------------------


def _open(book: Book, command: OpenRecord, _by: Actor, now: datetime) -> None:
    if not book.state.line:
        book.emit(RecordOpened(command.line))
        if command.rules:
            _apply(book, command.rules, now)


def _apply_policy(book: Book, command: ApplyPolicy, _by: Actor, now: datetime) -> None:
    _apply(book, command.rules, now)


def _apply(book: Book, told: tuple[Rule, ...], now: datetime) -> None:
    """Take the whole set of rules. One that is missing has ended: it allows nothing, but its floor stays."""
    if any(rule.policy.line != book.state.line for rule in told):
        raise Refused("other_line")
    media = {rule.policy.medium for rule in told}
    ended = (rule.ended(now) for rule in book.state.rules if rule.policy.medium not in media)
    rules = tuple(sorted((*told, *ended), key=lambda rule: rule.policy.medium))
    if rules != book.state.rules:
        book.emit(PolicyApplied(rules, _spans(book.state, rules, book.state.erase_at)))


def _give(book: Book, command: GiveConsent, by: Actor, now: datetime) -> None:
    """Note a yes: clicked by the visitor, or spoken and attested, but never over the visitor's own no."""
    spoken = command.channel is Channel.SPOKEN
    if spoken is (by.role is Role.VISITOR):
        raise Refused("wrong_channel")
    if spoken and command.purpose in book.state.refusals:
        raise Refused("only_visitor")
    event = ConsentGiven(
        purpose=command.purpose,
        version=command.version,
        text_hash=command.text_hash,
        channel=command.channel,
        language=command.language,
        role=by.role,
        at=now,
    )
    before = consent_for(book.state.consents, command.purpose)
    if before is None or before != Consent.of(event, given_at=before.given_at):
        book.emit(event)


def _withdraw(book: Book, command: WithdrawConsent, by: Actor, _now: datetime) -> None:
    stands = consent_for(book.state.consents, command.purpose) is not None
    if stands or (by.role is Role.VISITOR and command.purpose not in book.state.refusals):
        book.emit(ConsentWithdrawn(command.purpose, by.role))


# --- closing, holds, erasure --------------------------------------------------------------------------


def _spans(state: RecordState, rules: tuple[Rule, ...], erase_at: datetime | None) -> tuple[Span, ...]:
    """Plan anew what of a closed contact is not yet being destroyed."""
    if state.closed_at is None:
        return ()
    return tuple(
        _span(rules, keep.span.medium, state.closed_at, erase_at, keep.span) for keep in state.keeps if not keep.begun
    )


def _span(
    rules: tuple[Rule, ...],
    medium: Medium,
    closed_at: datetime,
    erase_at: datetime | None,
    before: Span | None = None,
) -> Span:
    """Plan one medium; a policy that has ended still says how long what it gathered is kept."""
    rule = rule_for(rules, medium)
    return plan(Terms.of(rule), medium, closed_at, erase_at, before)


def _close(book: Book, command: CloseRecord, _by: Actor, now: datetime) -> None:
    """Count from closing. Every contact has its written log; other media only where they were recorded."""
    state = book.state
    if state.closed_at is not None:
        return
    closed_at = min(command.closed_at, now)
    media = dict.fromkeys((Medium.TEXT, *state.recorded))
    spans = tuple(_span(state.rules, medium, closed_at, state.erase_at) for medium in media)
    book.emit(RecordClosed(closed_at, spans))


def _erase(book: Book, _command: RequestErasure, _by: Actor, now: datetime) -> None:
    if book.state.erase_at is None:
        book.emit(ErasureRequested(now, _spans(book.state, book.state.rules, now)))


def _seal(book: Book) -> None:
    """Between the wish for erasure and the deed nobody opens it, however long floor or hold make that."""
    state = book.state
    if state.erase_at is not None and state.closed_at is not None and not state.sealed:
        book.emit(SealOrdered())


def _place(book: Book, command: PlaceHold, by: Actor, now: datetime) -> None:
    """A hold comes too late only when nothing is left that is not being destroyed."""
    if book.state.keeps and all(keep.begun for keep in book.state.keeps):
        raise Refused("too_late")
    book.emit(hold.propose(book.state.holds, command, by.id, now))


def _approve(book: Book, command: ApproveHold, by: Actor, now: datetime) -> None:
    book.emit(hold.approve(book.state.holds, command, by.id, now))


def _lift(book: Book, command: LiftHold, by: Actor, now: datetime) -> None:
    event = hold.lift(book.state.holds, command, by.id, now)
    if event is not None:
        book.emit(event)


def _note_identity(book: Book, command: NoteIdentity, _by: Actor, now: datetime) -> None:
    if not book.state.verified:
        book.emit(IdentityVerified(command.way, now))


def _ask_glass(book: Book, command: AskGlass, by: Actor, now: datetime) -> None:
    book.emit(glass.ask(book.state.glasses, command, by.id, now))


def _answer_glass(book: Book, command: BreakGlass | RefuseGlass, by: Actor, now: datetime) -> None:
    book.emit(glass.answer(book.state.glasses, command, by.id, now))


_ANSWERS: dict[type[Command], Callable[[Book, Any, Actor, datetime], None]] = {
    OpenRecord: _open,
    ApplyPolicy: _apply_policy,
    GiveConsent: _give,
    WithdrawConsent: _withdraw,
    RequestRecording: gate.request,
    StopRecording: gate.stop,
    PlaceHold: _place,
    ApproveHold: _approve,
    LiftHold: _lift,
    NoteIdentity: _note_identity,
    AskGlass: _ask_glass,
    BreakGlass: _answer_glass,
    RefuseGlass: _answer_glass,
    CloseRecord: _close,
    RequestErasure: _erase,
    BeginPurge: purge.begin,
    ConfirmPurge: purge.confirm,
    Elapse: purge.elapse,
}


def due(state: RecordState) -> datetime | None:
    """When the next thing happens by itself: a policy or a hold ends, or destruction is ordered."""
    moments = [each.ends_at for each in state.holds if each.freezes]
    for running in state.running:
        rule = rule_for(state.rules, running.medium)
        if rule is not None and rule.effective_until is not None:
            moments.append(rule.effective_until)
    ordered = purge.next_order(state)
    if ordered is not None:
        moments.append(ordered)
    return min(moments, default=None)


DECIDER: Decider[RecordState] = Decider(
    kind="record",
    initial=RecordState(),
    decide=decide,
    evolve=evolve,
    due=due,
    state_type=RecordState,
    commands=COMMANDS,
    events=EVENTS,
    opening=(OpenRecord,),
    # No words and no names here; and it must stay readable after the contact's data key is destroyed.
    sealing=Sealing.PLAIN,
)
