"""An independent bookkeeper of the case: reads the events only, and knows what may not be forgotten (R9)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kernel.wire import Event
from triage import messages as m

CLIMB_S = (0, 30, 60, 120)
BEIJING = timedelta(hours=8)


class Book:
    """What is open, told from the log alone."""

    def __init__(self) -> None:
        """Nothing has happened."""
        self.open: dict[tuple[str, int], str] = {}
        self.called_at: datetime | None = None
        self.has_it: str | None = None
        self.opener = ""
        self.rescue: bool | None = None
        self.highest = 0
        self.over = self.closed = False
        self.consent = self.planned = False
        self.packets: dict[int, set[str]] = {}
        self.agreed: dict[int, set[str]] = {}
        self.turn: dict[int, str] = {}
        self.refused: set[int] = set()
        self.welcome: dict[int, str] = {}
        self.reminded: dict[tuple[str, int], datetime] = {}

    def read(self, event: Any, now: datetime) -> None:
        """Check an event against what is known, and take it down."""
        assert not self.closed, "nothing follows the end"
        match event:
            case m.RiskAssessed(level=level) | m.RiskRaised(level=level):
                self.highest = max(self.highest, level.rank)
            case m.VisitEnded():
                assert not self.over
                self.over = True
            case m.CaseClosed():
                assert self.over
                assert not self.open, f"closed over {self.open}"
                assert self.highest < 2 or self.planned, "in danger once, gone, and nobody asks"
                self.closed = True
            case m.ConsentNoted(given=given):
                self.consent = given
            case m.PageIssued(about=about, number=number):
                assert (about, number) in self.open, "a call about nothing"
                self.reminded[about, number] = now
        kind = str(event.__struct_config__.tag).partition(".")[0]
        {
            "escalation": self._escalation,
            "rescue": self._escalation,
            "referral": self._referral,
            "appointment": self._appointment,
        }.get(kind, self._follow_up)(event, now)

    def _escalation(self, event: Event, now: datetime) -> None:
        match event:
            case m.EscalationOpened(escalation=number, by=by):
                assert not any(kind == "escalation" for kind, _ in self.open)
                self.open["escalation", number] = "climbs"
                self.called_at, self.has_it, self.opener, self.rescue = now, None, by, None
            case m.EscalationRenewed():
                self.called_at, self.has_it = now, None
            case m.EscalationClimbed(rung=rung):
                assert self.called_at is not None
                assert self.has_it is None, "it climbs though somebody has it"
                waited = (now - self.called_at).total_seconds()
                assert waited >= (CLIMB_S[rung] if rung < 4 else 120 + (rung - 3) * 120), "too early"
            case m.EscalationAcknowledged(person=person):
                assert self.has_it is None
                assert person != self.opener, "whoever calls cannot be who comes"
                self.has_it = person
            case m.RescueCalled(person=person, consulted=consulted, reason=reason):
                assert person != consulted
                assert len(reason) >= 2
                self.rescue = False
            case m.RescueConfirmed():
                self.rescue = True
            case m.EscalationClosed(escalation=number, outcome=outcome, reason=reason):
                assert len(reason) >= 2
                assert self.rescue is not False or outcome in ("handed_over", "unreachable")
                assert outcome != "rescued" or self.rescue
                del self.open["escalation", number]

    def _referral(self, event: Any, now: datetime) -> None:
        number = event.referral
        match event:
            case m.ReferralOffered():
                self.open["referral", number] = "offered"
                self.packets[number] = {str(field) for field in event.packet}
                for partner in event.partners:
                    assert self.packets[number] <= {str(field) for field in partner.boundary}
            case m.ReferralAgreed(fields=fields):
                assert set(fields) <= self.packets[number]
                self.agreed[number] = set(fields)
            case m.ReferralRefused():
                self.refused.add(number)
            case m.ReferralSent(partner=partner):
                assert self.consent, "left the house without a consent"
                assert number in self.agreed
                assert number not in self.refused
                assert partner != self.turn.get(number), "the same partner asked twice"
                self.turn[number] = partner
            case m.ReferralAnswered(partner=partner) | m.ReferralRead(partner=partner):
                assert partner == self.turn[number]
                assert number not in self.refused, "read after the visitor took it back"
                if isinstance(event, m.ReferralAnswered) and event.answer in ("attended", "finished"):
                    del self.open["referral", number]
            case m.PartnerEntered(partner=partner):
                assert self.welcome.pop(number, None) == partner, "came in without a welcome"
                assert number not in self.refused
            case m.PartnerWelcomed(yes=yes):
                if yes:
                    self.welcome[number] = self.turn[number]
                else:
                    self.welcome.pop(number, None)
            case m.ReferralClosed():
                del self.open["referral", number]

    def _appointment(self, event: Event, now: datetime) -> None:
        match event:
            case m.AppointmentAsked(starts_at=starts_at):
                assert ("appointment", 1) not in self.open, "two at once"
                assert starts_at > now
                self.open["appointment", 1] = "asked"
            case m.AppointmentHeld():
                assert self.open["appointment", 1] == "asked"
                self.open["appointment", 1] = "held"
            case m.AppointmentReminded():
                assert self.open["appointment", 1]
            case m.AppointmentLost() | m.AppointmentCancelled() | m.AppointmentEnded():
                del self.open["appointment", 1]

    def _follow_up(self, event: Event, now: datetime) -> None:
        match event:
            case m.FollowUpPlanned(steps=steps):
                assert steps
                self.planned = True
                self.open["follow_up", 1] = "planned"
            case m.FollowUpFellDue() | m.FollowUpOverdue():
                assert self.open["follow_up", 1]
                self.reminded["follow_up", 1] = now
                self.open["follow_up", 1] = "due"
            case m.FollowUpClosed(note=note):
                assert len(note) >= 2
                del self.open["follow_up", 1]

    def has_open(self, kind: str) -> bool:
        """Tell whether anything of a kind is open."""
        return any(each == kind for each, _ in self.open)

    def asked_after(self) -> None:
        """Whoever was in danger and has gone is asked after."""
        if self.over and self.highest >= 2 and not self.closed:
            assert self.open, "in danger once, gone, and nobody asks"


def is_night(at: datetime) -> bool:
    """From ten in the evening until eight in the morning, Beijing."""
    hour = (at.astimezone(UTC) + BEIJING).hour
    return hour >= 22 or hour < 8
