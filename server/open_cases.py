"""The open cases of some lines, the most pressing first, read from the cases themselves without a word of anybody."""

from itertools import count
from typing import Any

from kernel.decider import Address
from kernel.engine import Engine
from kernel.seal import Erased
from triage.domain import case as rules
from triage.domain.state import CaseState, Referral

OPEN_LIMIT, OPEN_PAGE = 200, 200


async def open_of(engine: Engine, lines: tuple[str, ...]) -> list[dict[str, Any]]:
    """The first open cases of these lines; those of other lines take nobody's place."""
    found: list[dict[str, Any]] = []
    for page in count():
        feeds = await engine.store.fetch(
            "SELECT feed FROM kernel_aggregate WHERE kind = 'case' AND due_at IS NOT NULL"
            " ORDER BY due_at, feed LIMIT %s OFFSET %s",
            (OPEN_PAGE, page * OPEN_PAGE),
        )
        for (feed,) in feeds:
            one = await _open(engine, Address.of(feed), lines)
            found += [] if one is None else [one]
        if len(feeds) < OPEN_PAGE or len(found) >= OPEN_LIMIT:
            break
    return found[:OPEN_LIMIT]


async def _open(engine: Engine, at: Address, lines: tuple[str, ...]) -> dict[str, Any] | None:
    """One open case, without a word of what was said."""
    try:
        loaded = await engine.state(at)
    except Erased:
        return None
    state: CaseState = loaded.state if loaded is not None else CaseState()
    if state.line not in lines or state.idle:
        return None
    return {
        "contact": at.id,
        "line": state.line,
        "level": state.level,
        "over": state.over,
        "due_at": rules.due(state),
        "escalation": state.escalation,
        "follow_up": state.follow_up,
        "appointment": state.appointment,
        "reachable": state.reach is not None,
        "referrals": [_waiting(one) for one in state.referrals.values()],
    }


def _waiting(one: Referral) -> dict[str, Any]:
    """Where a referral stands; the packet stays where it is."""
    return {"number": one.number, "status": one.status, "partner": one.partner.name, "since": one.since}
