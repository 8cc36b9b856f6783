"""What one room's news asks of another: the whole flow of the house on one pure page.

A reaction is a command to another aggregate. It is given in the name of its cause, so giving it twice is harmless;
the receiving room never refuses it, since it may come twice or too late.
"""

from collections.abc import Callable
from datetime import datetime

from chat import call_messages as call
from chat import messages as chat
from chat.attend_messages import AttendSession
from chat.closed_messages import ContactAsked, EntrustWords
from kernel.decider import Address
from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Command, Event, Row
from queueing import messages as queueing
from queueing.messages.attend import ContactAttended
from recordings_policy import messages as records
from recordings_policy.policy import Purpose
from triage import messages as triage
from triage.messages import agenda
from triage.messages.callback import CallbackAsked, CallbackTakenBack

Reaction = tuple[Address, Command]
Screen = Callable[[str], tuple[RiskLevel, tuple[triage.ReasonCode, ...]]]


def owes(row: Row) -> bool:
    """Tell cheaply whether an event may ask something of another room."""
    if isinstance(row.event, chat.MessagePosted):
        return row.by.role is Role.VISITOR
    return type(row.event) in ASKING


def react(row: Row, screen: Screen) -> tuple[Reaction, ...]:
    """What this event asks of other rooms; `screen` hears danger in a visitor's words."""
    subject = Address.of(row.feed).id
    match row.feed.partition(".")[0]:
        case "session":
            return _session(row.event, subject, row, screen)
        case "case":
            return _case(row.event, subject)
        case "desk":
            return _desk(row.event)
        case "agenda":
            return _agenda(row.event, subject)
        case "record":
            return _record(row.event, subject)
    return ()


def _session(event: Event, contact: str, row: Row, screen: Screen) -> tuple[Reaction, ...]:
    """The talk asks the desk, the case and the record."""
    case = Address("case", contact)
    match event:
        case chat.ContactOpened():
            visit = triage.Visit(event.line, event.medium, event.language, event.at)
            return (
                (case, triage.OpenCase(visit)),
                (Address("record", contact), records.OpenRecord(event.line)),
            )
        case chat.MessagePosted(text=str(text)) if row.by.role is Role.VISITOR:
            level, reasons = screen(text)
            if level is RiskLevel.ROUTINE:
                return ()
            return ((case, triage.RaiseRisk(level, "screening", reasons, row.seq)),)
        case ContactAsked(at=at, words=words):
            return ((case, triage.AskTicket(at, words)),)
        case chat.VisitorAway(line=line):
            return ((Address("desk", line), queueing.MarkTicketAway(contact)),)
        case chat.VisitorReturned(line=line):
            return ((Address("desk", line), queueing.MarkTicketBack(contact)),)
        case call.CallStarted():
            return ((Address("record", contact), records.RequestRecording()),)
        case call.CallAccepted(line=line):
            return ((Address("desk", line), queueing.SwitchMedium(contact, Medium.VOICE)),)
        case call.CallEnded(line=line, reason=reason):
            stop = (Address("record", contact), records.StopRecording())
            # Whoever was cut off is called again: for the desk they have not ceased to talk.
            writes = (Address("desk", line), queueing.SwitchMedium(contact, Medium.TEXT))
            return (stop, writes) if line and reason != "counselor_lost" else (stop,)
        case chat.SessionEnded(line=line, answered=True):
            return ((Address("desk", line), queueing.BeginWrapUp(contact)),)
        case chat.SessionEnded():
            return _over(contact, row.at, triage.CloseCase("ended"))
        case chat.ContactAbandoned():
            return _over(contact, row.at, triage.CloseCase("abandoned"))
        case chat.WrapUpSubmitted(line=line, disposition=disposition):
            written = triage.CloseCase("written_up", disposition.value)
            return ((Address("desk", line), queueing.FreeSeat(contact)), *_over(contact, row.at, written))
    return ()


def _over(contact: str, at: datetime, close: triage.CloseCase) -> tuple[Reaction, ...]:
    """The contact is finished: its case and its record are told.

    The desk hears it from the case, which is the one that asks for tickets: told directly, a danger heard in the
    last words could ask for a ticket after it was withdrawn, and ring for somebody who is gone.
    """
    return (
        (Address("case", contact), close),
        (Address("record", contact), records.CloseRecord(at)),
    )


