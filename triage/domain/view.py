"""Who may see which event of a case: the visitor sees what they said and agreed to, and never a level."""

from kernel.terms import COUNSELING, Role
from kernel.wire import Event
from triage import messages as m
from triage.messages.callback import CallbackAsked, CallbackTakenBack

# What is not listed stays with the staff, whatever comes new: levels, escalations, notes of colleagues.
SHOWN_TO_VISITOR = (
    m.CaseOpened,
    m.IntakeSubmitted,
    m.IntakeLapsed,
    m.HelpAsked,
    m.SafetyPlanKept,
    m.ReachGiven,
    CallbackAsked,
    CallbackTakenBack,
    m.ReferralOffered,
    m.ReferralAgreed,
    m.ReferralRefused,
    m.ReferralSent,
    m.PartnerInvited,
    m.PartnerWelcomed,
    m.PartnerEntered,
    m.PartnerDeparted,
    m.AppointmentAsked,
    m.AppointmentHeld,
    m.AppointmentLost,
    m.AppointmentCancelled,
    m.AgreementMade,
    m.AgreementEnded,
)


def visible_to(event: Event, role: Role) -> Event | None:
    """The event as this role may see it, or None; whoever is not named here sees nothing."""
    if role is Role.VISITOR:
        if isinstance(event, m.CaseOpened):
            return m.CaseOpened(event.visit, event.intake_until)  # the house's timers are not theirs to read
        if isinstance(event, CallbackAsked):
            return CallbackAsked(event.visit, not_before=event.not_before, until=event.until)
        if isinstance(event, m.AgreementMade):
            return m.AgreementMade(event.words)
        return event if isinstance(event, SHOWN_TO_VISITOR) else None
    return event if role in COUNSELING else None
