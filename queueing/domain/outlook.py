"""What the desk looks like to one who waits: who goes before, who serves, what may still come between."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from kernel.terms import Medium, RiskLevel
from queueing.domain.capacity import held, taken
from queueing.domain.estimate import overtakers
from queueing.domain.learnt import Learnt
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket, in_order
from queueing.domain.passage import HORIZON, Crew, Outlook
from queueing.domain.seat import Seat, SeatState


class Planned(msgspec.Struct, frozen=True):
    """One shift of the roster: who, from when until when."""

    counselor: str
    begins_at: datetime
    ends_at: datetime


def waiting(state: DeskState) -> list[Ticket]:
    """Those who wait for their turn now, soonest first; whose turn is put off to another day is not among them."""
    return [ticket for ticket in in_order(state.tickets.values()) if ticket.not_before is None]


def serving(state: DeskState) -> list[Seat]:
    """Who takes contacts now."""
    return [seat for seat in state.seats.values() if seat.present and seat.state is SeatState.READY]


def crew(state: DeskState, medium: Medium, roster: Iterable[Planned], now: datetime) -> tuple[Crew, ...]:
    """How many slots serve from now on: those who are there until their shift ends, then those who come.

    A slot is a text, or a whole counselor for calls. Whoever comes is reckoned with as many slots as those here.
    """
    here = {seat.counselor: _slots(seat, medium) for seat in serving(state)}
    usual = sum(here.values()) / len(here) if here else 1.0
    steps = [(0.0, float(sum(here.values())))]
    for shift in roster:
        begins, ends = _minutes(now, shift.begins_at), _minutes(now, shift.ends_at)
        if shift.counselor in here:
            steps.append((ends, -float(here[shift.counselor])))
        elif begins > 0:
            steps += [(begins, usual), (ends, -usual)]
    return _running(steps)


def _running(steps: Sequence[tuple[float, float]]) -> tuple[Crew, ...]:
    """Changes as running totals, within the horizon."""
    total, found = 0.0, []
    for after, change in sorted(steps):
        if after <= HORIZON:
            total = max(0.0, total + change)
            found.append(Crew(max(after, 0.0), total))
    return tuple(found)


def _slots(seat: Seat, medium: Medium) -> int:
    """What one counselor serves at once."""
    return seat.slots if medium is Medium.TEXT else 1


def free(state: DeskState, medium: Medium) -> int:
    """Slots nobody is in; a counselor who pauses after a missed ring is not reckoned with."""
    ready = [seat for seat in serving(state) if seat.paused_until is None]
    if medium is Medium.VOICE:
        return sum(not seat.contacts for seat in ready)
    texting = [seat for seat in ready if all(other.medium is Medium.TEXT for other in held(state, seat))]
    return sum(max(0, seat.slots - taken(state, seat)) for seat in texting)


class View:
    """One desk at one moment, asked about many who wait."""

    def __init__(self, state: DeskState, learnt: Learnt, roster: Sequence[Planned], now: datetime) -> None:
        """Take down what is the same for everybody."""
        self.now = now
        self.waiting = waiting(state)
        self._line = {medium: [t.order for t in self.waiting if t.medium is medium] for medium in Medium}
        policy = state.policy
        if state.surge_until is not None and now < state.surge_until:
            policy = policy.surging()
        self._targets = {risk: policy.target(risk) for risk in RiskLevel}
        self._arrivals = learnt.arrivals(now)
        self._patience = learnt.patience()
        self._handling = {medium: learnt.handling(medium) for medium in Medium}
        self._crew = {medium: crew(state, medium, roster, now) for medium in Medium}
        self._free = {medium: free(state, medium) for medium in Medium}

    def ahead(self, ticket: Ticket) -> int:
        """How many wait by the same medium and go before."""
        return bisect_left(self._line[ticket.medium], ticket.order)

    def of(self, ticket: Ticket) -> Outlook:
        """The outlook of somebody who waits."""
        return self._outlook(ticket.medium, ticket.risk, self.ahead(ticket), ticket.arrived_at)

    def newcomer(self, medium: Medium) -> Outlook:
        """The outlook of somebody out of danger who came now, behind everybody who waits."""
        return self._outlook(medium, RiskLevel.ROUTINE, len(self._line[medium]), self.now)

    def _outlook(self, medium: Medium, risk: RiskLevel, ahead: int, since: datetime) -> Outlook:
        between = overtakers(risk, self.now - since, self._targets, self._arrivals)
        served = self._crew[medium], self._handling[medium], self._patience
        return Outlook(ahead, *served, between, self._free[medium])


def _minutes(now: datetime, at: datetime) -> float:
    return (at - now).total_seconds() / 60