def _case(event: Event, contact: str) -> tuple[Reaction, ...]:
    """The level of risk asks the desk for a place and tells the session how patient to be."""
    session = Address("session", contact)
    match event:
        case triage.RiskRaised(level=level, over=True):
            return ((session, chat.NoteRisk(level)),)
        case triage.RiskAssessed(level=level, visit=visit) | triage.RiskRaised(level=level, visit=visit):
            return (_ticket(contact, level, visit), (session, chat.NoteRisk(level)))
        case triage.TicketAsked(level=level, visit=visit):
            return (_ticket(contact, level, visit),)
        case CallbackAsked(visit=visit, level=level, not_before=at):
            wish = queueing.BookCallback(contact, at, visit.medium, level, visit.arrived_at, visit.language)
            return ((Address("desk", visit.line), wish),)
        case CallbackTakenBack(line=line):
            return ((Address("desk", line), queueing.CancelCallback(contact)),)
        case triage.RiskLowered(level=level, line=line):
            return ((Address("desk", line), queueing.LowerTicket(contact, level)), (session, chat.NoteRisk(level)))
        case triage.FollowUpTaken(person=person):
            return ((session, EntrustWords(person)),)
        case triage.FollowUpClosed():
            return ((session, EntrustWords(None)),)
        case triage.VisitEnded(line=line):
            return ((Address("desk", line), queueing.WithdrawTicket(contact)),)
    return _escalation(event, contact)


def _ticket(contact: str, level: RiskLevel, visit: triage.Visit) -> Reaction:
    """Ask the line's desk for a place."""
    ticket = queueing.RequestTicket(contact, visit.medium, level, visit.arrived_at, visit.language)
    return (Address("desk", visit.line), ticket)


def _escalation(event: Event, contact: str) -> tuple[Reaction, ...]:
    """A call for help is shown at the desk, where everybody on duty sees it; who comes is let into the session."""
    session = Address("session", contact)
    match event:
        case triage.EscalationOpened(line=line, cause=cause, at=at):
            alarm = queueing.RaiseAlarm(contact, cause, at)
            return ((Address("desk", line), alarm), (session, chat.NoteEscalation(open=True)))
        case triage.EscalationRenewed(line=line, cause=cause, at=at):
            return ((Address("desk", line), queueing.RaiseAlarm(contact, cause, at)),)
        case triage.PageIssued(line=line, about="escalation", way="house"):
            return ((Address("desk", line), queueing.RingAlarm(contact, event.page, event.to)),)
        case triage.EscalationAcknowledged(line=line, person=person):
            return ((Address("desk", line), queueing.TakeAlarm(contact, person)),)
        case triage.EscalationJoined(line=line, person=person, grade=grade):
            joined = chat.JoinParticipant(person, grade)
            return ((Address("desk", line), queueing.JoinAlarm(contact, person)), (session, joined))
        case triage.EscalationLeft(line=line, person=person):
            left = chat.LeaveParticipant(person)
            return ((Address("desk", line), queueing.LeaveAlarm(contact, person)), (session, left))
        case triage.PartnerEntered(partner=partner):
            return ((session, chat.JoinParticipant(partner, Role.REFERRAL_PARTNER)),)
        case triage.PartnerDeparted(partner=partner):
            return ((session, chat.LeaveParticipant(partner)),)
        case triage.AppointmentAsked(partner=partner, starts_at=starts_at):
            return ((Address("agenda", partner), agenda.HoldPlace(contact, starts_at)),)
        case triage.AppointmentCancelled(partner=partner, starts_at=starts_at):
            return ((Address("agenda", partner), agenda.FreePlace(contact, starts_at)),)
        case triage.EscalationClosed(line=line):
            quiet = chat.NoteEscalation(open=False)
            return ((Address("desk", line), queueing.ClearAlarm(contact)), (session, quiet))
    return ()


def _record(event: Event, contact: str) -> tuple[Reaction, ...]:
    """The visitor's consent to be referred opens the way out of the house, its withdrawal shuts it."""
    match event:
        case records.ConsentGiven(purpose=Purpose.REFERRAL):
            return ((Address("case", contact), triage.NoteConsent(given=True)),)
        case records.ConsentWithdrawn(purpose=Purpose.REFERRAL):
            return ((Address("case", contact), triage.NoteConsent(given=False)),)
    return ()


