"""The three doors: who may enter, what they follow, what they may say and see."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from accounts.auth import Identity, identify
from accounts.domain.roles import may_say
from accounts.domain.ties import BOUND, may_touch
from chat.domain.session import SessionState, may_write
from chat.domain.view import visible_to as session_visible
from kernel import clock
from kernel.codec import tag_of
from kernel.decider import Address
from kernel.errors import NotPermitted
from kernel.hub import Hub
from kernel.terms import Role
from kernel.wire import Command, Event, Place, Row
from queueing.domain.view import view as desk_view
from queueing.messages import (
    STEERING,
    TEAM,
    AlarmCleared,
    AlarmJoined,
    AlarmLeft,
    AlarmTaken,
    ContactRequeued,
    OfferAccepted,
    SeatFreed,
    TransferAccepted,
)
from queueing.messages.attend import ContactAttended
from queueing.messages.incidents import COMMANDS as INCIDENTS
from server import attendance, calls, heads_up, presence, reading
from server.places import line_of, place_of
from server.standing import standing_of
from server.wiring import DECIDERS
from triage.domain.view import visible_to as case_visible


def nobody(_event: Event, _role: Role) -> None:
    """An agenda's feed names contacts: it is read by the house alone, and shown over HTTP without them."""


VISIBLE: Mapping[str, Callable[[Event, Role], Event | None]] = {
    "session": session_visible,
    "case": case_visible,
    "agenda": nobody,
}
STEERED: msgspec.json.Decoder[Command] = msgspec.json.Decoder(reduce(or_, (*STEERING, *TEAM, *INCIDENTS)))
"""What is said to a desk from a wallboard, by those who may say it at all."""
_decoders: dict[tuple[Role, str], msgspec.json.Decoder[Command]] = {}


def words(role: Role, kind: str) -> msgspec.json.Decoder[Command]:
    """What a role may say to a kind of aggregate, as a decoder of exactly these commands; raises NotPermitted."""
    if (role, kind) not in _decoders:
        commands = DECIDERS[kind].commands if kind in DECIDERS else ()
        allowed = tuple(command for command in commands if may_say(role, kind, _tag(command)))
        if not allowed:
            raise NotPermitted
        _decoders[role, kind] = msgspec.json.Decoder(reduce(or_, allowed))
    return _decoders[role, kind]


def _tag(command: type[Command]) -> str:
    """A command class's name on the wire."""
    return str(command.__struct_config__.tag)


