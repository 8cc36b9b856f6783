"""The page of reactions: what each event asks, that it is owed exactly then, and that nobody can refuse it."""

import json

import msgspec
import pytest

from chat import messages as chat
from chat.closed_messages import ContactAsked
from chat.domain.session import Phase
from kernel.decider import Address, Decider, Elapse
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Event, Row
from queueing import messages as queueing
from queueing.domain.desk import DECIDER as DESK
from recordings_policy import messages as records
from recordings_policy.policy import Purpose
from server.reactions import ASKING, owes, react
from server.wiring import DECIDERS
from tests.chat.domain.test_session import PHASES
from tests.personas import CHEN, XIAO_LI
from tests.strategies import T0, command_of, event_of
from triage import messages as triage
from triage.domain.agenda import AgendaState
from triage.domain.state import CaseState
from triage.messages import agenda

DANGER = (RiskLevel.IMMINENT, (triage.ReasonCode("plan.time", "1", "plan"),))
EVENTS = [(kind, event) for kind, decider in DECIDERS.items() for event in decider.events]


# Asked only of some: pages in the house, consents to referral, consoles that are there.
SOMETIMES = (triage.PageIssued, records.ConsentGiven, records.ConsentWithdrawn, queueing.AlarmRung)


def hear(text: str) -> tuple[RiskLevel, tuple[triage.ReasonCode, ...]]:
    """Hears danger in one word only."""
    return DANGER if "danger" in text else (RiskLevel.ROUTINE, ())


def row(kind: str, event: Event, by: Actor = SYSTEM, seq: int = 7) -> Row:
    """An event in the log of its aggregate."""
    return Row(f"{kind}.{'main' if kind == 'desk' else 'c1'}", seq, T0, by, event)


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_an_event_is_owed_exactly_when_it_asks_something(kind: str, event: type[Event]) -> None:
    """`owes` is the cheap question before the commit; it may not forget one, or a crash would lose it."""
    if event in (chat.MessagePosted, chat.SessionEnded, *SOMETIMES):
        return
    asked = react(row(kind, event_of(event)), hear)
    assert bool(asked) is owes(row(kind, event_of(event))) is (event in ASKING)


def test_only_a_visitors_words_are_screened() -> None:
    danger, calm = chat.MessagePosted("danger", T0), chat.MessagePosted("hello", T0)
    raised = triage.RaiseRisk(RiskLevel.IMMINENT, "screening", DANGER[1], 7)
    assert react(row("session", danger, XIAO_LI), hear) == ((Address("case", "c1"), raised),)
    assert react(row("session", calm, XIAO_LI), hear) == ()
    assert react(row("session", danger, CHEN), hear) == ()
    assert react(row("session", chat.MessagePosted(None, T0), XIAO_LI), hear) == ()
    assert owes(row("session", calm, XIAO_LI))
    assert not owes(row("session", danger, CHEN))


def asked(kind: str, event: Event, by: Actor = SYSTEM) -> list[tuple[str, str]]:
    """Feeds and tags of what an event asks."""
    return [(to.feed, str(command.__struct_config__.tag)) for to, command in react(row(kind, event, by), hear)]


