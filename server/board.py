"""The wallboard over HTTP: a line's figures of today, and longer hours; both for whoever leads the line."""

import asyncio
from datetime import datetime, time
from typing import Annotated, Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field as Bound

from accounts.api import who
from accounts.auth import Identity
from accounts.domain.roles import Register, may_edit
from accounts.orm import off_loop
from kernel import clock
from kernel.errors import Refused, Unavailable
from kernel.hub import Hub
from kernel.wire import encode
from queueing import store as lines
from queueing.domain.day import LOOK_BACK, Day, DayFigures
from server.paging import silent_rungs
from server.wiring import hub

router = Router(tags=["board"])
HOUSE = ZoneInfo("Asia/Shanghai")
PAGE = 2000
FRESH_S = 1.0


class BoardFigures(DayFigures, frozen=True):
    """A line's day, and what a supervisor has to know of the house beside it: rungs that would call nobody outside."""

    uncalled: tuple[str, ...] = ()


_books: WeakKeyDictionary[Hub, dict[str, "LineBook"]] = WeakKeyDictionary()


class LineBook:
    """One line's day in this process: the log is read once, then only what is new; at most once a second."""

    def __init__(self, line: str) -> None:
        """Nothing read yet."""
        self._feed = f"desk.{line}"
        self._reading = asyncio.Lock()
        self._day: Day | None = None
        self._seq = 0
        self._found: BoardFigures | None = None
        self._uncalled = silent_rungs()  # a setting of this process

    async def figures(self, hub: Hub, now: datetime) -> BoardFigures:
        """The day's figures, at most a second old; raises Unavailable where the store does not answer."""
        async with self._reading:
            if self._found is None or (now - self._found.as_of).total_seconds() >= FRESH_S:
                day = (await self._read(hub, now)).figures(now)
                self._found = BoardFigures(**msgspec.structs.asdict(day), uncalled=self._uncalled)
            return self._found

    async def _read(self, hub: Hub, now: datetime) -> Day:
        """Read what is new, from the day before on where a new day has begun."""
        since = day_begins(now)
        day = self._day
        if day is None or day.since != since:
            day, self._seq = Day(since), await _seq_before(hub, self._feed, since - LOOK_BACK)
        while True:
            rows = await hub.engine.read(self._feed, self._seq, PAGE)
            for row in rows:
                day.read(row.at, row.event)
                self._seq = row.seq
            self._day = day
            if len(rows) < PAGE:
                return day


def day_begins(now: datetime) -> datetime:
    """Midnight of the house's day."""
    today = now.astimezone(HOUSE).date()
    return datetime.combine(today, time(), HOUSE).astimezone(now.tzinfo)


async def _seq_before(hub: Hub, feed: str, at: datetime) -> int:
    """The last row of a feed before an instant; walks the feed's index backwards, over a day and no more."""
    rows = await hub.store.fetch(
        "SELECT seq FROM kernel_logrow WHERE feed = %s AND at < %s ORDER BY seq DESC LIMIT 1", (feed, at)
    )
    return int(rows[0][0]) if rows else 0


async def _leads(request: HttpRequest, line: str) -> Identity:
    """Somebody whose wallboard shows this line; 404 for any other, as if it were not there."""
    guest = await who(request, "supervision")
    if line not in guest.lines:
        raise HttpError(404, "unknown_line")
    return guest


@router.get("lines/{line}/figures", summary="The figures of a line's day, from its log")
async def figures(request: HttpRequest, line: str) -> HttpResponse:
    """Each with the id of its formula; docs/queue.md and the wallboard say what the ids mean."""
    await _leads(request, line)
    running = await hub()
    book = _books.setdefault(running, {}).setdefault(line, LineBook(line))
    try:
        found = await book.figures(running, clock.now())
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    return HttpResponse(encode(found), content_type="application/json", headers={"Cache-Control": "no-store"})


class Longer(Schema):
    """Until when the line is to stay open, and what visitors are told."""

    until: datetime
    reason: Annotated[str, Bound(min_length=1, max_length=200)]


class Extended(Schema):
    """The version of the hours that is in force now, and until when the line is open."""

    version: int
    until: datetime


@router.post("lines/{line}/extension", response=Extended, summary="Keep a line open for longer today")
async def extend(request: HttpRequest, line: str, longer: Longer) -> dict[str, Any]:
    """Publishes a new version of the hours in the person's name; asked again, nothing more happens."""
    guest = await _leads(request, line)
    if not may_edit(guest.actor.role, Register.SCHEDULE):
        raise HttpError(403, "forbidden_role")
    if longer.until.tzinfo is None:
        raise HttpError(422, "malformed")
    try:
        version = await off_loop(
            lines.extend_hours, line, longer.until, longer.reason, by=guest.actor.id, now=clock.now()
        )
    except Refused as no:
        raise HttpError(409, no.code) from None
    except ValidationError:
        raise HttpError(409, "hours_clash") from None
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    return {"version": version, "until": longer.until}