class _Way:
    """What the doors share: presence by lease, words by role."""

    heartbeat_s, asks_again = 5, True
    name = ""
    holds_lease = True

    async def admit(self, hub: Hub, headers: list[tuple[bytes, bytes]], ticket: str | None) -> Identity:
        """Tell who this is."""
        return await identify(self.name, headers, ticket, clock.now(), fetch=hub.store.fetch)

    async def stays(self, hub: Hub, guest: Identity, idle_s: float) -> int:
        """Staff stay while they are signed in, unchanged and not idle."""
        return await attendance.stays(hub, guest, idle_s, may_idle=not self.holds_lease)

    async def entered(self, hub: Hub, guest: Identity) -> tuple[str, ...]:
        """Hold the lease, tell the rooms, follow what is theirs."""
        attendance.enter(hub, guest)
        if self.holds_lease:
            subject = presence.subject_of(guest.actor)
            await hub.leases.hold(subject, clock.now())
            await hub.tell(subject, present=True)
        return await self.starting(hub, guest)

    async def left(self, hub: Hub, guest: Identity) -> None:
        """Give the lease back; when it was the last, the rooms are told."""
        attendance.leave(hub, guest)
        if self.holds_lease:
            subject, now = presence.subject_of(guest.actor), clock.now()
            if await hub.leases.release(subject, now):
                await hub.tell(subject, present=False)
            await hub.leases.drop(subject, now)

    async def starting(self, _hub: Hub, _guest: Identity) -> tuple[str, ...]:
        """The feeds followed from the start."""
        return ()

    def words(self, guest: Identity, to: Address) -> msgspec.json.Decoder[Command]:
        """What this guest may say there."""
        if to.kind == "desk" and to.id not in guest.lines:
            raise NotPermitted("unknown_feed")
        return words(guest.actor.role, to.kind)

    async def permits(self, hub: Hub, guest: Identity, to: Address, command: Command) -> None:
        """Case and record answer only those whose business the contact is."""
        if to.kind in BOUND and guest.actor.is_staff:
            ties = (await standing_of(hub.engine, to.id)).ties(guest.actor, guest.lines)
            if not may_touch(guest.actor.role, to.kind, tag_of(command), ties):
                raise NotPermitted("not_yours")

    def hints(self, hub: Hub, guest: Identity, at: Address) -> bool:
        """Typing is told of whoever may write there: who listens in silence is not betrayed by a key."""
        state = hub.engine.glimpse(at) if at.kind == "session" else None
        return isinstance(state, SessionState) and may_write(state, guest.actor)

    async def told(self, hub: Hub, _guest: Identity, to: Address, command: Command, seq: int) -> None:
        """Wherever somebody asks for a look behind the glass, a supervisor hears of it."""
        await heads_up.after(hub.engine, to, command, seq)

    async def opens(self, hub: Hub, guest: Identity, at: Address) -> bool:
        """Ask the gate before anything of a contact is shown to staff; desks hold no word of anybody."""
        if at.kind not in reading.SHOWN:
            return True
        answer = await reading.open_live(hub.engine, guest, at.kind, at.id)
        return answer.opened

    def show(self, guest: Identity, row: Row) -> Event | None:
        """The event as this guest may see it."""
        visible = VISIBLE.get(row.feed.partition(".")[0])
        return row.event if visible is None else visible(row.event, guest.actor.role)

    def snapshots(self, kind: str) -> bool:
        """Desks begin with a snapshot, everything else is told by its events."""
        return kind == "desk"

    def view(self, _guest: Identity, _kind: str, state: Any) -> Any:
        """A desk as staff see it."""
        return desk_view(state)

    def moves(self, _guest: Identity, _row: Row) -> Mapping[str, bool]:
        """Follow nothing new."""
        return {}

    def holds(self, _guest: Identity, _kind: str, _state: Any) -> Mapping[str, bool]:
        """Hold nothing."""
        return {}

    def watches(self, _kind: str) -> bool:
        """Show whatever is followed."""
        return False

    def lingers(self, word: str) -> bool:
        """Media workers may take a while to answer, or be gone."""
        return word in calls.LINGERING

    async def aside(self, hub: Hub, guest: Identity, to: Address, command: Command) -> Any | None:
        """Calls are set up at the door."""
        return await calls.aside(hub, guest.actor, to, command) if to.kind == "session" else None

    async def place(self, _hub: Hub, _guest: Identity, _feed: str) -> Place | None:
        """Only visitors have a place."""
        return None


class ContactDoor(_Way):
    """A visitor: their session, what they answered, what they agreed to, and where they stand."""

    name = "contact"
    heartbeat_s, asks_again = 20, False

    async def starting(self, hub: Hub, guest: Identity) -> tuple[str, ...]:
        """The three feeds of one contact, and the desk for its place."""
        contact = guest.actor.id
        feeds = f"session.{contact}", f"case.{contact}", f"record.{contact}"
        line = await line_of(hub, contact)
        return (*feeds, f"desk.{line}") if line else feeds

    def words(self, guest: Identity, to: Address) -> msgspec.json.Decoder[Command]:
        """A visitor speaks to their own contact only."""
        if to.id != guest.actor.id:
            raise NotPermitted("unknown_feed")
        return words(guest.actor.role, to.kind)

    async def stays(self, _hub: Hub, _guest: Identity, _idle_s: float) -> int:
        """A visitor may always stay."""
        return 0

    async def opens(self, _hub: Hub, guest: Identity, at: Address) -> bool:
        """What a visitor reads is their own; the access log is about everybody else."""
        return at.kind == "desk" or at.id == guest.actor.id

    def show(self, guest: Identity, row: Row) -> Event | None:
        """Of the record a visitor sees what they agreed to; of the desk nothing."""
        kind = row.feed.partition(".")[0]
        if kind == "record":
            return row.event if tag_of(row.event).startswith("consent.") else None
        return None if kind == "desk" else super().show(guest, row)

    def snapshots(self, _kind: str) -> bool:
        """Everything is told by events."""
        return False

    def watches(self, kind: str) -> bool:
        """The desk is watched for the visitor's place and never shown."""
        return kind == "desk"

    async def place(self, hub: Hub, guest: Identity, feed: str) -> Place | None:
        """People ahead on the visitor's line."""
        return await place_of(hub, Address.of(feed).id, guest.actor.id)


