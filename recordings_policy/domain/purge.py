"""Destruction: ordered when its time has come, begun while no hold stands, done when a receipt says so."""

from datetime import datetime, timedelta

from kernel.decider import Draft, Elapse
from kernel.errors import Refused
from kernel.terms import Actor, Medium
from recordings_policy.domain import hold
from recordings_policy.domain.state import Keep, RecordState
from recordings_policy.messages import BeginPurge, ConfirmPurge, PurgeBegun, PurgeCompleted, PurgeOrdered

RETRY = timedelta(minutes=10)
RETRY_LIMIT = timedelta(days=1)

Book = Draft[RecordState]


def next_order(state: RecordState) -> datetime | None:
    """Tell when the next destruction is ordered, or ordered again; None while nothing is waiting for it."""
    return min((_order_at(keep) for keep in state.keeps if _runs(state, keep)), default=None)


def elapse(book: Book, _command: Elapse, _by: Actor, now: datetime) -> None:
    """End the holds whose time is over, then order what is due and stands under no hold."""
    for event in tuple(hold.ended(book.state.holds, now)):
        book.emit(event)
    for keep in book.state.keeps:
        if _runs(book.state, keep) and _order_at(keep) <= now:
            book.emit(PurgeOrdered(keep.span.medium, now, keep.attempt + 1))


def begin(book: Book, command: BeginPurge, _by: Actor, _now: datetime) -> None:
    """Pass the point of no return: a hold placed before it wins, one placed after it comes too late."""
    keep = _ordered(book.state, command.medium)
    if not keep.begun:
        if book.state.frozen:
            raise Refused("held")
        book.emit(PurgeBegun(command.medium))


def confirm(book: Book, command: ConfirmPurge, _by: Actor, _now: datetime) -> None:
    """Note the receipt; the first one counts."""
    keep = _ordered(book.state, command.medium)
    if not keep.begun:
        raise Refused("not_begun")
    if not keep.receipt:
        book.emit(PurgeCompleted(command.medium, command.receipt))


def _runs(state: RecordState, keep: Keep) -> bool:
    """Say whether the clock may order this; what has begun goes on, since it cannot be undone."""
    return not keep.receipt and (keep.begun or not state.frozen)


def _order_at(keep: Keep) -> datetime:
    """When destruction is ordered, and again after 10, 20, 40 minutes, up to a day, until it is done."""
    if keep.ordered_at is None:
        return keep.span.purge_at
    return keep.ordered_at + min(RETRY * (1 << min(keep.attempt - 1, 16)), RETRY_LIMIT)


def _ordered(state: RecordState, medium: Medium) -> Keep:
    found = next((keep for keep in state.keeps if keep.span.medium is medium), None)
    if found is None or found.ordered_at is None:
        raise Refused("not_ordered")
    return found
