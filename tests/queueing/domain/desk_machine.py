"""A desk under every order of events Hypothesis can think of, held against an independent bookkeeper (P1-P15)."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command, Event
from queueing import messages as m
from queueing.domain import desk as honest
from tests.queueing.domain.bookkeeper import GRACE_S, Book
from tests.strategies import T0, risks

COUNSELORS = ("an", "bo", "ce")
SPEAK: dict[str, tuple[str, ...]] = {"an": (), "bo": ("zh-Hans",), "ce": ("zh-Hans", "en")}
CONTACTS = tuple(f"c{number}" for number in range(7))
MEDIA = st.sampled_from([Medium.TEXT, Medium.TEXT, Medium.TEXT, Medium.VOICE])
OPEN = tuple(
    m.OpenInterval(T0 + timedelta(days=day), T0 + timedelta(days=day, hours=6), T0 + timedelta(days=day, hours=5), how)
    for day in (-1, 0, 1)
    for how in Medium
)


class DeskMachine(RuleBasedStateMachine):
    """Every rule gives commands; every command is checked before, during and after."""

    code: Any = honest

    def __init__(self) -> None:
        """An empty desk, half an hour before noon."""
        super().__init__()
        self.state = self.code.DeskState()
        self.now = T0
        self.book = Book()
        self.log: list[Event] = []
        self.ever_rung: list[tuple[str, str]] = []
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
                self.book.check_hands(event.counselor, event.contact, took=isinstance(command, m.TakeNext))
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
                extra = 1 if isinstance(command, m.TakeNext) and took else 0
                self.ever_rung.append((event.offer, counselor))
                assert self.book.guests[contact].can_be_asked_for
                assert self.book.people[counselor].here, "P9"
                danger, person = self.book.guests[contact].danger, self.book.people[counselor]
                assert person.ready or (person.stands_by and danger), "P9"
                assert not self.book.rings_at(counselor), "P2: two rings at one console"
                most = 3 if self.book.guests[contact].danger else 1
                assert extra or len(self.book.guests[contact].rung) < most, "P2: too many are asked"
                assert self.book.has_room(counselor, contact, extra=extra), "P3"
                assert not self.book.passed_over(contact, counselor, extra=extra), "P4: somebody sooner is passed over"
                assert not self.book.overtaken(contact, counselor), "P7"
                assert event.expires_at > now
            case m.TicketAbandoned(contact=contact):
                guest = self.book.guests[contact]
                assert isinstance(command, Elapse)
                assert not guest.danger, "P12: danger never times out"
                assert guest.away is not None
                assert now - guest.away >= timedelta(seconds=GRACE_S[guest.medium]), "gone before the grace was over"
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

    @invariant()
    def nobody_waits_for_an_idle_counselor(self) -> None:
        """P5."""
        assert self.book.idle_chances() == []

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

    # --- the rules ---

    @initialize(
        open_=st.sampled_from([True, True, True, False]),
        slots=st.lists(st.integers(1, 3), max_size=3),
        crowd=st.lists(st.tuples(MEDIA, risks, st.integers(0, 90)), max_size=4),
        taken=st.integers(0, 3),
    )
    def begin(self, open_: bool, slots: list[int], crowd: list[tuple[Medium, RiskLevel, int]], taken: int) -> None:
        """Hours, who is there already, and some of the talks under way."""
        self.hours(open_)
        for counselor, own in zip(COUNSELORS, slots, strict=False):
            self.enter(counselor)
            self.ready(counselor, own, burst=counselor == "an")
        for contact, (medium, risk, waited) in zip(CONTACTS, crowd, strict=False):
            self.request(contact, medium, risk, waited, "zh-Hans")
        for _ in range(taken):
            for offer, counselor in self.rings()[:1]:
                self.give(m.AcceptOffer(offer), Actor(Role.COUNSELOR, counselor))

    def rings(self) -> list[tuple[str, str]]:
        """Every offer that rings, and where."""
        return [ring for guest in self.book.guests.values() for ring in guest.rung.items()]

    def hours(self, open_: bool) -> None:
        """The hours change, or are taken back."""
        self.open = OPEN if open_ else ()
        self.give(m.PublishHours(self.open, str(open_)))

    @rule(what=st.integers(0, 7), contact=st.sampled_from(CONTACTS), risk=risks)
    def seldom(self, what: int, contact: str, risk: RiskLevel) -> None:
        """The hours change; a person lowers a risk; P15: somebody sets the machine's clock."""
        if what < 3:
            self.hours(what < 2)
        elif what < 6:
            self.give(m.LowerTicket(contact, risk))
        else:
            self.now += timedelta(hours=1 if what == 6 else -1)
            self.give(Elapse())

    @rule(
        contact=st.sampled_from(CONTACTS),
        medium=MEDIA,
        risk=risks,
        waited=st.integers(0, 90),
        language=st.sampled_from(["zh-Hans", "zh-Hans", "en"]),
    )
    def request(self, contact: str, medium: Medium, risk: RiskLevel, waited: int, language: str) -> None:
        """Somebody comes, or somebody who is here is in more danger; P11 for newcomers."""
        known = contact in self.book.guests
        arrived = self.book.guests[contact].came if known else self.now - timedelta(minutes=waited)
        owed = any(contact in person.owes for person in self.book.people.values())
        events = self.give(m.RequestTicket(contact, medium, risk, arrived, language))
        if known or owed:
            assert not any(isinstance(each, m.TicketIssued | m.TicketDeflected) for each in events or ())
            return
        admitted = any(
            span.opens_at <= self.now < span.closes_at and self.now < span.admits_until
            for span in self.open
            if span.medium == medium
        )
        on_duty = any(person.here for person in self.book.people.values())
        if risk in (RiskLevel.HIGH, RiskLevel.IMMINENT):
            admitted = admitted or on_duty
        assert (contact in self.book.guests) is admitted, "P11"

    @precondition(lambda self: any(guest.rung for guest in self.book.guests.values()))
    @rule()
    def accept_first(self) -> None:
        """The first offer that rings is taken, so that talks are frequent."""
        offer, counselor = self.rings()[0]
        assert self.give(m.AcceptOffer(offer), Actor(Role.COUNSELOR, counselor))

    @rule(contact=st.sampled_from(CONTACTS))
    def danger(self, contact: str) -> None:
        """Somebody who is here is now in danger."""
        if contact in self.book.guests:
            guest = self.book.guests[contact]
            self.give(m.RequestTicket(contact, guest.medium, RiskLevel.IMMINENT, guest.came))

    @rule(contact=st.sampled_from(CONTACTS), back=st.sampled_from([True, False, False]))
    def connection(self, contact: str, back: bool) -> None:
        """A visitor's socket goes or comes back."""
        self.give(m.MarkTicketBack(contact) if back else m.MarkTicketAway(contact))

    @rule(contact=st.sampled_from(CONTACTS), what=st.sampled_from([m.WithdrawTicket, m.BeginWrapUp, m.FreeSeat]))
    def finish(self, contact: str, what: Any) -> None:
        """A talk ends, or is written up."""
        self.give(what(contact))

    @rule(counselor=st.sampled_from(COUNSELORS))
    def enter(self, counselor: str) -> None:
        """Somebody opens a console."""
        grade = Role.SUPERVISOR if counselor == "ce" else Role.COUNSELOR
        self.give(m.EnterSeat(counselor, counselor, grade, SPEAK[counselor]))

    @rule(counselor=st.sampled_from(COUNSELORS))
    def lose(self, counselor: str) -> None:
        """A console's connection breaks."""
        self.give(m.LoseSeat(counselor))

    @rule(counselor=st.sampled_from(COUNSELORS), slots=st.integers(1, 3), burst=st.booleans())
    def ready(self, counselor: str, slots: int, *, burst: bool) -> None:
        """Take contacts from now on, perhaps one more in danger."""
        self.give(m.ReadySeat(slots, burst), Actor(Role.COUNSELOR, counselor))

    @rule(
        counselor=st.sampled_from(COUNSELORS),
        what=st.sampled_from([m.StandBy, m.PauseSeat, m.LeaveSeat, m.TakeNext, m.TakeNext, m.TakeNext]),
    )
    def says(self, counselor: str, what: Any) -> None:
        """A break, the end of duty, or take whoever is next."""
        self.give(what(), Actor(Role.COUNSELOR, counselor))

    @precondition(lambda self: any(guest.rung for guest in self.book.guests.values()))
    @rule(data=st.data(), accept=st.booleans())
    def answer(self, data: st.DataObject, accept: bool) -> None:
        """Somebody answers an offer that rings; the same answer again is stale."""
        offer, counselor = data.draw(st.sampled_from(self.rings()))
        command = m.AcceptOffer(offer) if accept else m.DeclineOffer(offer)
        by = Actor(Role.COUNSELOR, counselor)
        assert self.give(command, by), "an offer that rings can be answered"
        assert self.give(command, by) is None, "P8: answered twice"

    @precondition(lambda self: self.ever_rung)
    @rule(data=st.data(), counselor=st.sampled_from(COUNSELORS), accept=st.booleans())
    def late_answer(self, data: st.DataObject, counselor: str, accept: bool) -> None:
        """P8: an offer that does not ring here is no offer."""
        offer, _ = data.draw(st.sampled_from(self.ever_rung))
        if offer not in self.book.rings_at(counselor):
            command = m.AcceptOffer(offer) if accept else m.DeclineOffer(offer)
            assert self.give(command, Actor(Role.COUNSELOR, counselor)) is None

    @rule(seconds=st.sampled_from([0, 1, 9, 10, 11, 20, 21, 31, 61, 301, 3600]))
    def time(self, seconds: int) -> None:
        """Time passes and the clock wakes the desk, due or not."""
        self.now += timedelta(seconds=seconds)
        self.give(Elapse())

    @rule()
    def next_due(self) -> None:
        """The clock wakes the desk at the very instant it asked for."""
        wake = self.code.DECIDER.due(self.state)
        if wake is not None:
            self.now = max(self.now, wake)
            self.give(Elapse())
