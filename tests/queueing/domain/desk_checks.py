"""What must hold at a desk before, during and after every command: P1-P15 of the queue's design."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis.stateful import RuleBasedStateMachine, invariant

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM, Actor, Medium
from kernel.wire import Command, Event
from queueing import messages as m
from queueing.domain import desk as honest
from tests.queueing.domain.bookkeeper import Book
from tests.queueing.domain.people import GRACE_S
from tests.strategies import T0


class DeskChecks(RuleBasedStateMachine):
    """Gives commands; every command is checked before, during and after."""

    code: Any = honest

    def __init__(self) -> None:
        """An empty desk, half an hour before noon."""
        super().__init__()
        self.state = self.code.DeskState()
        self.now = T0
        self.book = Book()
        self.log: list[Event] = []
        self.ever_rung: list[tuple[str, str]] = []
        self.chosen: set[str] = set()  # offers a supervisor made: one above the slots, if the one asked agrees
        self.open: tuple[m.OpenInterval, ...] = ()

    # --- giving commands ---

    def give(self, command: Command, by: Actor = SYSTEM, *, now: datetime | None = None) -> tuple[Event, ...] | None:
        """Decide, check every event as it is applied, and what must hold at rest."""
        now = now or self.now
        before = self.state
        try:
            events: tuple[Event, ...] = self.code.decide(before, command, by, now)
        except Refused:
            assert by != SYSTEM, "news of the house is never refused"
            assert self.state == before
            return None
        for event in events:
            self.check(event, command, now)
            self.book.read(event, now)
            self.state = self.code.evolve(self.state, event)
            self.log.append(event)
            if isinstance(event, m.OfferAccepted):
                wished = isinstance(command, m.TakeNext) or event.offer in self.chosen
                self.book.check_hands(event.counselor, event.contact, took=wished)
        self.check_keys(before)
        if isinstance(command, Elapse):
            wake = self.code.DECIDER.due(self.state)
            assert wake is None or wake > now, "a clock that rings at once, again and again"
        return events

    def check(self, event: Event, command: Command, now: datetime) -> None:
        """What must be true in the instant before an event is applied."""
        match event:
            case m.OfferRung(contact=contact, counselor=counselor):
                took = event.expires_at == event.at + timedelta(seconds=1)  # a self-offer, accepted at once
                # A supervisor's choice is the one legal inversion; what rings for others in the same breath is not.
                chosen = isinstance(command, m.AssignTicket) and (contact, counselor) == (command.contact, command.to)
                extra = 1 if chosen or (isinstance(command, m.TakeNext) and took) else 0
                self.ever_rung.append((event.offer, counselor))
                self.chosen |= {event.offer} if chosen else set()
                assert self.book.guests[contact].can_be_asked_for
                assert self.book.people[counselor].here, "P9"
                danger, person = self.book.guests[contact].danger, self.book.people[counselor]
                assert person.ready or (person.stands_by and danger), "P9"
                assert not self.book.rings_at(counselor), "P2: two rings at one console"
                rests = person.resting and not (chosen or took)
                assert not rests or self.book.nobody_else(contact), "rung at while they rest"
                most = 3 if self.book.guests[contact].danger else 1
                assert extra or len(self.book.guests[contact].rung) < most, "P2: too many are asked"
                assert chosen or self.book.has_room(counselor, contact, extra=extra), "P3"  # their hands are checked
                if not chosen:
                    assert not self.book.passed_over(contact, counselor, extra=extra), "P4: somebody is passed over"
                    assert not self.book.overtaken(contact, counselor), "P7"
                assert event.expires_at > now
            case m.TicketAbandoned(contact=contact):
                guest = self.book.guests[contact]
                assert isinstance(command, Elapse)
                assert not guest.danger, "P12: danger never times out"
                assert guest.away is not None
                assert not guest.to_be_called, "who is to be called back need not be there"
                assert now - guest.away >= timedelta(seconds=GRACE_S[guest.medium]), "gone before the grace was over"
            case m.CallbackBooked(contact=contact, not_before=opens) if isinstance(command, Elapse):
                assert not self.book.guests[contact].danger, "P12"
                shut = not any(span.opens_at <= now < span.closes_at for span in self.open)
                assert shut or (opens is not None and opens <= now), "put off while the line is open"
            case m.TicketStranded(contact=contact):
                assert self.book.guests[contact].danger
            case m.OfferMissed():
                assert isinstance(command, Elapse)
            case m.SeatAway(counselor=counselor):
                assert self.book.people[counselor].missed >= 2
            case m.OfferCancelled(offer=offer, counselor=counselor):
                assert offer in self.book.rings_at(counselor)

    def check_keys(self, before: Any) -> None:
        """No contact's place moved back."""
        for contact, ticket in self.state.tickets.items():
            known = before.tickets.get(contact)
            if known is not None:
                assert (ticket.tier, ticket.due_at) <= (known.tier, known.due_at), "P6"
                assert ticket.number == known.number

    # --- what must hold at rest ---

    @invariant()
    def one_owner_or_none(self) -> None:
        """P1: held by exactly one, and the holder knows; P9: whoever is off holds nothing."""
        for contact, ticket in self.state.tickets.items():
            holders = [seat.counselor for seat in self.state.seats.values() if contact in seat.contacts]
            assert holders == ([ticket.owner] if ticket.owner else [])
            assert self.book.guests[contact].owner == ticket.owner
        for seat in self.state.seats.values():
            assert set(seat.contacts) <= set(self.state.tickets)
            assert len(seat.contacts) == len(set(seat.contacts))
            assert seat.state != "off" or (not seat.contacts and seat.offer is None)

    @invariant()
    def rings_agree(self) -> None:
        """P2 at rest: what a seat hears is what a ticket rings."""
        for counselor, person in self.book.people.items():
            ringing = self.book.rings_at(counselor)
            seat = self.state.seats.get(counselor)
            assert ringing == ([seat.offer] if seat and seat.offer else [])
            assert not ringing or (person.here and (person.ready or person.stands_by))
            on_the_phone = any(self.book.guests[each].medium is Medium.VOICE for each in person.hands)
            assert not (ringing and on_the_phone), "rung at while they talk on the telephone"

    @invariant()
    def nobody_waits_for_an_idle_counselor(self) -> None:
        """P5."""
        assert self.book.idle_chances() == []

    @invariant()
    def company_is_at_a_console_and_owns_nothing(self) -> None:
        """Whoever is beside a talk was let in by the news, has a seat that is open, and is not its owner."""
        for contact, people in self.book.beside.items():
            ticket = self.state.tickets.get(contact)
            assert people == (set(ticket.company.present) if ticket else set()), "not told that they are let go"
            for person in people:
                assert ticket is not None
                assert ticket.owner != person
                assert ticket.phase in ("active", "waiting")
                assert self.state.seats[person].state != "off"
        for ticket in self.state.tickets.values():
            asked = ticket.company.asked
            assert asked is None or (ticket.phase == "active" and asked.to != ticket.owner)

    @invariant()
    def nobody_is_lost(self) -> None:
        """P10: whoever entered has left or is here, once."""
        assert set(self.state.tickets) == set(self.book.guests)
        assert self.book.entered == len(self.book.left) + len(self.book.guests)

    def teardown(self) -> None:
        """P13: folding the log, or reading the snapshot back, is the state."""
        assert msgspec.json.decode(msgspec.json.encode(self.state), type=type(self.state)) == self.state
        state = self.code.DeskState()
        for event in self.log:
            state = self.code.evolve(state, event)
        assert state == self.state
