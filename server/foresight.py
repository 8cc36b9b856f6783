"""The clock's estimates: each line's log is read once, then followed; what is reckoned goes to the desk as a command.

Runs beside the clock and never holds it up. With the process gone nobody's place changes; estimates are a while older.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.hub import Hub
from kernel.redact import loggable
from kernel.terms import SYSTEM
from kernel.wire import Command
from queueing.domain.foresight import Foresight
from queueing.domain.learnt import Learnt
from queueing.domain.ledger import DeskState
from queueing.domain.outlook import Planned
from queueing.messages.waits import NoteWaits, Wait

log = logging.getLogger("xinqiao.foresight")

LEARNT_FROM = timedelta(days=28)
PAGE = 500
ROWS_READ = 20_000
AT_A_TIME_S = 0.15
"""Seconds of reckoning in one go: a thousand who wait are reckoned over some rounds, whoever knows nothing first."""
STOP_LOOKED_AT = timedelta(seconds=15)


@dataclass
class Line:
    """One line as far as its log has been read."""

    learnt: Learnt = field(default_factory=Learnt)
    read_to: int = -1
    stop_looked_at: datetime | None = None
    foresight: Foresight = field(init=False)

    def __post_init__(self) -> None:
        """Stand on what is learnt."""
        self.foresight = Foresight(self.learnt)


class Forecaster:
    """One process's estimates of every line."""

    def __init__(self, hub: Hub) -> None:
        """Nothing is read yet."""
        self._hub = hub
        self._lines: dict[str, Line] = {}
        self._task: asyncio.Task[None] | None = None

    def nudge(self, lines: Mapping[str, Sequence[Planned]], now: datetime) -> None:
        """Begin a round over these lines and their rosters, unless the last one is still under way."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._guarded(lines, now))

    async def _guarded(self, lines: Mapping[str, Sequence[Planned]], now: datetime) -> None:
        """One round; whatever fails is tried again with the next."""
        for line, roster in lines.items():
            try:
                await self.look(line, roster, now)
            except (Unavailable, Conflict, Refused) as fault:
                log.warning("estimate deferred %s", loggable({"feed": line, "error": type(fault).__name__}))
            except Exception:
                log.exception("estimate failed")

    async def look(self, line: str, roster: Sequence[Planned], now: datetime) -> int:
        """Follow one line's log, reckon what is due, tell the desk; how many estimates were told."""
        at = Address("desk", line)
        loaded = await self._hub.engine.state(at)
        if loaded is None:
            return 0
        known = self._lines.setdefault(line, Line())
        await self._read(at, known, now)
        state: DeskState = loaded.state
        waits = await asyncio.to_thread(_reckoned, known.foresight, state, roster, now)
        for start in range(0, len(waits), 100):
            await self._tell(at, NoteWaits(waits[start : start + 100]), now)
        if known.stop_looked_at is None or now - known.stop_looked_at >= STOP_LOOKED_AT:
            known.stop_looked_at = now
            for stop in await asyncio.to_thread(known.foresight.stops, state, roster, now):
                await self._tell(at, stop, now)
        return len(waits)

    async def _read(self, at: Address, known: Line, now: datetime) -> None:
        """Read what is new of the log; at first the last four weeks."""
        if known.read_to < 0:
            known.read_to = await self._beginning(at, now)
        while True:
            rows = await self._hub.engine.read(at.feed, known.read_to, PAGE)
            for row in rows:
                known.learnt.read(row.at, row.event)
                known.read_to = row.seq
            if len(rows) < PAGE:
                return

    async def _beginning(self, at: Address, now: datetime) -> int:
        """The seq before the first row that is young enough to teach anything."""
        rows = await self._hub.store.fetch(
            "SELECT greatest(coalesce(min(seq) - 1, max(seq), 0), coalesce(max(seq), 0) - %s) FROM kernel_logrow"
            " WHERE feed = %s AND at > %s",
            (ROWS_READ, at.feed, now - LEARNT_FROM),
        )
        return max(0, int(rows[0][0]))

    async def _tell(self, at: Address, command: Command, now: datetime) -> None:
        """Give the desk a command."""
        await self._hub.engine.submit(at, command, SYSTEM, now, f"wait.{ids.command_id()}")


def _reckoned(foresight: Foresight, state: DeskState, roster: Sequence[Planned], now: datetime) -> tuple[Wait, ...]:
    """Reckon for a bounded time."""
    until = clock.monotonic() + AT_A_TIME_S
    return foresight.notes(state, roster, now, lambda: clock.monotonic() < until)
