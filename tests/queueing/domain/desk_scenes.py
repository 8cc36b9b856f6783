"""Scenes that chance alone puts together too seldom: a full house, a late comer, a missed ring, a wrap-up overdue."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from kernel.decider import Elapse
from kernel.terms import Actor, Attending, Medium, RiskLevel, Role
from queueing import messages as m
from queueing.messages.attend import AskConsult, AttendContact, TakeOver
from tests.queueing.domain.desk_machine import CONTACTS, COUNSELORS, DeskWalk
from tests.strategies import T0


class DeskMachine(DeskWalk):
    """Every order of commands, and of these scenes."""

    @precondition(lambda self: len(self.book.guests) < 3)
    @rule(slots=st.integers(1, 3), medium=st.sampled_from(Medium))
    def full_house(self, slots: int, medium: Medium) -> None:
        """All three are there, somebody talks, others are rung; who comes in danger may take a ring from them."""
        for counselor in COUNSELORS:
            self.enter(counselor)
            self.ready(counselor, slots, burst=False)
        here = [contact for contact in CONTACTS if contact not in self.book.guests]
        for contact in here[:3]:
            self.request(contact, Medium.TEXT, RiskLevel.ROUTINE, 0, "zh-Hans")
        for offer, counselor in self.rings()[:1]:
            self.give(m.AcceptOffer(offer), Actor(Role.COUNSELOR, counselor))
        self.request(here[3], medium, RiskLevel.IMMINENT, 0, "zh-Hans")

    @rule(contact=st.sampled_from(CONTACTS), minutes=st.sampled_from([-1, 0, 59, 60]))
    def comes_late(self, contact: str, minutes: int) -> None:
        """Somebody comes about the end of today's admission or of the hours."""
        self.now = max(self.now, T0 + timedelta(hours=5, minutes=minutes))
        self.request(contact, Medium.TEXT, RiskLevel.ROUTINE, 0, "zh-Hans")

    @precondition(lambda self: any(guest.owner for guest in self.book.guests.values()))
    @rule(data=st.data())
    def comes_again(self, data: st.DataObject) -> None:
        """A talk ends, its wrap-up takes too long, and the same contact asks again while it is still owed."""
        contact = data.draw(st.sampled_from([name for name, guest in self.book.guests.items() if guest.owner]))
        self.give(m.BeginWrapUp(contact))
        self.now += timedelta(seconds=901)
        self.give(Elapse())
        self.request(contact, Medium.TEXT, RiskLevel.ROUTINE, 0, "zh-Hans")

    @precondition(lambda self: any(guest.rung for guest in self.book.guests.values()))
    @rule(back=st.booleans())
    def goes_while_rung(self, back: bool) -> None:
        """The connection of somebody who is rung for breaks."""
        contact = next(name for name, guest in self.book.guests.items() if guest.rung)
        self.give(m.MarkTicketAway(contact))
        if back:
            self.give(m.MarkTicketBack(contact))

    @precondition(lambda self: any(guest.rung for guest in self.book.guests.values()))
    @rule(slots=st.integers(1, 2))
    def fewer_slots(self, slots: int) -> None:
        """Whoever is rung at takes less from now on: what rings may fit no longer."""
        for _, counselor in self.rings()[:1]:
            self.ready(counselor, slots, burst=False)

    @precondition(lambda self: any(guest.rung for guest in self.book.guests.values()))
    @rule(seconds=st.sampled_from([0, 0, 15, 59]))
    def missed(self, seconds: int) -> None:
        """Every ring runs out, and somebody else comes while those who missed one rest."""
        self.now += timedelta(seconds=21)
        self.give(Elapse())
        self.now += timedelta(seconds=seconds)
        here = [name for name in CONTACTS if name not in self.book.guests]
        if here:
            self.request(here[0], Medium.TEXT, RiskLevel.ROUTINE, 0, "zh-Hans")

    @precondition(lambda self: any(guest.waiting for guest in self.book.guests.values()))
    @rule(data=st.data())
    def chosen_for_standby(self, data: st.DataObject) -> None:
        """A supervisor wants somebody who stands by to take a contact; they take those in danger only."""
        contact = data.draw(st.sampled_from([name for name, guest in self.book.guests.items() if guest.waiting]))
        self.enter("ce")
        self.give(m.StandBy(), Actor(Role.COUNSELOR, "ce"))
        self.give(m.AssignTicket(contact, "ce", "why"), Actor(Role.SUPERVISOR, "ce"))

    @precondition(lambda self: any(guest.owner for guest in self.book.guests.values()))
    @rule(data=st.data(), who=st.sampled_from(COUNSELORS), takes_over=st.booleans())
    def not_alone(self, data: st.DataObject, who: str, takes_over: bool) -> None:
        """Whoever attends a talk takes it over; a colleague who is asked to come never answers."""
        held = [(name, guest.owner) for name, guest in self.book.guests.items() if guest.owner]
        contact, owner = data.draw(st.sampled_from(held))
        self.enter(who)
        if takes_over:
            self.give(AttendContact(contact, Attending.MONITOR), Actor(Role.SUPERVISOR, who))
            self.give(TakeOver(contact, "too much for one"), Actor(Role.SUPERVISOR, who))
        else:
            self.give(AskConsult(contact, who), Actor(Role.COUNSELOR, owner))
            self.now += timedelta(seconds=121)
            self.give(Elapse())

    @precondition(lambda self: len(self.book.guests) < len(CONTACTS) - 1)
    @rule(medium=st.sampled_from(Medium))
    def talks_otherwise(self, medium: Medium) -> None:
        """Two who write begin to speak, though another rings just then; or they write on."""
        self.enter("an")
        self.ready("an", 3, burst=False)
        first, second = [name for name in CONTACTS if name not in self.book.guests][:2]
        self.request(first, Medium.TEXT, RiskLevel.ROUTINE, 0, "zh-Hans")
        for offer, counselor in self.rings():
            self.give(m.AcceptOffer(offer), Actor(Role.COUNSELOR, counselor))
        self.request(second, Medium.TEXT, RiskLevel.ROUTINE, 0, "zh-Hans")
        self.give(m.SwitchMedium(first, medium))

    @precondition(lambda self: len(self.book.guests) < len(CONTACTS))
    @rule(seconds=st.sampled_from([60, 119, 3600]))
    def lost_with_an_old_wish(self, seconds: int) -> None:
        """Whoever speaks the language somebody asked for takes them, and is lost when the wish has run out."""
        self.enter("bo")
        self.ready("bo", 3, burst=False)
        self.enter("ce")
        self.ready("ce", 3, burst=False)
        contact = next(name for name in CONTACTS if name not in self.book.guests)
        self.request(contact, Medium.TEXT, RiskLevel.ROUTINE, 0, "en")
        for offer, counselor in self.rings():
            self.give(m.AcceptOffer(offer), Actor(Role.COUNSELOR, counselor))
        self.now += timedelta(seconds=seconds)
        for counselor in COUNSELORS:
            if contact in self.book.guests and self.book.guests[contact].owner == counselor:
                self.give(m.LoseSeat(counselor))
        self.now += timedelta(seconds=61)
        self.give(Elapse())
