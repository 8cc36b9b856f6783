"""The clock's look at the roster: whose shift ends when, who comes soon, where published hours have too few people.

A line on whose roster nobody stands has none: nothing is said to its desk and no alarm is raised.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from kernel import ids
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.hub import Hub
from kernel.redact import loggable
from kernel.terms import SYSTEM
from kernel.wire import Command
from queueing import store as lines
from queueing.domain.ledger import DeskState
from queueing.domain.outlook import Planned
from queueing.domain.roster import gaps, last_offer_at, shift_of
from queueing.messages import SetShift
from queueing.messages.shifts import NoteCoverage
from queueing.roster_store import ashifts

log = logging.getLogger("xinqiao.rosters")

EVERY = timedelta(seconds=20)
SOON = timedelta(hours=3)
AHEAD = timedelta(days=7)
BEHIND = timedelta(days=14)
GAPS_TOLD = 20


class Rosters:
    """One process's view of every line's roster."""

    def __init__(self, hub: Hub) -> None:
        """Nothing is read yet."""
        self._hub = hub
        self._looked_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self.soon: dict[str, tuple[Planned, ...]] = {}

    def nudge(self, now: datetime) -> None:
        """Look again, unless that was a moment ago or is under way."""
        due = self._looked_at is None or now - self._looked_at >= EVERY
        if due and (self._task is None or self._task.done()):
            self._looked_at = now
            self._task = asyncio.create_task(self._guarded(now))

    async def _guarded(self, now: datetime) -> None:
        """One look; whatever fails is tried again with the next."""
        try:
            for line in await lines.aversions():
                await self.look(line, now)
        except (Unavailable, Conflict, Refused) as fault:
            log.warning("roster deferred %s", loggable({"error": type(fault).__name__}))
        except Exception:
            log.exception("roster failed")

    async def look(self, line: str, now: datetime) -> None:
        """Tell one desk about the shifts of those who sit there, and about the gaps of the coming week."""
        known = await ashifts(line, now - BEHIND, now + AHEAD)
        self.soon[line] = tuple(s for s in known if s.ends_at > now and s.begins_at < now + SOON)
        loaded = await self._hub.engine.state(Address("desk", line))
        if loaded is None or not known:
            return
        for command in said(loaded.state, known, now):
            address = Address("desk", line)
            await self._hub.engine.submit(address, command, SYSTEM, now, f"roster.{ids.command_id()}")


def said(state: DeskState, known: Sequence[Planned], now: datetime) -> list[Command]:
    """What the desk is to be told: only what it does not know yet."""
    before = timedelta(seconds=state.policy.last_offer_before_end_s)
    commands: list[Command] = []
    for seat in state.seats.values():
        shift = shift_of(known, seat.counselor, now)
        if shift is None:
            continue  # after the end nothing is taken back: who still sits there has talks to hand over
        told = last_offer_at(shift, before), shift.ends_at
        if told != (seat.last_offer_at, seat.shift_ends_at):
            commands.append(SetShift(seat.counselor, *told))
    minute = now.replace(second=0, microsecond=0)
    found = gaps(state.intervals, known, state.policy.people_at_least, minute, minute + AHEAD)
    coming = tuple(gap for gap in found if gap.ends_at > now)[:GAPS_TOLD]
    if _shape(coming) != _shape(state.uncovered):
        commands.append(NoteCoverage(coming))
    return commands


def _shape(found: Sequence[object]) -> list[tuple[object, ...]]:
    """Gaps without the begin of one that is under way, which moves with the clock."""
    return [(getattr(gap, "ends_at", None), getattr(gap, "have", 0), getattr(gap, "need", 0)) for gap in found]
