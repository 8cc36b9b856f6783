"""Reconciliation of referrals: what was sent to a partner, held against what the partner said and what became of it.

Every packet that left the house is one turn of one partner, and every turn has exactly one outcome; so the outcomes
always add up to what was sent, and a turn that has none is one that somebody is still waiting for.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from kernel.wire import Event
from triage.domain.state import CaseState
from triage.messages import (
    Answer,
    ReferralAnswered,
    ReferralClosed,
    ReferralRead,
    ReferralRefused,
    ReferralSent,
    ReferralStalled,
)

Outcome = Literal["waiting", "accepted", "declined", "arrived", "missed", "unanswered", "withdrawn", "closed"]
"""Unanswered: passed on to the next partner or to a human. Withdrawn: by the visitor. Closed: by the house."""
_SAID: dict[Answer, Outcome] = {
    Answer.ACCEPTED: "accepted",
    Answer.DECLINED: "declined",
    Answer.ATTENDED: "arrived",
    Answer.FINISHED: "arrived",
    Answer.MISSED: "missed",
}


class Turn(msgspec.Struct, frozen=True):
    """One packet that was open to one partner; `told_at` is when it last said something."""

    referral: int
    partner: str
    sent_at: datetime
    opened: bool = False
    outcome: Outcome = "waiting"
    told_at: datetime | None = None
    over: bool = False  # nothing more is to come from this partner


def turns(events: Iterable[Event]) -> tuple[Turn, ...]:
    """Every turn of one case, in the order they were sent, each with the one outcome its log tells."""
    found: list[Turn] = []
    for event in events:
        match event:
            case ReferralSent(referral=number, partner=partner, at=at):
                _end(found, number, "unanswered", instead_of=("waiting",))
                found.append(Turn(number, partner, at))
            case ReferralRead(referral=number, partner=partner):
                _change(found, number, partner, opened=True)
            case ReferralAnswered(referral=number, partner=partner, answer=answer, at=at):
                over = answer in (Answer.DECLINED, Answer.ATTENDED, Answer.FINISHED)
                _change(found, number, partner, outcome=_SAID[answer], told_at=at, over=over)
            case ReferralStalled(referral=number):
                _end(found, number, "unanswered", instead_of=("waiting",))
            case ReferralRefused(referral=number):
                _end(found, number, "withdrawn")
            case ReferralClosed(referral=number):
                _end(found, number, "closed")
    return tuple(found)


def differing(state: CaseState, found: Iterable[Turn]) -> frozenset[int]:
    """The referrals of which the case and its log disagree on whether a partner still has to say something."""
    by_log = {turn.referral for turn in found if not turn.over}
    by_case = {number for number, one in state.referrals.items() if one.shown}
    return frozenset(by_log ^ by_case)


def _last(found: list[Turn], number: int, partner: str = "") -> int | None:
    """Where the newest turn of a referral stands."""
    at = (i for i in range(len(found) - 1, -1, -1) if found[i].referral == number)
    return next((i for i in at if not partner or found[i].partner == partner), None)


def _change(found: list[Turn], number: int, partner: str, **changes: object) -> None:
    """Change the newest turn of a partner."""
    at = _last(found, number, partner)
    if at is not None:
        found[at] = msgspec.structs.replace(found[at], **changes)


def _end(found: list[Turn], number: int, outcome: Outcome, instead_of: tuple[Outcome, ...] = ()) -> None:
    """End the newest turn of a referral that is not over; only these outcomes are replaced, where some are named."""
    at = _last(found, number)
    if at is None or found[at].over:
        return
    named = outcome if not instead_of or found[at].outcome in instead_of else found[at].outcome
    found[at] = msgspec.structs.replace(found[at], outcome=named, over=True)
