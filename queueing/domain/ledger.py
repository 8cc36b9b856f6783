"""What a desk knows, and how each event changes it."""

from datetime import datetime

import msgspec

from kernel.terms import RiskLevel
from kernel.wire import Event
from queueing.domain import beside, incident, notice, soft_stop
from queueing.domain.alarm import Alarm, AlarmEvent
from queueing.domain.alarm import evolve as evolve_alarms
from queueing.domain.incident import Incident, IncidentEvent
from queueing.domain.notice import Notice
from queueing.domain.order import Offer, Ticket, TicketPhase, Transfer, noted
from queueing.domain.seat import Seat, SeatState
from queueing.domain.soft_stop import SoftStop
from queueing.messages import (
    CallbackBooked,
    CallbackCancelled,
    CallbackDue,
    ContactRequeued,
    DeclineLapsed,
    DeskConfigured,
    HoursPublished,
    IntakeSwitched,
    MediumSwitched,
    OfferAccepted,
    OfferCancelled,
    OfferDeclined,
    OfferMissed,
    OfferRung,
    OpenInterval,
    PreferenceLapsed,
    SeatAway,
    SeatCooling,
    SeatEntered,
    SeatFreed,
    SeatLeft,
    SeatLost,
    SeatPaused,
    SeatReady,
    SeatResumed,
    SeatReturned,
    SeatStandsBy,
    ShiftSet,
    SurgeSwitched,
    TicketAbandoned,
    TicketAway,
    TicketIssued,
    TicketLowered,
    TicketRaised,
    TicketReturned,
    TicketStranded,
    TicketWithdrawn,
    TransferAccepted,
    TransferEnded,
    TransferOffered,
    WrapUpBegan,
    WrapUpLapsed,
)
from queueing.messages.shifts import CoverageNoted, Uncovered
from queueing.messages.team import NoticeAcknowledged, NoticeSent, SeatReleased
from queueing.messages.waits import IntakeStoppedSoftly, WaitsNoted
from queueing.policy import DeskPolicy

change = msgspec.structs.replace


class DeskState(msgspec.Struct, frozen=True):
    """One line: who waits, who sits, what is published, which policy holds."""

    policy: DeskPolicy = DeskPolicy()
    policy_version: int = 0
    intervals: tuple[OpenInterval, ...] = ()
    hours_version: str = ""
    next_number: int = 1
    tickets: dict[str, Ticket] = {}
    seats: dict[str, Seat] = {}
    intake_closed_until: datetime | None = None
    surge_until: datetime | None = None
    soft_stop: SoftStop = SoftStop()
    uncovered: tuple[Uncovered, ...] = ()
    incidents: dict[str, Incident] = {}
    next_incident: int = 1
    alarms: dict[str, Alarm] = {}
    notices: dict[str, Notice] = {}
    next_notice: int = 1

    def with_ticket(self, ticket: Ticket) -> "DeskState":
        """Put a ticket in its place."""
        return change(self, tickets={**self.tickets, ticket.contact: ticket})

    def with_seat(self, seat: Seat) -> "DeskState":
        """Put a seat in its place."""
        return change(self, seats={**self.seats, seat.counselor: seat})

    def without(self, contact: str) -> "DeskState":
        """The contact has left the desk for good."""
        return change(self, tickets={key: value for key, value in self.tickets.items() if key != contact})


def evolve(state: DeskState, event: Event) -> DeskState:
    """Apply one event."""
    if isinstance(event, IncidentEvent):
        return incident.applied(state, event)
    if isinstance(event, AlarmEvent):
        return change(state, alarms=evolve_alarms(state.alarms, event))
    match event:
        case DeskConfigured():
            return change(state, policy=event.policy, policy_version=event.version)
        case HoursPublished():
            return change(state, intervals=event.intervals, hours_version=event.version)
        case IntakeSwitched() | IntakeStoppedSoftly():
            closed = event.closed_until if isinstance(event, IntakeSwitched) else state.intake_closed_until
            return change(state, intake_closed_until=closed, soft_stop=soft_stop.evolve(state.soft_stop, event))
        case CoverageNoted(gaps=gaps):
            return change(state, uncovered=gaps)
        case WaitsNoted(waits=waits):
            return change(state, tickets=noted(state.tickets, waits))
        case SurgeSwitched(until=until):
            return change(state, surge_until=until)
        case TransferAccepted() if event.contact in state.tickets:
            return _handed(state, event)
        case OfferRung() | OfferAccepted() | OfferDeclined() | OfferMissed() | OfferCancelled():
            return _offer(state, event)
        case ContactRequeued() | WrapUpBegan() | WrapUpLapsed() | SeatFreed():
            return _in_hand(state, event)
        case NoticeSent() | NoticeAcknowledged():
            sent = state.next_notice + isinstance(event, NoticeSent)
            return change(state, notices=notice.evolve(state.notices, event), next_notice=sent)
        case TicketIssued():
            return _issue(state, event)
        case TicketAbandoned() | TicketWithdrawn():
            return state.without(event.contact)
    if hasattr(event, "contact") and event.contact in state.tickets:
        return state.with_ticket(_ticket(state.tickets[event.contact], event))
    return _seat(state, event) if hasattr(event, "counselor") else state


