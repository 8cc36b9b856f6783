"""Carries pages out of the house: reads what was issued, sends it, and tells the case that it arrived.

Runs beside the clock and never holds it up. A page that nobody could take is issued again by the case itself, so a
crash between sending and telling repeats a call with the same id and loses none. Redis and Celery have no part in it.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from kernel.decider import Address
from kernel.engine import Engine
from kernel.errors import Conflict, Refused, Unavailable
from kernel.redact import loggable
from kernel.seal import Erased
from kernel.terms import SYSTEM
from triage.channels.adapters import ADAPTERS
from triage.channels.notice import Channel, Destination, Kind, Notice, Undelivered, words
from triage.domain.state import CaseState, Page
from triage.messages import DeliverPage

log = logging.getLogger("xinqiao.pages")

LOOK_BACK = timedelta(minutes=20)  # a page that has not arrived is issued again at least every 15 minutes
CARRIED_KEPT = 10_000
FALLBACK = Destination("console", "console")

# A referral's partner: where to tell it, and the link to tell; None where the directory knows no such partner.
PartnerWay = Callable[[str, CaseState, Page, datetime], Awaitable[tuple[Destination, str] | None]]


class Courier:
    """One process's courier."""

    def __init__(
        self,
        engine: Engine,
        destinations: Sequence[Destination],
        partner_way: PartnerWay,
        adapters: Mapping[Kind, Channel] = ADAPTERS,
    ) -> None:
        """Carry for this engine to these destinations."""
        self._engine = engine
        self._destinations = tuple(destinations)
        self._partner_way = partner_way
        self._adapters = adapters
        self._carried: OrderedDict[tuple[str, str, int], None] = OrderedDict()
        self._task: asyncio.Task[None] | None = None

    def nudge(self, now: datetime) -> None:
        """Begin a round, unless the last one is still under way."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._guarded(now))

    async def _guarded(self, now: datetime) -> None:
        """One round; whatever fails is tried again with the next."""
        try:
            await self.carry(now)
        except (Unavailable, Conflict) as fault:
            log.warning("courier deferred %s", loggable({"error": type(fault).__name__}))
        except Exception:
            log.exception("courier failed")

    async def carry(self, now: datetime) -> int:
        """Send every page that was issued lately and has not arrived; the number that did."""
        rows = await self._engine.store.fetch(
            "SELECT DISTINCT feed FROM kernel_logrow WHERE kind = 'page.issued' AND at > %s", (now - LOOK_BACK,)
        )
        cases = await asyncio.gather(*(self._case(Address.of(feed), now) for (feed,) in rows))
        return sum(cases)

    async def _case(self, at: Address, now: datetime) -> int:
        """Carry the pages of one case."""
        try:
            loaded = await self._engine.state(at)
        except Erased:
            return 0
        state: CaseState = loaded.state if loaded is not None else CaseState()
        pages = [page for page in state.pages.values() if page.way == "outward" and self._is_new(at, page)]
        return sum(await asyncio.gather(*(self._page(at, state, page, now) for page in pages)))

    def _is_new(self, at: Address, page: Page) -> bool:
        """Tell whether this try of a page has not been carried by this process."""
        key = (at.id, page.page, page.tries)
        if key in self._carried:
            return False
        self._carried[key] = None
        while len(self._carried) > CARRIED_KEPT:
            self._carried.popitem(last=False)
        return True

    async def _page(self, at: Address, state: CaseState, page: Page, now: datetime) -> bool:
        """Send one page to everybody it is for; it has arrived when one of them has it."""
        link = ""
        if page.to == "partner":
            way = await self._partner_way(at.id, state, page, now)
            if way is None:
                log.error("unknown partner %s", loggable({"feed": at.feed, "kind": page.about}))
                return False
            wanted, link = [way[0]], way[1]
        else:
            wanted = [each for each in self._destinations if each.wants(page.to, state.line)] or [FALLBACK]
        text = words(page.about, page.to)
        notice = Notice(notice_id(at.id, page.page), page.about, page.to, state.line, page.at, text, link)
        arrived = [each.name for each in wanted if await self._send(notice, each)]
        if arrived:
            await self._tell(at, page, arrived[0], now)
        return bool(arrived)

    async def _send(self, notice: Notice, to: Destination) -> bool:
        """Send to one destination in a thread; False where it was not taken."""
        try:
            await asyncio.to_thread(self._adapters[to.kind].send, notice, to)
        except Undelivered as fault:
            log.warning("page not taken %s", loggable({"kind": to.name, "error": str(fault), "cid": notice.id}))
            return False
        return True

    async def _tell(self, at: Address, page: Page, channel: str, now: datetime) -> None:
        """Tell the case; saying it twice is harmless."""
        try:
            await self._engine.submit(at, DeliverPage(page.page, channel), SYSTEM, now, f"delivered.{page.page}")
        except Refused as no:
            log.warning("page refused %s", loggable({"feed": at.feed, "code": no.code}))


def notice_id(contact: str, page: str) -> str:
    """Name a page outside the house: the same for every try, and no way back to the contact."""
    return hashlib.sha256(f"{contact}|{page}".encode()).hexdigest()[:32]
