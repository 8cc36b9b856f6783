"""The clock's work, once a second: wake what is due, heal reactions, notice who is gone, publish hours and policies.

One process leads by advisory lock; the others stand by and help when they see work that is overdue, so a leader
that is frozen with its lock costs seconds. Everything done here is idempotent: two at once only waste effort.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg

from accounts.orm import off_loop
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.hub import Hub
from kernel.lease import HOLD, drop, lapsed
from kernel.redact import loggable
from kernel.terms import SYSTEM, Medium
from kernel.wire import Command
from queueing import store as lines
from queueing.domain import hours
from queueing.domain.schedule import Schedule
from queueing.messages import Configure, OpenInterval, PublishHours
from queueing.roster_store import calendar
from server import agendas, paging
from server.foresight import Forecaster
from server.rosters import Rosters

log = logging.getLogger("xinqiao.clock")

TICK_S = 1.0
LEADER_LOCK = 0x58514C4B  # "XQLK"
OVERDUE = timedelta(seconds=3)
PUBLISHED_DAYS = 16
LAY_OUT = timedelta(minutes=1)
REPUBLISH = timedelta(hours=1)
PEOPLE = "visitor:", "staff:"


class Clock:
    """One process's clock."""

    def __init__(self, hub: Hub, conninfo: str) -> None:
        """Work on this hub; `conninfo` is for the connection that holds the lock."""
        self._hub = hub
        self._conninfo = conninfo
        self._lock: psycopg.AsyncConnection[Any] | None = None
        self._published: dict[str, tuple[lines.Versions, datetime]] = {}
        self._courier = paging.courier(hub)
        self._laid_out: datetime | None = None
        self._forecaster = Forecaster(hub)
        self._rosters = Rosters(hub)
        self.leads = False

    async def run(self) -> None:
        """Tick until cancelled; a failed tick is logged and the next one comes."""
        while True:
            began = asyncio.get_running_loop().time()
            await self.tick(clock.now())
            await asyncio.sleep(max(0.05, TICK_S - (asyncio.get_running_loop().time() - began)))

    async def tick(self, now: datetime) -> None:
        """Do one second's work, if it is ours to do."""
        await self._guarded(self._elect)
        if not (self.leads or await self._guarded(lambda: self._is_overdue(now))):
            return
        self._courier.nudge(now)
        self._rosters.nudge(now)
        self._forecaster.nudge(self._rosters.soon, now)
        await asyncio.gather(
            self._guarded(lambda: self._hub.engine.heal(now)),
            self._guarded(lambda: self._hub.engine.elapse(now)),
            self._guarded(lambda: self._notice_the_gone(now)),
            self._guarded(lambda: self._publish(now)),
            self._guarded(lambda: self._lay_out(now)),
            self._guarded(lambda: self._hub.store.fetch(HOLD, (["clock"], self._hub.process, now))),
        )

    async def _guarded(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do one piece of work; None where it failed."""
        try:
            return await work()
        except (Unavailable, psycopg.Error) as fault:
            log.warning("tick deferred %s", loggable({"error": type(fault).__name__}))
        except Exception:
            log.exception("tick failed")
        return None

    async def _elect(self) -> None:
        """Hold the leader's lock, or try to get it; the lock lives and dies with its connection."""
        if self._lock is not None and not self._lock.closed:
            try:
                async with asyncio.timeout(2):
                    await self._lock.execute("SELECT 1")
                if self.leads:
                    return
            except (TimeoutError, psycopg.Error):
                self.leads = False
                await self._lock.close()
                self._lock = None
        if self._lock is None or self._lock.closed:
            self.leads = False
            self._lock = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, connect_timeout=3)
        row = await (await self._lock.execute("SELECT pg_try_advisory_lock(%s)", (LEADER_LOCK,))).fetchone()
        self.leads = bool(row and row[0])

    async def _is_overdue(self, now: datetime) -> bool:
        """Tell whether the leader is not doing its work."""
        rows = await self._hub.store.fetch(
            "SELECT EXISTS (SELECT 1 FROM kernel_aggregate WHERE due_at < %(late)s)"
            " OR EXISTS (SELECT 1 FROM kernel_unreacted WHERE at < %(late)s)",
            {"late": now - OVERDUE},
        )
        return bool(rows[0][0])

    async def _notice_the_gone(self, now: datetime) -> None:
        """Tell the rooms about people whose process died without a word; then drop their leases, and not before."""
        found = await lapsed(self._hub.store, now)
        gone = {lease.subject for lease in found if not lease.elsewhere and lease.subject.startswith(PEOPLE)}
        untold = {subject for subject in gone if not await self._told(subject)}
        await drop(self._hub.store, [lease for lease in found if lease.subject not in untold])

    async def _told(self, subject: str) -> bool:
        """Tell the rooms about one subject; False where it has to be tried again."""
        with contextlib.suppress(Unavailable, Conflict):
            await self._hub.tell(subject)
            return True
        return False

    async def _publish(self, now: datetime) -> None:
        """Give each desk its hours and policy when a version is new, and again as the days go by."""
        for line, versions in (await lines.aversions()).items():
            known = self._published.get(line)
            if known is not None and known[0] == versions and now - known[1] < REPUBLISH:
                continue
            policy, schedule = await lines.acurrent_policy(line), await lines.acurrent_schedule(line)
            intervals = await off_loop(open_intervals, schedule.schedule, now)
            await self._tell(line, Configure(policy.policy, policy.version), now)
            await self._tell(line, PublishHours(intervals, str(schedule.version)), now)
            self._published[line] = (versions, now)

    async def _lay_out(self, now: datetime) -> None:
        """Lay out the stations' coming slots every minute; saying the same again changes nothing."""
        if self._laid_out is None or now - self._laid_out >= LAY_OUT:
            await agendas.lay_out(self._hub.engine, now)
            self._laid_out = now

    async def _tell(self, line: str, command: Command, now: datetime) -> None:
        """Give a desk a command."""
        try:
            await self._hub.engine.submit(Address("desk", line), command, SYSTEM, now, f"clock.{ids.command_id()}")
        except Refused as no:
            log.error("desk refused %s", loggable({"feed": line, "code": no.code}))


def open_intervals(schedule: Schedule, now: datetime) -> tuple[OpenInterval, ...]:
    """The published hours of the coming days for every medium, as the gate takes them."""
    first = hours.local_day(schedule, now) - timedelta(days=1)
    until = first + timedelta(days=PUBLISHED_DAYS)
    days = calendar(first - timedelta(days=2), until + timedelta(days=2))
    return tuple(
        OpenInterval(span.opens_at, span.closes_at, span.last_admission_at, medium)
        for medium in Medium
        for span in hours.resolve(schedule, days, first, until, medium)
    )