class ConsoleDoor(_Way):
    """A counselor: the desks of their lines, and the contacts in their hands."""

    name = "console"

    async def starting(self, hub: Hub, guest: Identity) -> tuple[str, ...]:
        """Desks, and whatever is in hand or still owed a disposition."""
        feeds = []
        for line in guest.lines:
            feeds.append(f"desk.{line}")
            loaded = await hub.engine.state(Address("desk", line))
            held = self.holds(guest, "desk", loaded.state) if loaded is not None else {}
            feeds += [feed for feed, follow in held.items() if follow]
        return tuple(feeds)

    def holds(self, guest: Identity, kind: str, state: Any) -> Mapping[str, bool]:
        """The contacts of a desk that are in this counselor's hands or owed, and those that are not."""
        seat = state.seats.get(guest.actor.id) if kind == "desk" else None
        held = {*seat.contacts, *seat.owed} if seat is not None else set()
        alarms = state.alarms.values() if kind == "desk" else ()
        held |= {alarm.contact for alarm in alarms if guest.actor.id in (alarm.owner, *alarm.helpers)}
        tickets = state.tickets.values() if kind == "desk" else ()
        held |= {ticket.contact for ticket in tickets if guest.actor.id in ticket.company.present}
        at_desk = {*state.tickets, *state.alarms, *held} if kind == "desk" else set()
        return {f"{kind}.{contact}": contact in held for contact in sorted(at_desk) for kind in ("session", "case")}

    def moves(self, guest: Identity, row: Row) -> Mapping[str, bool]:
        """A contact is followed from accept until it leaves the hands."""
        event = row.event
        if isinstance(event, OfferAccepted | SeatFreed | ContactRequeued) and event.counselor == guest.actor.id:
            follow = isinstance(event, OfferAccepted)
            return {f"session.{event.contact}": follow, f"case.{event.contact}": follow}
        if isinstance(event, TransferAccepted) and guest.actor.id in (event.before, event.counselor):
            follow = event.counselor == guest.actor.id
            return {f"session.{event.contact}": follow, f"case.{event.contact}": follow}
        return _called(event, guest.actor.id)


def _called(event: Event, person: str) -> Mapping[str, bool]:
    """Whoever joins an escalation, or is beside a talk, follows the contact until it is over or they step out."""
    match event:
        case ContactAttended(how=None) if event.person == person and event.released:
            return {f"session.{event.contact}": False, f"case.{event.contact}": False}
        case ContactAttended() if event.person == person and event.how is not None:
            return {f"session.{event.contact}": True, f"case.{event.contact}": True}
        case AlarmTaken() | AlarmJoined() if event.person == person:
            return {f"session.{event.contact}": True, f"case.{event.contact}": True}
        case AlarmLeft(released=True) if event.person == person:
            return {f"session.{event.contact}": False, f"case.{event.contact}": False}
        case AlarmCleared() if person in event.released:
            return {f"session.{event.contact}": False, f"case.{event.contact}": False}
    return {}


class SupervisionDoor(_Way):
    """The wallboard: desks in scope, without a word of what is said."""

    name = "supervision"
    holds_lease = False

    async def starting(self, hub: Hub, guest: Identity) -> tuple[str, ...]:
        """The desks in scope."""
        return tuple(f"desk.{line}" for line in guest.lines)

    def words(self, guest: Identity, to: Address) -> msgspec.json.Decoder[Command]:
        """A supervisor steers from here; a seat is taken, and something said to a visitor, at a console only."""
        found = super().words(guest, to)
        if to.kind == "session":
            raise NotPermitted
        return STEERED if to.kind == "desk" else found
