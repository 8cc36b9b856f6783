"""A station's agenda: one aggregate per partner, so that a place is given once however many ask at the same instant.

It holds ids and times only. Slots come from the partner's weekly rule; whoever holds a place keeps it when the rule
changes its sizes, and is told when the station takes the slot back.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

import msgspec

from kernel.decider import Decider, Draft, Sealing
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Command, Event
from triage.messages.agenda import (
    COMMANDS,
    EVENTS,
    FreePlace,
    HoldPlace,
    PlaceFreed,
    PlaceHeld,
    PlaceLost,
    PlaceRefused,
    PublishSlots,
    ReportVisit,
    Slot,
    SlotsPublished,
    VisitReported,
)
from triage.policy import HOUSE

# A visit that is over leaves the agenda when the next slots are published and it lies this far back.
KEPT = timedelta(days=31)
change = msgspec.structs.replace


class WeeklyVisits(msgspec.Struct, frozen=True):
    """When a partner receives people: days (1 is Monday), from and until (local), how long and how many at once."""

    days: tuple[int, ...]
    opens: time
    closes: time
    minutes: int
    places: int


class Held(msgspec.Struct, frozen=True):
    """One place in somebody's hands; `came` once the station has said so."""

    contact: str
    starts_at: datetime
    place: int
    came: bool | None = None


class AgendaState(msgspec.Struct, frozen=True):
    """The coming slots, and every place that is held."""

    slots: tuple[Slot, ...] = ()
    held: tuple[Held, ...] = ()

    def slot(self, starts_at: datetime) -> Slot | None:
        """The slot that begins then."""
        return next((each for each in self.slots if each.starts_at == starts_at), None)

    def free(self, slot: Slot) -> int:
        """Places left in a slot."""
        return slot.places - sum(1 for each in self.held if each.starts_at == slot.starts_at)


Agenda = Draft[AgendaState]


def slots(rule: WeeklyVisits, first: date, days: int, closed: Collection[date] = ()) -> tuple[Slot, ...]:
    """The slots of `days` days from `first` on; none on a closed day, and none that would end after closing time."""
    found = []
    for day in (first + timedelta(days=number) for number in range(days)):
        if day.isoweekday() not in rule.days or day in closed:
            continue
        at, end = (datetime.combine(day, moment, HOUSE) for moment in (rule.opens, rule.closes))
        while at + timedelta(minutes=rule.minutes) <= end:
            found.append(Slot(at, rule.minutes, rule.places))
            at += timedelta(minutes=rule.minutes)
    return tuple(found)


def decide(state: AgendaState, command: Command, by: Actor, now: datetime) -> tuple[Event, ...]:
    """Answer a command; the house is never refused, it is told."""
    agenda: Agenda = Draft(state, evolve)
    if isinstance(command, ReportVisit):
        if by.role is not Role.REFERRAL_PARTNER:
            raise NotPermitted
        _report(agenda, command, now)
    elif by != SYSTEM:
        raise NotPermitted
    elif isinstance(command, PublishSlots):
        _publish(agenda, command, now)
    elif isinstance(command, HoldPlace):
        _hold(agenda, command, now)
    elif isinstance(command, FreePlace) and _of(state, command.contact, command.starts_at) is not None:
        agenda.emit(PlaceFreed(command.contact, command.starts_at))
    return agenda.events


def _of(state: AgendaState, contact: str, starts_at: datetime) -> Held | None:
    """The place a contact holds then."""
    return next((each for each in state.held if (each.contact, each.starts_at) == (contact, starts_at)), None)


def _publish(agenda: Agenda, command: PublishSlots, now: datetime) -> None:
    """Take the new slots; whoever held a place in one that is gone is told."""
    coming = tuple(sorted({each.starts_at: each for each in command.coming if each.starts_at > now}.values()))
    if coming == tuple(each for each in agenda.state.slots if each.starts_at > now):
        return
    kept = {each.starts_at for each in coming}
    for each in agenda.state.held:
        if each.starts_at > now and each.starts_at not in kept:
            agenda.emit(PlaceLost(each.contact, each.starts_at))
    agenda.emit(SlotsPublished(coming, now))


def _hold(agenda: Agenda, command: HoldPlace, now: datetime) -> None:
    """Give the first free place; asked twice, the same answer."""
    state, slot = agenda.state, agenda.state.slot(command.starts_at)
    if _of(state, command.contact, command.starts_at) is not None:
        return
    if slot is None or slot.starts_at <= now or state.free(slot) <= 0:
        agenda.emit(PlaceRefused(command.contact, command.starts_at))
        return
    taken = {each.place for each in state.held if each.starts_at == slot.starts_at}
    place = next(number for number in range(1, len(taken) + 2) if number not in taken)
    agenda.emit(PlaceHeld(command.contact, slot.starts_at, place))


def _report(agenda: Agenda, command: ReportVisit, now: datetime) -> None:
    """Take the station's word once the time has come; the last word counts."""
    where = (command.starts_at, command.place)
    one = next((each for each in agenda.state.held if (each.starts_at, each.place) == where), None)
    if one is None:
        raise Refused("no_appointment")
    if command.starts_at > now:
        raise Refused("too_early")
    if one.came is not command.came:
        agenda.emit(VisitReported(one.contact, one.starts_at, command.came))


def due(_state: AgendaState) -> None:
    """Nothing happens here by itself: the case knows whom to remind."""


def evolve(state: AgendaState, event: Event) -> AgendaState:
    """Apply one event."""
    match event:
        case SlotsPublished():
            return change(state, slots=event.coming, held=tuple(e for e in state.held if e.starts_at > event.at - KEPT))
        case PlaceHeld():
            return change(state, held=(*state.held, Held(event.contact, event.starts_at, event.place)))
        case PlaceFreed() | PlaceLost():
            gone = (event.contact, event.starts_at)
            return change(state, held=tuple(e for e in state.held if (e.contact, e.starts_at) != gone))
        case VisitReported():
            told = (event.contact, event.starts_at)
            return change(
                state,
                held=tuple(change(e, came=event.came) if (e.contact, e.starts_at) == told else e for e in state.held),
            )
    return state


DECIDER = Decider(
    kind="agenda",
    initial=AgendaState(),
    decide=decide,
    evolve=evolve,
    due=due,
    state_type=AgendaState,
    commands=COMMANDS,
    events=EVENTS,
    opening=(PublishSlots, HoldPlace),
    sealing=Sealing.PLAIN,
)
