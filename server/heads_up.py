"""Tells the supervisor on duty that somebody wants to look behind the glass, and that somebody has.

Sent beside the request to where the installation wants to be called, once, best effort: what protects the visitor is
the second person and the access log, not this message.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from kernel import clock
from kernel.decider import Address
from kernel.engine import Engine
from kernel.errors import Unavailable
from kernel.redact import loggable
from kernel.seal import Erased
from kernel.wire import Command
from recordings_policy.messages import AskGlass
from server import paging
from triage.channels.adapters import ADAPTERS
from triage.channels.notice import Channel, Destination, Kind, Notice, Undelivered, words
from triage.courier import notice_id

log = logging.getLogger("xinqiao.pages")

TO = "duty_supervisor"
_sending: set[asyncio.Task[None]] = set()


def tell(
    about: str, line: str, name: str, now: datetime, adapters: Mapping[Kind, Channel] = ADAPTERS
) -> asyncio.Task[None]:
    """Send word to every destination for supervisors of this line; `name` makes saying it twice one message."""
    notice = Notice(name, about, TO, line, now, words(about, TO), paging.records_page())
    task = asyncio.create_task(_send(notice, adapters))
    _sending.add(task)
    task.add_done_callback(_sending.discard)
    return task


async def after(engine: Engine, to: Address, command: Command, seq: int) -> None:
    """Where a command that was taken (at `seq`) asks for a look behind the glass, say so."""
    if not isinstance(command, AskGlass):
        return
    try:
        loaded = await engine.state(to)
    except (Unavailable, Erased):
        loaded = None
    line = loaded.state.line if loaded is not None else ""
    tell("glass_asked", line, notice_id(to.id, f"glass.{seq}"), clock.now())


async def _send(notice: Notice, adapters: Mapping[Kind, Channel]) -> None:
    wanted = [each for each in paging.destinations() if each.wants(TO, notice.line)]
    await asyncio.gather(*(_one(notice, each, adapters) for each in wanted))


async def _one(notice: Notice, to: Destination, adapters: Mapping[Kind, Channel]) -> None:
    try:
        await asyncio.to_thread(adapters[to.kind].send, notice, to)
    except Undelivered as fault:
        log.warning("heads-up not taken %s", loggable({"kind": to.name, "error": str(fault), "cid": notice.id}))
