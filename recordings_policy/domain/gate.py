"""The gate every byte of a recording passes: asked before a key exists, and again after every change."""

from datetime import datetime

from kernel.decider import Draft
from kernel.terms import Actor, Medium
from recordings_policy.domain.consent import Consent, may_record, rule_for
from recordings_policy.domain.state import RecordState
from recordings_policy.messages import (
    Bar,
    RecordingAllowed,
    RecordingRefused,
    RecordingStopped,
    RequestRecording,
    StopRecording,
)

Book = Draft[RecordState]


def bar(state: RecordState, medium: Medium, now: datetime) -> Consent | Bar:
    """Answer with the consent that allows recording this medium now, or with what bars it."""
    if state.closed_at is not None:
        return "closed"
    if state.erase_at is not None:
        return "erasure"
    return may_record(rule_for(state.rules, medium), state.consents, now)


def request(book: Book, command: RequestRecording, _by: Actor, now: datetime) -> None:
    """Allow or refuse, as an event either way; what is being recorded already needs no second answer."""
    state = book.state
    if any(each.medium is command.medium for each in state.running):
        return
    answer = bar(state, command.medium, now)
    rule = rule_for(state.rules, command.medium)
    if isinstance(answer, Consent) and rule is not None:
        number = state.allowed + 1
        book.emit(RecordingAllowed(command.medium, number, rule.version, answer.version))
    elif not isinstance(answer, Consent):
        book.emit(RecordingRefused(command.medium, answer))


def stop(book: Book, command: StopRecording, _by: Actor, _now: datetime) -> None:
    """Stop because somebody said so; anybody in the contact may."""
    for each in book.state.running:
        if each.medium is command.medium:
            book.emit(RecordingStopped(each.medium, each.recording, "asked"))


def stop_barred(book: Book, now: datetime) -> None:
    """Stop, in the decision that took it away, whatever has lost its policy or its consent."""
    for each in book.state.running:
        answer = bar(book.state, each.medium, now)
        if not isinstance(answer, Consent):
            book.emit(RecordingStopped(each.medium, each.recording, answer))
