"""The month's referrals, reconciled: what left the house, what the partners said, what nobody has answered yet."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime

import msgspec

from kernel.decider import Address
from kernel.engine import Engine
from kernel.seal import Erased
from kernel.store import line_of
from kernel.wire import Event
from server.feedback import bounds
from triage.domain.reconcile import Turn, differing, turns
from triage.domain.state import CaseState

KINDS = [
    "referral.sent",
    "referral.opened",
    "referral.answered",
    "referral.stalled",
    "referral.refused",
    "referral.closed",
]


class PartnerMonth(msgspec.Struct, frozen=True):
    """One partner's month: `outcomes` add up to `sent`, `opened` are those whose packet was read."""

    partner: str
    sent: int
    opened: int
    outcomes: dict[str, int]


class OpenTurn(msgspec.Struct, frozen=True):
    """A packet of the month that is still to come to something, whoever was reminded of it."""

    contact: str
    line: str
    referral: int
    partner: str
    outcome: str
    sent_at: datetime
    opened: bool
    reminders: int


class Reconciled(msgspec.Struct, frozen=True):
    """A month; `differing` are contacts of which case and log disagree, `erased` those nobody can read any more."""

    month: str
    partners: tuple[PartnerMonth, ...]
    open: tuple[OpenTurn, ...]
    differing: tuple[str, ...]
    erased: int


async def reconcile(engine: Engine, month: str, lines: Collection[str]) -> Reconciled:
    """Read every case of these lines whose packet left the house in the month, and what its log says since."""
    first, later = bounds(month)
    feeds = await engine.store.fetch(
        "SELECT DISTINCT feed FROM kernel_logrow WHERE kind = 'referral.sent' AND at >= %s AND at < %s ORDER BY feed",
        (first, later),
    )
    by_partner: dict[str, list[Turn]] = defaultdict(list)
    open_ones: list[OpenTurn] = []
    unlike: list[str] = []
    erased = 0
    for (feed,) in feeds:
        try:
            state, found = await _case(engine, feed)
        except Erased:
            erased += 1
            continue
        if state.line not in lines:
            continue
        contact = Address.of(feed).id
        unlike += [contact] if differing(state, found) else []
        for turn in found:
            if first <= turn.sent_at < later:
                by_partner[turn.partner].append(turn)
                open_ones += [] if turn.over else [_open(contact, state, turn)]
    open_ones.sort(key=lambda each: each.sent_at)
    return Reconciled(month, _partners(by_partner), tuple(open_ones), tuple(unlike), erased)


async def _case(engine: Engine, feed: str) -> tuple[CaseState, tuple[Turn, ...]]:
    """A case and its turns; raises Erased."""
    loaded = await engine.state(Address.of(feed))
    rows = await engine.store.fetch(
        "SELECT feed, seq, kind, author_role, author_id, payload, at FROM kernel_logrow"
        " WHERE feed = %s AND kind = ANY(%s) ORDER BY seq",
        (feed, KINDS),
    )
    events: list[Event] = [(await engine.codec.read_line(line)).event for line in map(line_of, rows)]
    return (loaded.state if loaded is not None else CaseState()), turns(events)


def _open(contact: str, state: CaseState, turn: Turn) -> OpenTurn:
    """An open turn with how often somebody was reminded of it."""
    one = state.referrals.get(turn.referral)
    reminders = one.reminders if one is not None else 0
    return OpenTurn(
        contact, state.line, turn.referral, turn.partner, turn.outcome, turn.sent_at, turn.opened, reminders
    )


def _partners(found: dict[str, list[Turn]]) -> tuple[PartnerMonth, ...]:
    """One line a partner, the one with most packets first."""
    months = [
        PartnerMonth(partner, len(each), sum(turn.opened for turn in each), dict(Counter(t.outcome for t in each)))
        for partner, each in found.items()
    ]
    return tuple(sorted(months, key=lambda one: (-one.sent, one.partner)))
