"""Incident mode: what visitors are told of it, and how many contacts are counted with it."""

from datetime import datetime
from typing import Any, TypeVar, cast

import msgspec

from kernel.decider import Draft
from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Role
from kernel.wire import Command
from queueing.messages import SurgeSwitched
from queueing.messages.incidents import (
    LEADING,
    CloseIncident,
    IncidentClosed,
    IncidentOpened,
    IncidentTold,
    OpenIncident,
    TagTicket,
    TellIncident,
    TicketTagged,
)

OPEN_AT_ONCE = 5
State = TypeVar("State")
"""The desk's own, which stands above this module."""
IncidentEvent = IncidentOpened | IncidentTold | IncidentClosed | TicketTagged


class Incident(msgspec.Struct, frozen=True):
    """One incident under way; `tagged` counts every contact that was ever counted with it."""

    incident: str
    title: str
    known: str
    at: datetime
    told_at: datetime
    tagged: int = 0


def decide(desk: Draft[Any], command: Command, by: Actor, now: datetime, surge_until: datetime) -> None:
    """Opened, told and closed by a supervisor; a contact is tagged by whoever talks with people.

    The draft is of the desk's state, which stands above this module.
    """
    if isinstance(command, LEADING) and by.role is not Role.SUPERVISOR:
        raise NotPermitted
    state = desk.state
    known: dict[str, Incident] = state.incidents
    match command:
        case OpenIncident():
            if len(known) >= OPEN_AT_ONCE:
                raise Refused("too_many")
            name = f"i{state.next_incident}"
            desk.emit(IncidentOpened(name, command.title.strip(), command.known.strip(), by.id, now))
            if command.surge:
                desk.emit(SurgeSwitched(surge_until))
        case TellIncident() | CloseIncident() if command.incident not in known:
            raise Refused("no_incident")
        case TellIncident():
            desk.emit(IncidentTold(command.incident, command.known.strip(), now))
        case CloseIncident():
            desk.emit(IncidentClosed(command.incident, now))
        case TagTicket(contact=contact, incident=incident):
            ticket = state.tickets.get(contact)
            if ticket is None or (incident is not None and incident not in known):
                raise Refused("no_incident")
            if ticket.incident != incident:
                desk.emit(TicketTagged(contact, incident))


def applied(desk: State, event: IncidentEvent) -> State:
    """The desk's state after one event; a ticket that has left is no longer counted with anything."""
    change, state = msgspec.structs.replace, cast(Any, desk)
    if isinstance(event, TicketTagged):
        if event.contact not in state.tickets:
            return desk
        state = state.with_ticket(change(state.tickets[event.contact], incident=event.incident))
    number = state.next_incident + isinstance(event, IncidentOpened)
    return cast(State, change(state, incidents=evolve(state.incidents, event), next_incident=number))


def evolve(incidents: dict[str, Incident], event: IncidentEvent) -> dict[str, Incident]:
    """Apply one event."""
    if isinstance(event, IncidentOpened):
        fresh = Incident(event.incident, event.title, event.known, event.at, event.at)
        return {**incidents, event.incident: fresh}
    known = incidents.get(event.incident or "")
    if known is None:
        return incidents
    change = msgspec.structs.replace
    match event:
        case IncidentTold():
            return {**incidents, known.incident: change(known, known=event.known, told_at=event.at)}
        case TicketTagged():
            return {**incidents, known.incident: change(known, tagged=known.tagged + 1)}
    return {name: each for name, each in incidents.items() if name != event.incident}
