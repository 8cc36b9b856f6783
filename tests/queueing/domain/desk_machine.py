"""A desk under every order of events Hypothesis can think of, held against an independent bookkeeper (P1-P15)."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from kernel.decider import Elapse
from kernel.terms import SYSTEM, Actor, Attending, Medium, RiskLevel, Role
from queueing import messages as m
from queueing.messages.attend import AcceptConsult, AskConsult, AttendContact, EndConsult, TakeOver
from queueing.messages.team import AcknowledgeNotice, ReleaseSeat, SendNotice
from tests.queueing.domain.desk_checks import DeskChecks
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


class DeskWalk(DeskChecks):
    """Every order of commands that Hypothesis can think of."""

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
            self.ready(counselor, own, burst=True)
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

    @precondition(lambda self: any(guest.owner for guest in self.book.guests.values()))
    @rule(data=st.data(), to=st.sampled_from(COUNSELORS), who=st.sampled_from(COUNSELORS))
    def hand(self, data: st.DataObject, to: str, who: str) -> None:
        """A contact is to go from hand to hand; only whoever is asked takes it."""
        held = [(name, guest.owner) for name, guest in self.book.guests.items() if guest.owner]
        contact, owner = data.draw(st.sampled_from(held))
        asked = self.give(m.OfferTransfer(contact, to), Actor(Role.COUNSELOR, owner))
        taken = self.give(m.AcceptTransfer(contact), Actor(Role.COUNSELOR, who))
        assert not (asked and taken and who != to), "somebody else took over"

    @precondition(lambda self: any(guest.owner for guest in self.book.guests.values()))
    @rule(
        data=st.data(), who=st.sampled_from(COUNSELORS), how=st.sampled_from([None, *Attending]), what=st.integers(0, 7)
    )
    def beside(self, data: st.DataObject, who: str, how: Attending | None, what: int) -> None:
        """Somebody attends, takes over, is consulted, or steps out."""
        held = [(name, guest.owner) for name, guest in self.book.guests.items() if guest.owner]
        contact, owner = data.draw(st.sampled_from(held))
        if what == 0:
            self.give(AttendContact(contact, how), Actor(Role.SUPERVISOR, who))
        elif what == 1:
            if self.give(TakeOver(contact, "too much for one"), Actor(Role.SUPERVISOR, who)):
                assert self.book.guests[contact].owner == who
        elif what >= 5:
            self.give(AttendContact(contact, Attending.MONITOR), Actor(Role.SUPERVISOR, who))
            self.beside_and_then(what, contact, who)
        elif what == 2:
            self.give(AskConsult(contact, who), Actor(Role.COUNSELOR, owner))
        else:
            self.give((AcceptConsult if what == 3 else EndConsult)(contact), Actor(Role.COUNSELOR, who))

    def beside_and_then(self, what: int, contact: str, who: str) -> None:
        """Whoever is beside a talk sees it end, takes it over, or is lost themselves."""
        if what == 5:
            self.give(m.WithdrawTicket(contact))
        elif what == 6:
            self.give(TakeOver(contact, "too much for one"), Actor(Role.SUPERVISOR, who))
        else:
            self.give(m.LoseSeat(who))
            self.now += timedelta(seconds=61)
            self.give(Elapse())

    @rule(counselor=st.sampled_from(COUNSELORS))
    def released(self, counselor: str) -> None:
        """A supervisor takes somebody off, and tells everybody."""
        self.give(ReleaseSeat(counselor, "go home"), Actor(Role.SUPERVISOR, "ce"))
        self.give(SendNotice("a break for everybody"), Actor(Role.SUPERVISOR, "ce"))
        self.give(AcknowledgeNotice("n1"), Actor(Role.COUNSELOR, counselor))

    @rule(contact=st.sampled_from(CONTACTS), accept=st.booleans())
    def emergency(self, contact: str, accept: bool) -> None:
        """Somebody comes in danger, and is answered at once where anybody rings."""
        self.request(contact, Medium.TEXT, RiskLevel.IMMINENT, 0, "zh-Hans")
        if accept and contact in self.book.guests:
            for offer, counselor in list(self.book.guests[contact].rung.items())[:1]:
                self.give(m.AcceptOffer(offer), Actor(Role.COUNSELOR, counselor))

    @rule()
    def supervisor_stands_by(self) -> None:
        """A supervisor comes only for those in danger."""
        self.enter("ce")
        self.give(m.StandBy(), Actor(Role.COUNSELOR, "ce"))

    @rule(contact=st.sampled_from(CONTACTS), to=st.sampled_from(COUNSELORS), what=st.integers(0, 2))
    def steer(self, contact: str, to: str, what: int) -> None:
        """A supervisor chooses; a visitor would rather be called."""
        later = self.now + timedelta(minutes=30)
        words = (m.AssignTicket(contact, to, "why"), m.BookCallback(contact), m.BookCallback(contact, later))
        if what and contact not in self.book.guests:
            return  # a place for somebody who has none: test_callbacks
        self.give(words[what], SYSTEM if what else Actor(Role.SUPERVISOR, "ce"))

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

    @rule(seconds=st.sampled_from([0, 1, 9, 10, 11, 20, 21, 31, 61, 301, 3600, 18_060]))
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
