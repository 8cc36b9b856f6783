"""The clock's part in appointments on site: every station's agenda has the slots of the coming two weeks.

Apart from their HTTP (server/visits.py), whose libraries a process without pages need not import.
"""

from datetime import datetime, timedelta

from accounts.orm import off_loop
from kernel import ids
from kernel.decider import Address
from kernel.engine import Engine
from kernel.terms import SYSTEM
from queueing.calendar import build_calendar
from queueing.domain.calendar import DayClass
from triage import store
from triage.domain.agenda import WeeklyVisits, slots
from triage.messages.agenda import PublishSlots, Slot
from triage.policy import HOUSE

AHEAD_DAYS = 15


async def lay_out(engine: Engine, now: datetime) -> None:
    """Give every station's agenda the slots of the coming two weeks; holidays are left out, nothing is said twice."""
    rules = await off_loop(store.visit_rules)
    for partner, rule in rules.items():
        where, coming = Address("agenda", partner), coming_slots(rule, now)
        loaded = await engine.state(where)
        known = loaded.state.slots if loaded is not None else ()
        if {each for each in known if each.starts_at > now} != {each for each in coming if each.starts_at > now}:
            await engine.submit(where, PublishSlots(coming), SYSTEM, now, f"slots.{ids.command_id()}")


def coming_slots(rule: WeeklyVisits, now: datetime) -> tuple[Slot, ...]:
    """The slots of the coming days, without statutory holidays."""
    first = now.astimezone(HOUSE).date()
    until = first + timedelta(days=AHEAD_DAYS)
    days = build_calendar(first, until)
    closed = {day for day, known in days.items() if known.day_class is DayClass.HOLIDAY}
    return slots(rule, first, AHEAD_DAYS, closed)
