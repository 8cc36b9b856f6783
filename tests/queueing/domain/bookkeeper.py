"""An independent bookkeeper of one desk: it believes only the news it reads, and knows the rules in its own words.

Nothing here uses the desk's own key, capacity or gate; the numbers are the union's promises, written out again.
"""

from datetime import datetime, timedelta

from kernel.terms import Medium, RiskLevel
from kernel.wire import Event
from queueing import messages as m
from queueing.messages.attend import ContactAttended
from queueing.messages.team import SeatReleased
from tests.queueing.domain.people import PROMISED_MIN, SOONEST_MIN, Guest, Person


class Book:
    """Who waits, who is asked, who holds whom: from the news alone."""

    def __init__(self) -> None:
        """Begin with an empty room."""
        self.guests: dict[str, Guest] = {}
        self.people: dict[str, Person] = {}
        self.entered = 0
        self.left: list[tuple[str, str]] = []
        self.named: set[str] = set()
        self.beside: dict[str, set[str]] = {}

    def rings_at(self, counselor: str) -> list[str]:
        """Every offer that rings at a console."""
        return [o for guest in self.guests.values() for o, who in guest.rung.items() if who == counselor]

    def has_room(self, counselor: str, contact: str, *, extra: int = 0) -> bool:
        """Capacity in plain words: voice wants somebody whole, text a free slot; nobody who said no is asked.

        For danger one text more, where agreed to and no other danger is in hand; or somebody who stands by for it.
        """
        person, guest = self.people[counselor], self.guests[contact]
        if counselor in guest.refused_by or not self.suits(person, guest):
            return False
        held = [self.guests[each].medium for each in person.hands]
        if Medium.VOICE in held:
            return False
        if person.stands_by:
            return guest.danger and not held
        if guest.medium is Medium.VOICE:
            return not held
        return len(held) < person.slots + extra or (guest.danger and self.bursts(person))

    def suits(self, person: Person, guest: Guest) -> bool:
        """Somebody who is to be spoken to in their language first."""
        return not guest.only_language or not person.languages or guest.language in person.languages

    def bursts(self, person: Person) -> bool:
        """One above the slots, and no two in danger."""
        alone = not any(self.guests[each].danger for each in person.hands)
        return person.one_more and alone and len(person.hands) == person.slots

    def is_free(self, counselor: str, *, for_danger: bool = False) -> bool:
        """Here, ready, nothing ringing; not resting after a miss or after danger, but for danger that has nobody."""
        person = self.people[counselor]
        at_work = person.here and (person.ready or person.stands_by)
        return at_work and (for_danger or not person.resting) and not self.rings_at(counselor)

    def nobody_else(self, contact: str) -> bool:
        """Somebody in danger for whom no console rings, and whom nobody can take who does not rest."""
        guest = self.guests[contact]
        others = (each for each in self.people if self.is_free(each) and self.has_room(each, contact))
        return guest.danger and not guest.rung and not any(others)

    def passed_over(self, contact: str, counselor: str, *, extra: int = 0) -> list[str]:
        """Those sooner than `contact`, whom nobody has been asked for and this counselor could take."""
        guest = self.guests[contact]
        return [
            name
            for name, other in self.guests.items()
            if name != contact
            and other.can_be_asked_for
            and not other.rung
            and other.sooner_than(guest)
            and self.has_room(counselor, name, extra=extra)
        ]

    def overtaken(self, contact: str, counselor: str) -> list[str]:
        """Those who had waited their own promise minus the shortest one before `contact` even came."""
        guest = self.guests[contact]
        return [
            name
            for name, other in self.guests.items()
            if not other.danger
            and not guest.danger
            and other.can_be_asked_for
            and not other.rung
            and self.has_room(counselor, name)
            and other.promised - timedelta(minutes=SOONEST_MIN) < guest.came
            and guest.promised > other.promised
        ]

    def idle_chances(self) -> list[tuple[str, str]]:
        """Pairs of a free counselor and somebody nobody is asked for whom they could take."""
        chances = []
        for name, guest in self.guests.items():
            if not guest.can_be_asked_for or guest.rung:
                continue
            for counselor in self.people:
                interrupts = guest.danger and self._rings_for_less(counselor)
                if (interrupts or self.is_free(counselor, for_danger=guest.danger)) and self.has_room(counselor, name):
                    chances.append((name, counselor))
        return self._but_for_reserved(chances)

    def _but_for_reserved(self, chances: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """A call that waits may keep one texting counselor from those who stand behind it."""
        calls = [g for g in self.guests.values() if g.medium is Medium.VOICE and g.can_be_asked_for and not g.rung]
        kept = {
            counselor
            for name, counselor in chances
            if self.people[counselor].hands and any(call.sooner_than(self.guests[name]) for call in calls)
        }
        return chances if len(kept) > 1 else [each for each in chances if each[1] not in kept]

    def _rings_for_less(self, counselor: str) -> bool:
        """A console where somebody out of danger rings."""
        return any(counselor in guest.rung.values() and not guest.danger for guest in self.guests.values())

    def check_hands(self, counselor: str, contact: str, *, took: bool) -> None:
        """Nobody holds more than they said, one above for danger or by their own wish; voice has them whole."""
        person, danger = self.people[counselor], self.guests[contact].danger
        held = [self.guests[each].medium for each in person.hands]
        assert held.count(Medium.VOICE) == 0 or len(held) == 1, "P3: voice is not alone"
        alone = Medium.VOICE in held or (danger and person.stands_by)
        one_more = took or (danger and person.one_more)
        assert len(held) <= max(alone, person.slots + one_more), "P3: more than the slots"

    # --- reading the news ---

    def read(self, event: Event, now: datetime) -> None:
        """Note one event."""
        if isinstance(event, ContactAttended):
            gone = self.beside.get(event.contact, set()) - {event.person}
            self.beside[event.contact] = gone | ({event.person} if event.how is not None else set())
        elif isinstance(event, m.TicketIssued):
            assert event.contact not in self.guests, "issued twice"
            self.entered += 1
            self.guests[event.contact] = Guest(
                event.medium,
                event.arrived_at,
                event.number,
                event.risk is RiskLevel.IMMINENT,
                event.arrived_at + timedelta(minutes=PROMISED_MIN[event.risk]),
                language=event.language,
                only_language=event.speaks_until is not None,
            )
            assert event.speaks_until is None or timedelta() < event.speaks_until - now <= timedelta(seconds=120)
        elif isinstance(event, m.SeatEntered):
            old = self.people.get(event.counselor)
            assert old is None or not old.hands
            owes = old.owes if old else set()
            self.people[event.counselor] = Person(owes=owes, languages=event.languages)
        elif hasattr(event, "contact") and event.contact in self.guests:
            guest = self.guests[event.contact]
            if isinstance(event, m.ContactRequeued) and guest.away is not None:
                guest.away = now  # the grace counts from here: they had somebody until now
            self._about_guest(event, guest)
        elif hasattr(event, "counselor"):
            self._about_person(event, self.people[event.counselor])

    def _about_guest(self, event: Event, guest: Guest) -> None:
        """Something about a contact."""
        match event:
            case m.TicketRaised(risk=risk):
                guest.danger = guest.danger or risk is RiskLevel.IMMINENT
                guest.only_language = guest.only_language and not guest.danger
                guest.put_off = guest.put_off and risk not in (RiskLevel.HIGH, RiskLevel.IMMINENT)
                guest.promised = min(guest.promised, guest.came + timedelta(minutes=PROMISED_MIN[risk]))
            case m.TicketAway(at=at):
                assert guest.danger or not guest.rung, "gone, and a console still rings for them"
                guest.away = at
            case m.TicketReturned():
                guest.away, guest.stranded = None, False
            case m.TicketStranded():
                guest.stranded = True
            case m.TicketAbandoned() | m.TicketWithdrawn():
                assert guest.waiting
                assert not guest.rung, "left while a console still rings for them"
                self._leave(event.contact, type(event).__name__)
            case m.MediumSwitched(medium=medium):
                guest.medium = medium
            case m.PreferenceLapsed():
                guest.only_language = False
            case m.CallbackBooked(not_before=not_before):
                assert not guest.rung
                assert not (guest.danger and not_before), "P12: danger is never put off"
                guest.to_be_called, guest.put_off = True, not_before is not None
            case m.CallbackDue():
                guest.put_off = False
            case m.TransferAccepted(before=before, counselor=counselor):
                assert guest.owner == before, "somebody else's contact was handed over"
                guest.owner = counselor
                self.people[before].hands.remove(event.contact)
                self.people[counselor].hands.add(event.contact)
            case m.DeclineLapsed():
                guest.refused_by.discard(event.counselor)
            case m.OfferRung():
                assert event.offer not in self.named, "an offer's id is used once"
                self.named.add(event.offer)
                guest.rung[event.offer] = event.counselor
            case m.OfferAccepted() | m.OfferDeclined() | m.OfferMissed() | m.OfferCancelled():
                self._answered(event, guest)
            case m.ContactRequeued():
                guest.owner = None
                self.people[event.counselor].hands.discard(event.contact)
            case m.WrapUpBegan():
                assert guest.owner == event.counselor
                guest.writing_up = True
            case m.WrapUpLapsed():
                assert guest.writing_up
                self.people[event.counselor].owes.add(event.contact)
                self._leave(event.contact, "owed")
            case m.SeatFreed():
                self._leave(event.contact, "freed")

    def _answered(
        self, event: m.OfferAccepted | m.OfferDeclined | m.OfferMissed | m.OfferCancelled, guest: Guest
    ) -> None:
        """A ring stops."""
        assert guest.rung.pop(event.offer) == event.counselor
        match event:
            case m.OfferAccepted():
                assert guest.owner is None, "two owners"
                guest.owner, guest.refused_by = event.counselor, set()
                self.people[event.counselor].hands.add(event.contact)
                self.people[event.counselor].missed = 0
            case m.OfferDeclined():
                guest.refused_by.add(event.counselor)
            case m.OfferMissed():
                self.people[event.counselor].resting = True
                self.people[event.counselor].missed += 1

    def _leave(self, contact: str, how: str) -> None:
        """A contact leaves the desk for good."""
        guest = self.guests.pop(contact)
        self.left.append((contact, how))
        if guest.owner is not None:
            self.people[guest.owner].hands.discard(contact)

    def _about_person(self, event: Event, person: Person) -> None:
        """Something about somebody at a console."""
        match event:
            case m.SeatReady(slots=slots, burst=burst):
                person.ready, person.resting, person.slots, person.missed = True, False, slots, 0
                person.one_more, person.stands_by = burst, False
            case m.SeatStandsBy():
                assert not person.hands
                person.ready, person.resting, person.slots, person.missed, person.stands_by = False, False, 0, 0, True
            case m.SeatCooling():
                person.resting = True
            case m.SeatPaused() | m.SeatAway() | SeatReleased():
                person.ready, person.resting, person.stands_by = False, False, False
            case m.SeatResumed():
                person.resting = False
            case m.SeatLost():
                person.here = False
            case m.SeatReturned():
                person.here = True
            case m.SeatLeft():
                assert not person.hands, "off duty with somebody in hand"
                person.ready, person.resting, person.slots, person.stands_by = False, False, 0, False
            case m.SeatFreed(contact=contact):
                person.owes.discard(contact)
