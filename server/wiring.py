"""The engine and its four deciders, wired once per process and event loop."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import make_conninfo

from accounts.orm import in_time
from chat.domain import session
from chat.messages import MessagePosted, VisitorAway, VisitorReturned
from kernel import clock
from kernel.decider import Decider
from kernel.hub import Hub
from kernel.periods import Periods
from kernel.seal import MasterKeys
from kernel.terms import RiskLevel
from kernel.wire import Command, Row
from queueing.domain import desk
from recordings_policy.domain import record
from recordings_policy.messages import OpenRecord
from recordings_policy.policy import Rule
from recordings_policy.store import rules_in_force
from server import calls, presence, reactions
from triage.domain import agenda, case
from triage.messages import OpenCase, ReasonCode
from triage.screening import ready, screen
from triage.store import case_policy

log = logging.getLogger("xinqiao.wiring")

HEARD_AT_ONCE_CHARS = 400
RULES_KEPT_S = 5.0

DECIDERS: dict[str, Decider[Any]] = {
    decider.kind: decider for decider in (session.DECIDER, desk.DECIDER, case.DECIDER, record.DECIDER, agenda.DECIDER)
}

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()
_starting: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def hear(text: str) -> tuple[RiskLevel, tuple[ReasonCode, ...]]:
    """Screen a visitor's words; a screening that fails never keeps back the message or the rest of the house."""
    try:
        heard = screen(text)
    except Exception:
        log.exception("screening failed")
        return RiskLevel.ROUTINE, ()
    reasons = tuple(
        ReasonCode(reason.rule_id, str(reason.version), reason.category, *reason.span) for reason in heard.reasons
    )
    return heard.level, reasons[:20]


def owes(row: Row) -> bool:
    """Tell whether an event asks anything of other rooms.

    A short message is heard at once, which is cheaper than noting that it must be; a long one, or one that could not
    be heard, is owed, and heard beside the conversation.
    """
    if not reactions.owes(row):
        return False
    if isinstance(row.event, MessagePosted) and row.event.text and len(row.event.text) <= HEARD_AT_ONCE_CHARS:
        try:
            return screen(row.event.text).level is not RiskLevel.ROUTINE
        except Exception:
            log.exception("screening failed")
    return True


def react(row: Row) -> tuple[reactions.Reaction, ...]:
    """The page of reactions with this house's screening, each new case and record under its line's own rules."""
    return tuple((to, ruled(command)) for to, command in reactions.react(row, hear))


def slow(row: Row) -> bool:
    """All but those who come and go, by far the most of what is owed: hearing words takes a while, and rules a read."""
    return not isinstance(row.event, VisitorAway | VisitorReturned)


def ruled(command: Command) -> Command:
    """A case and a record are opened under the rules their line published.

    Where those cannot be read a case begins under the project's own, and a record without any, so that nothing is
    recorded before the next roll-out tells it.
    """
    try:
        match command:
            case OpenCase(visit=visit):
                return OpenCase(visit, published(case_policy, visit.line))
            case OpenRecord(line=line):
                return OpenRecord(line, published(record_policies, line))
    except Exception:
        log.exception("rules unreadable")
    return command


def record_policies(line: str) -> tuple[Rule, ...]:
    """What may be recorded on a line now and how long it is kept."""
    return rules_in_force(line, clock.now())


T = TypeVar("T")
_rules: dict[tuple[Callable[[str], Any], str], tuple[float, Any]] = {}


def published(read: Callable[[str], T], line: str) -> T:
    """The rules of a line, read at most every few seconds; called from a thread."""
    known = _rules.get((read, line))
    if known is None or clock.monotonic() - known[0] > RULES_KEPT_S:
        known = _rules[read, line] = clock.monotonic(), in_time(read, line)
    rules: T = known[1]
    return rules


def conninfo() -> str:
    """The database of Django's settings as psycopg names it."""
    wanted: dict[str, Any] = dict(settings.DATABASES["default"])
    named = {"host": wanted.get("HOST"), "port": wanted.get("PORT"), "dbname": wanted["NAME"]}
    named |= {"user": wanted.get("USER"), "password": wanted.get("PASSWORD")}
    named |= {key: value for key, value in wanted.get("OPTIONS", {}).items() if isinstance(value, str | int)}
    return make_conninfo("", **{key: str(value) for key, value in named.items() if value})


def masters() -> MasterKeys:
    """The keys of this installation; a folder for period keys that cannot be written stops the start."""
    periods = Periods(settings.KEYS_DIR)
    try:
        periods.newest()
    except OSError as fault:
        raise ImproperlyConfigured(f"KEYS_DIR cannot be read and written ({type(fault).__name__})") from None
    return MasterKeys(settings.MASTER_KEYS, periods)


def build() -> Hub:
    """Wire a hub that is not running yet."""
    return Hub(conninfo(), masters(), DECIDERS, react, owes, presence.announce, slow)


async def hub(*, listening: bool = True, hears: bool = True) -> Hub:
    """Find this loop's running hub, starting it at first use (Daphne has no start-up event).

    `hears` prepares for screening words, which a process that takes none can do without.
    """
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is not None:
        return found
    async with _starting.setdefault(loop, asyncio.Lock()):
        if loop not in _hubs:
            started = build()
            await started.start(listening=listening)
            if hears:  # half a second of compiling, spent beside the start and not in somebody's first message
                loop.run_in_executor(None, ready)
            _hubs[loop] = started
        return _hubs[loop]


async def stop() -> None:
    """Stop this loop's hub, if any."""
    found = _hubs.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await calls.close(found)
        await found.stop()