def _issue(state: DeskState, event: TicketIssued) -> DeskState:
    """A contact begins to wait."""
    ticket = Ticket(
        contact=event.contact,
        number=event.number,
        medium=event.medium,
        risk=event.risk,
        tier=event.tier,
        arrived_at=event.arrived_at,
        due_at=event.due_at,
        language=event.language,
        skills=event.skills,
        asks_for=event.asks_for,
        asks_until=event.asks_until,
        speaks_until=event.speaks_until,
    )
    return change(state.with_ticket(ticket), next_number=event.number + 1)


def _ticket(ticket: Ticket, event: Event) -> Ticket:
    """Change one waiting or held contact."""
    match event:
        case TicketRaised():
            ticket = change(ticket, risk=event.risk, tier=event.tier, due_at=event.due_at)
            if event.risk >= RiskLevel.HIGH:
                ticket = change(ticket, not_before=None)
            return ticket if event.tier else change(ticket, asks_until=None, speaks_until=None)
        case TransferOffered() | TransferEnded():
            asked = Transfer(event.to, event.until) if isinstance(event, TransferOffered) else None
            return change(ticket, transfer=asked)
        case CallbackBooked(not_before=not_before):
            return change(ticket, callback=True, not_before=not_before)
        case CallbackDue(at=at):
            return change(ticket, not_before=None, resumed_at=at)
        case CallbackCancelled(at=at):
            return change(ticket, callback=False, not_before=None, resumed_at=at)
        case PreferenceLapsed(what=what):
            return change(ticket, **{"asks_until" if what == "counselor" else "speaks_until": None})
        case TicketLowered():
            return change(ticket, risk=event.risk)
        case MediumSwitched():
            return change(ticket, medium=event.medium)
        case TicketAway():
            return change(ticket, away_since=event.at)
        case TicketReturned():
            phase = TicketPhase.WAITING if ticket.phase is TicketPhase.STRANDED else ticket.phase
            return change(ticket, away_since=None, phase=phase)
        case TicketStranded():
            return change(ticket, phase=TicketPhase.STRANDED)
        case DeclineLapsed():
            return change(ticket, declined={k: v for k, v in ticket.declined.items() if k != event.counselor})
    return change(ticket, company=beside.evolve(ticket.company, event))


def _offer(
    state: DeskState, event: OfferRung | OfferAccepted | OfferDeclined | OfferMissed | OfferCancelled
) -> DeskState:
    """Ring, or stop ringing for one of the reasons there are."""
    ticket, seat = state.tickets[event.contact], state.seats[event.counselor]
    if isinstance(event, OfferRung):
        offer = Offer(event.offer, event.counselor, event.at, event.expires_at)
        state = state.with_ticket(change(ticket, offers=(*ticket.offers, offer), asked=ticket.asked + 1))
        return state.with_seat(change(seat, offer=event.offer))
    ticket = change(ticket, offers=tuple(offer for offer in ticket.offers if offer.offer != event.offer))
    seat = change(seat, offer=None if seat.offer == event.offer else seat.offer)
    match event:
        case OfferAccepted():
            ticket = change(ticket, phase=TicketPhase.ACTIVE, owner=event.counselor, epoch=event.epoch, declined={})
            seat = change(seat, contacts=(*seat.contacts, event.contact), misses=0, served=seat.served + 1)
        case OfferDeclined():
            ticket = change(ticket, declined={**ticket.declined, event.counselor: event.until})
        case OfferMissed():
            seat = change(seat, misses=seat.misses + 1, paused_until=event.until)
    return state.with_ticket(ticket).with_seat(seat)