VISIT = triage.Visit("main", Medium.TEXT, "zh-Hans", T0)
NOTED = ("session.c1", "session.note_risk")
LOWERED = triage.RiskLowered(RiskLevel.ROUTINE, RiskLevel.HIGH, "main", "x")
DEFLECTED = ("case.c1", "deflection.note")
OVER = [("case.c1", "case.close"), ("record.c1", "record.close")]
FLOW: list[tuple[str, Event, list[tuple[str, str]]]] = [
    ("session", event_of(chat.ContactOpened), [("case.c1", "case.open"), ("record.c1", "record.open")]),
    ("session", chat.VisitorAway("main", T0), [("desk.main", "ticket.leave")]),
    ("session", chat.VisitorReturned("main"), [("desk.main", "ticket.return")]),
    ("session", chat.SessionEnded("visitor", "main", True), [("desk.main", "wrap_up.begin")]),
    ("session", chat.SessionEnded("visitor", "main", False), OVER),
    ("session", chat.ContactAbandoned("main"), OVER),
    ("session", event_of(chat.WrapUpSubmitted), [("desk.main", "seat.free"), *OVER]),
    ("case", triage.RiskAssessed(RiskLevel.HIGH, VISIT), [("desk.main", "ticket.request"), NOTED]),
    ("case", LOWERED, [("desk.main", "ticket.lower"), NOTED]),
    ("case", triage.VisitEnded("main"), [("desk.main", "ticket.withdraw")]),
    ("case", triage.CaseClosed("main"), []),
    ("case", triage.FollowUpTaken("chen"), [("session.c1", "words.entrust")]),
    ("case", triage.FollowUpClosed(triage.Ending.SAFE, "ok"), [("session.c1", "words.entrust")]),
    ("case", triage.PartnerEntered(1, "near"), [("session.c1", "participant.join")]),
    ("case", triage.PartnerDeparted(1, "near"), [("session.c1", "participant.leave")]),
    ("case", triage.AppointmentAsked("near", T0, T0), [("agenda.near", "agenda.hold")]),
    ("case", triage.AppointmentCancelled("near", T0, "visitor"), [("agenda.near", "agenda.free")]),
    ("agenda", agenda.PlaceHeld("c1", T0, 1), [("case.c1", "appointment.note")]),
    ("agenda", agenda.VisitReported("c1", T0, True), [("case.c1", "appointment.note_visit")]),
    ("desk", queueing.TicketAbandoned("c1"), [("session.c1", "session.abandon")]),
    ("desk", queueing.TicketDeflected("c1", "closed"), [("session.c1", "session.deflect"), DEFLECTED]),
    ("session", ContactAsked("main", T0), [("case.c1", "ticket.ask")]),
    ("case", triage.TicketAsked(RiskLevel.ROUTINE, VISIT), [("desk.main", "ticket.request")]),
    ("desk", queueing.CallbackBooked("c1"), [("session.c1", "session.deflect")]),
    ("desk", queueing.SeatFreed("c1", "chen"), []),
    ("desk", queueing.TicketStranded("c1"), [("case.c1", "escalation.open")]),
]  # fmt: skip
CRISIS: list[tuple[str, Event, list[tuple[str, str]]]] = [
    (
        "case",
        triage.RiskRaised(RiskLevel.HIGH, RiskLevel.ROUTINE, VISIT, "x", over=True),
        [("session.c1", "session.note_risk")],
    ),
    (
        "case",
        triage.EscalationOpened(1, "imminent", "main", T0),
        [("desk.main", "alarm.raise"), ("session.c1", "session.note_escalation")],
    ),
    (
        "case",
        triage.EscalationJoined(1, "sun", Role.CRISIS_WORKER, "main"),
        [("desk.main", "alarm.join"), ("session.c1", "participant.join")],
    ),
    (
        "case",
        triage.EscalationClosed(1, triage.Outcome.SAFE, "ok", "main"),
        [("desk.main", "alarm.clear"), ("session.c1", "session.note_escalation")],
    ),
    (
        "case",
        triage.PageIssued("e1.1", "escalation", 1, "duty_supervisor", "house", "main", T0),
        [("desk.main", "alarm.ring")],
    ),
    ("case", triage.PageIssued("e1.2", "escalation", 1, "outside", "outward", "main", T0), []),
    ("desk", queueing.AlarmRung("c1", "e1.1", "everyone", ("zhao",)), [("case.c1", "page.deliver")]),
    ("desk", queueing.AlarmRung("c1", "e1.1", "everyone", ()), []),
    (
        "desk",
        queueing.ContactRequeued("c1", "chen", 2),
        [("session.c1", "session.requeue"), ("case.c1", "escalation.open")],
    ),
]


@pytest.mark.parametrize(("kind", "event", "expected"), [*FLOW, *CRISIS], ids=lambda each: str(each)[:40])
def test_the_flow_of_the_house(kind: str, event: Event, expected: list[tuple[str, str]]) -> None:
    assert asked(kind, event) == expected


def test_the_place_in_the_queue_counts_from_the_moment_of_connection() -> None:
    for event in (
        triage.RiskAssessed(RiskLevel.HIGH, VISIT),
        triage.RiskRaised(RiskLevel.HIGH, RiskLevel.ROUTINE, VISIT, "x"),
    ):
        (_, request), _ = react(row("case", event), hear)
        assert isinstance(request, queueing.RequestTicket)
        assert request.arrived_at == VISIT.arrived_at


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_what_is_asked_is_a_word_the_other_room_knows_and_never_refuses(kind: str, event: type[Event]) -> None:
    """Told twice, too late, or in any phase: the receiving room answers, if only with nothing."""
    for to, command in react(row(kind, event_of(event), XIAO_LI), hear):
        decider: Decider[object] = DECIDERS[to.kind]
        assert type(command) in decider.commands
        again = json.loads(msgspec.json.encode(command))
        assert msgspec.convert(again, type(command)) == command
        states: dict[str, list[object]] = {
            "session": list(PHASES.values()),
            "case": [
                CaseState(visit=VISIT),
                CaseState(visit=VISIT, closed=True),
                CaseState(visit=VISIT, level=RiskLevel.HIGH),
            ],
            "desk": [DESK.initial],
            "record": [],
            "agenda": [AgendaState()],
        }
        for state in states[to.kind]:
            once = decider.fold(state, decider.decide(state, command, SYSTEM, T0))
            decider.decide(once, command, SYSTEM, T0)


def test_every_system_command_is_never_refused_by_a_session_in_any_phase() -> None:
    for state in PHASES.values():
        for kind in chat.SYSTEM_COMMANDS:
            command = Elapse() if kind is Elapse else command_of(kind)
            DECIDERS["session"].decide(state, command, SYSTEM, T0)
    assert Phase.NEW not in PHASES


def test_closing_the_record_carries_the_moment_of_the_end() -> None:
    *_, (to, command) = react(row("session", chat.ContactAbandoned("main")), hear)
    assert to == Address("record", "c1")
    assert command == records.CloseRecord(T0)


def test_consent_to_referral_and_no_other_consent_is_told_to_the_case() -> None:
    for purpose, told in ((Purpose.REFERRAL, True), (Purpose.RECORDING, False)):
        given = msgspec.structs.replace(event_of(records.ConsentGiven), purpose=purpose)
        for event in (given, records.ConsentWithdrawn(purpose, Role.VISITOR)):
            assert bool(asked("record", event)) is told
