"""Who rings whom: tickets in order, each to a counselor who can take it; nobody urgent is passed over."""

from datetime import UTC, datetime

import msgspec

from kernel.decider import Draft
from kernel.terms import Medium, Role
from queueing.domain.capacity import Reach, can_hold, fits, held, promised_ways, reach, room_for_anybody, ways
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket, in_order, soonest_first
from queueing.domain.seat import Seat, SeatState
from queueing.messages import OfferCancelled, OfferRung

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def ring(draft: Draft[DeskState], now: datetime) -> None:
    """Offer whatever can be offered now, most urgent first.

    A voice contact that finds nobody whole reserves the counselor who is nearest to it: whoever stands behind that
    contact is not offered there. Nobody before it ever meets the reservation, since they had their turn already.
    """
    seats = draft.state.seats.values()
    if not any(seat.asks or seat.stands_by or seat.rests or seat.offer for seat in seats):
        return
    rounds = _Round(draft, now)
    for ticket in soonest_first(draft.state.tickets.values()):
        if ticket.tier != 0 and not rounds.open:
            return
        if ticket.may_ring:
            rounds.ask(draft.state.tickets[ticket.contact])  # as it is by now: its ring may have been taken back


class _Round:
    """One walk through the queue; remembers who can still be asked."""

    def __init__(self, draft: Draft[DeskState], now: datetime) -> None:
        """See who could be asked at all."""
        self._draft = draft
        self._now = now
        self.open, self._beyond = room_for_anybody(draft.state, draft.state.seats.values())
        self._reserved = False
        self._unasked: list[str] = []  # in danger, and nobody was found for them when it was their turn

    def ask(self, ticket: Ticket) -> None:
        """Ask as many counselors as this ticket deserves: one, or several at once where somebody is in danger."""
        wanted = self._draft.state.policy.parallel_imminent if ticket.tier == 0 else 1
        while len(ticket.offers) < wanted:
            seat = self._find(ticket)
            if seat is None:
                self._reserve(ticket)
                break
            ticket = self._rung(ticket, seat)
            if len(ticket.offers) > 1:
                ticket = self._shared(ticket)
        if ticket.tier == 0 and not ticket.offers:
            self._unasked.append(ticket.contact)

    def _shared(self, ticket: Ticket) -> Ticket:
        """Several consoles ring for one in danger: one of them may be what somebody before them was left without."""
        for contact in tuple(self._unasked):
            sooner = self._draft.state.tickets[contact]
            seat = self._find(sooner)
            if seat is not None:
                self._rung(sooner, seat)
                self._unasked.remove(contact)
        return self._draft.state.tickets[ticket.contact]

    def _find(self, ticket: Ticket) -> Seat | None:
        """The counselor to ask: a slot, else a ring that was meant for less, else beyond the slots."""
        affordable = self._affordable(ticket)
        seat = choose(self._draft.state, ticket, affordable, self._now)
        if seat is not None:
            return seat
        if ticket.tier != 0:
            self._keep(ticket, affordable)
            return None
        return self._interrupted(ticket) or self._further(ticket) or self._resting(ticket)

    def _affordable(self, ticket: Ticket) -> list[Seat]:
        """Where a text out of danger may go without closing a way that was promised to those in danger.

        A burst slot belongs to a person and closes while they hold somebody in danger; then the next slot that is
        free anywhere takes its place. Nobody is passed over: whoever comes later meets the same seats.
        """
        state = self._draft.state
        seats = [state.seats[name] for name in self.open]
        if ticket.tier == 0 or ticket.medium is not Medium.TEXT or not (promised := promised_ways(state)):
            return seats
        spare = sum(ways(state, seat) for seat in state.seats.values()) - promised
        return [seat for seat in seats if spare >= ways(state, seat) - ways(state, seat, more=1)]

    def _keep(self, ticket: Ticket, affordable: list[Seat]) -> None:
        """What one ticket was refused for the sake of those in danger is not given to whoever stands behind it."""
        state, free = self._draft.state, {seat.counselor for seat in affordable}
        kept = [state.seats[name] for name in self.open if name not in free]
        names = {seat.counselor for seat in kept if can_hold(state, seat, ticket) and fits(seat, ticket, self._now)}
        self.open = [name for name in self.open if name not in names]

    def _interrupted(self, ticket: Ticket, *, resting: bool = False) -> Seat | None:
        """Take back a ring that is meant for somebody less urgent, where nobody is asked for this one yet."""
        return None if ticket.offers else _interrupt(self._draft, ticket, self._now, resting=resting)

    def _further(self, ticket: Ticket) -> Seat | None:
        """One above the slots of whoever agreed; somebody who stands by only when nobody else is asked."""
        state = self._draft.state
        names = [*self.open, *self._beyond]
        seat = choose(state, ticket, [state.seats[name] for name in names], self._now, Reach.STANDBY)
        return None if seat is not None and seat.state is SeatState.STANDBY and ticket.offers else seat

    def _resting(self, ticket: Ticket) -> Seat | None:
        """Where nobody else can be asked for somebody in danger, whoever rests is: they may say no, silence cannot."""
        if ticket.offers:
            return None
        state = self._draft.state
        resting = [msgspec.structs.replace(seat, paused_until=None) for seat in state.seats.values() if seat.rests]
        return choose(state, ticket, resting, self._now, Reach.STANDBY) or self._interrupted(ticket, resting=True)

    def _rung(self, ticket: Ticket, seat: Seat) -> Ticket:
        """Let one offer ring."""
        policy = self._draft.state.policy
        expires_at = self._now + policy.ring(ticket.risk, ticket.medium)
        self._draft.emit(OfferRung(ticket.next_offer, ticket.contact, seat.counselor, self._now, expires_at))
        for names in (self.open, self._beyond):
            if seat.counselor in names:
                names.remove(seat.counselor)
        return self._draft.state.tickets[ticket.contact]

    def _reserve(self, ticket: Ticket) -> None:
        """Keep the texting counselor with the least in hand from getting more texts, until they are whole."""
        if self._reserved or ticket.medium is not Medium.VOICE or ticket.offers or ticket.tier == 0:
            return
        state = self._draft.state
        texting = [
            seat
            for seat in state.seats.values()
            if seat.present and seat.state is SeatState.READY and seat.contacts and fits(seat, ticket, self._now)
        ]
        texting = [seat for seat in texting if all(other.medium is Medium.TEXT for other in held(state, seat))]
        nearest = min(
            texting, key=lambda seat: (seat.offer is not None, len(seat.contacts), seat.counselor), default=None
        )
        if nearest is not None:
            self._reserved = True
            self.open = [name for name in self.open if name != nearest.counselor]