def _in_hand(state: DeskState, event: ContactRequeued | WrapUpBegan | WrapUpLapsed | SeatFreed) -> DeskState:
    """A contact in somebody's hands moves on."""
    seat = state.seats.get(event.counselor)
    if isinstance(event, WrapUpBegan):
        ticket = state.tickets[event.contact]
        return state.with_ticket(change(ticket, phase=TicketPhase.WRAP_UP, until=event.until, transfer=None))
    if seat is not None:
        contacts = tuple(contact for contact in seat.contacts if contact != event.contact)
        owed = tuple(contact for contact in seat.owed if contact != event.contact)
        if isinstance(event, WrapUpLapsed):
            owed = (*owed, event.contact)
        idle_since = getattr(event, "at", None) or seat.idle_since
        state = state.with_seat(change(seat, contacts=contacts, owed=owed, idle_since=idle_since))
    if isinstance(event, ContactRequeued):
        ticket = state.tickets[event.contact]
        return state.with_ticket(
            change(ticket, phase=TicketPhase.WAITING, owner=None, epoch=event.epoch, transfer=None)
        )
    return _tidy(state.without(event.contact), event.counselor)


def _handed(state: DeskState, event: TransferAccepted) -> DeskState:
    """Out of one pair of hands and into another, in one step."""
    before, seat = state.seats.get(event.before), state.seats.get(event.counselor)
    if before is None or seat is None:
        return state
    left = tuple(contact for contact in before.contacts if contact != event.contact)
    state = state.with_seat(change(before, contacts=left, idle_since=event.at))
    state = state.with_seat(change(seat, contacts=(*seat.contacts, event.contact), served=seat.served + 1))
    ticket = state.tickets[event.contact]
    return state.with_ticket(change(ticket, owner=event.counselor, epoch=event.epoch, transfer=None))


def _tidy(state: DeskState, counselor: str) -> DeskState:
    """Forget a seat that is off and owes nothing."""
    seat = state.seats.get(counselor)
    if seat is None or seat.state is not SeatState.OFF or seat.owed or seat.contacts:
        return state
    return change(state, seats={key: value for key, value in state.seats.items() if key != counselor})


def _seat(state: DeskState, event: Event) -> DeskState:
    """Change one seat."""
    if isinstance(event, SeatEntered):
        owed = state.seats[event.counselor].owed if event.counselor in state.seats else ()
        fresh = Seat(event.counselor, event.name, event.grade, owed=owed)
        return state.with_seat(change(fresh, languages=event.languages, skills=event.skills))
    sitting = state.seats.get(getattr(event, "counselor", ""))
    return state if sitting is None else _tidy(state.with_seat(_changed(sitting, event)), sitting.counselor)


def _changed(seat: Seat, event: Event) -> Seat:
    """The seat after one of its events."""
    match event:
        case SeatReady():
            seat = _say(seat, SeatState.READY, event.at)
            seat = change(seat, slots=event.slots, reason="", misses=0, paused_until=None, burst=event.burst)
            over = seat.shift_ends_at is not None and event.at >= seat.shift_ends_at  # stays of their own accord
            seat = change(seat, idle_since=event.at, last_offer_at=None if over else seat.last_offer_at)
        case SeatStandsBy():
            seat = change(_say(seat, SeatState.STANDBY, event.at), reason="", misses=0, paused_until=None, slots=0)
        case SeatCooling():
            seat = change(seat, paused_until=event.until)
        case ShiftSet():
            seat = change(seat, last_offer_at=event.last_offer_at, shift_ends_at=event.ends_at)
        case SeatReleased():
            seat = change(_say(seat, SeatState.PAUSED, event.at), reason="released", paused_until=None)
        case SeatPaused():
            seat = change(_say(seat, SeatState.PAUSED, event.at), reason=event.reason, paused_until=None)
        case SeatAway():
            seat = change(_say(seat, SeatState.AWAY, event.at), paused_until=None)
        case SeatResumed():
            seat = change(seat, paused_until=None)
        case SeatLost():
            seat = change(seat, lost_at=event.at)
        case SeatReturned():
            seat = change(seat, lost_at=None)
        case SeatLeft():
            state_ = SeatState.ENTERED if seat.lost_at is None else SeatState.OFF
            seat = change(seat, state=state_, slots=0, reason="", paused_until=None, misses=0)
    return seat


def _say(seat: Seat, state: SeatState, at: datetime) -> Seat:
    return change(seat, state=state, since=at)  # since when it is so