def _agenda(event: Event, partner: str) -> tuple[Reaction, ...]:
    """A station's agenda answers the case that asked, and says who came."""
    match event:
        case agenda.PlaceHeld(contact=contact, starts_at=starts_at):
            return ((Address("case", contact), triage.NoteAppointment(partner, starts_at, "held")),)
        case agenda.PlaceRefused(contact=contact, starts_at=starts_at):
            return ((Address("case", contact), triage.NoteAppointment(partner, starts_at, "full")),)
        case agenda.PlaceLost(contact=contact, starts_at=starts_at):
            return ((Address("case", contact), triage.NoteAppointment(partner, starts_at, "lost")),)
        case agenda.VisitReported(contact=contact, starts_at=starts_at, came=came):
            return ((Address("case", contact), triage.NoteVisit(partner, starts_at, came)),)
    return ()


def _desk(event: Event) -> tuple[Reaction, ...]:
    """The desk tells the session who has it now, and who is beside."""
    match event:
        case ContactAttended(person=person, grade=grade, how=how):
            return ((Address("session", event.contact), AttendSession(person, grade, how)),)
        case queueing.TicketIssued():
            return ((Address("session", event.contact), chat.Enqueue(event.number)),)
        case queueing.TicketDeflected():
            deflect = chat.Deflect(event.reason, event.opens_at)
            noted = triage.NoteDeflection(event.opens_at)
            return ((Address("session", event.contact), deflect), (Address("case", event.contact), noted))
        case queueing.CallbackBooked(not_before=not_before, why=why):
            told = chat.Deflect("callback" if why == "wish" else "closed", not_before)
            return ((Address("session", event.contact), told),)
        case queueing.CallbackDue(number=number) | queueing.CallbackCancelled(number=number):
            enqueue = chat.Enqueue(number, on_screen=isinstance(event, queueing.CallbackCancelled))
            return ((Address("session", event.contact), enqueue),)
        case queueing.OfferAccepted() | queueing.TransferAccepted():
            assign = chat.Assign(event.counselor, event.name, event.grade, event.epoch)
            return ((Address("session", event.contact), assign),)
        case queueing.ContactRequeued():
            lost = triage.OpenEscalation("counselor_lost")
            requeue = chat.Requeue(event.epoch)
            return ((Address("session", event.contact), requeue), (Address("case", event.contact), lost))
        case queueing.TicketStranded():
            return ((Address("case", event.contact), triage.OpenEscalation("stranded")),)
        case queueing.AlarmRung(people=people) if people:
            return ((Address("case", event.contact), triage.DeliverPage(event.page, "house")),)
        case queueing.TicketAbandoned():
            return ((Address("session", event.contact), chat.Abandon()),)
    return ()


ASKING: frozenset[type[Event]] = frozenset(
    {
        chat.ContactOpened,
        ContactAsked,
        chat.VisitorAway,
        chat.VisitorReturned,
        chat.SessionEnded,
        chat.ContactAbandoned,
        chat.WrapUpSubmitted,
        call.CallAccepted,
        call.CallStarted,
        call.CallEnded,
        triage.RiskAssessed,
        triage.RiskRaised,
        triage.RiskLowered,
        triage.TicketAsked,
        CallbackAsked,
        CallbackTakenBack,
        triage.VisitEnded,
        triage.FollowUpTaken,
        triage.FollowUpClosed,
        triage.EscalationOpened,
        triage.EscalationRenewed,
        triage.PageIssued,
        triage.EscalationAcknowledged,
        triage.EscalationJoined,
        triage.EscalationLeft,
        triage.EscalationClosed,
        triage.PartnerEntered,
        triage.PartnerDeparted,
        triage.AppointmentAsked,
        triage.AppointmentCancelled,
        agenda.PlaceHeld,
        agenda.PlaceRefused,
        agenda.PlaceLost,
        agenda.VisitReported,
        records.ConsentGiven,
        records.ConsentWithdrawn,
        queueing.TicketIssued,
        queueing.TicketDeflected,
        queueing.CallbackBooked,
        queueing.CallbackDue,
        queueing.CallbackCancelled,
        ContactAttended,
        queueing.OfferAccepted,
        queueing.ContactRequeued,
        queueing.TransferAccepted,
        queueing.TicketStranded,
        queueing.AlarmRung,
        queueing.TicketAbandoned,
    }
)