def choose(
    state: DeskState, ticket: Ticket, among: list[Seat], now: datetime, furthest: Reach = Reach.SLOT
) -> Seat | None:
    """The counselor to ask: by the nearest way, keeping some whole for calls, least loaded, longest idle.

    For somebody in danger a professional is asked before a peer supporter.
    """
    able = []
    for seat in among:
        way = reach(state, seat, ticket) if seat.asks or seat.stands_by else None
        if way is not None and way <= furthest and fits(seat, ticket, now):
            able.append((way, seat))
    if not able:
        return None
    keep = ticket.medium is Medium.TEXT and _keep_whole(state)
    return min(able, key=lambda each: (*_rank(ticket, *each, keep=keep), each[1].counselor))[1]


def _rank(ticket: Ticket, way: Reach, seat: Seat, *, keep: bool) -> tuple[int, bool, int, bool, int, datetime, int]:
    """What makes one counselor the better choice; smaller is better."""
    return (
        way,
        ticket.asks_for is not None and seat.counselor != ticket.asks_for,
        _second_choice(way, seat) if ticket.tier == 0 else 0,
        keep and not seat.contacts,
        len(seat.contacts),
        seat.idle_since or _LONG_AGO,
        seat.served,
    )


def _second_choice(way: Reach, seat: Seat) -> int:
    """For somebody in danger: a professional first, then one whose way to the next in danger stays open."""
    return 2 * (seat.grade is Role.PEER_SUPPORTER) + (way is Reach.SLOT and seat.burst)


def _keep_whole(state: DeskState) -> bool:
    """Tell whether no more counselors are free of texts than should be kept so, on a line that has voice."""
    if not any(span.medium is Medium.VOICE for span in state.intervals):
        return False
    ready = [seat for seat in state.seats.values() if seat.present and seat.state is SeatState.READY]
    return sum(not seat.contacts for seat in ready) <= state.policy.kept_whole(len(ready))


def _interrupt(draft: Draft[DeskState], ticket: Ticket, now: datetime, *, resting: bool) -> Seat | None:
    """Somebody in danger does not wait for a ring that is meant for somebody who is not: that offer is taken back.

    Of several rings for one person in danger, one is given to another whom nobody is asked for.
    """
    for other in reversed(in_order(draft.state.tickets.values())):
        for offer in other.offers:
            seat = draft.state.seats[offer.counselor]
            spare = other.tier != 0 or len(other.offers) > 1
            if (seat.paused_until is not None) is not resting:
                continue
            if spare and can_hold(draft.state, seat, ticket) and fits(seat, ticket, now):
                draft.emit(OfferCancelled(offer.offer, other.contact, offer.counselor))
                return draft.state.seats[offer.counselor]
    return None
