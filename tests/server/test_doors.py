"""The doors: what each role may say, see and follow."""

from typing import Any

import msgspec
import pytest

from accounts.auth import Identity
from chat import messages as chat
from kernel.decider import Address
from kernel.errors import NotPermitted
from kernel.terms import SYSTEM, Actor, Attending, Medium, RiskLevel, Role
from kernel.wire import Command, Event, Row
from queueing import messages as queueing
from queueing.domain.desk import DECIDER as DESK
from queueing.domain.desk import decide
from queueing.messages.attend import AttendContact, ContactAttended
from queueing.messages.team import ReleaseSeat, SendNotice
from server.doors import ConsoleDoor, ContactDoor, SupervisionDoor, words
from server.wiring import DECIDERS
from tests.personas import ADMIN, CHEN, XIAO_LI, ZHAO
from tests.strategies import T0, command_of, event_of
from triage import messages as triage

PEOPLE = [role for role in Role if role is not Role.SYSTEM]
SYSTEM_ONLY = {
    "session": {"session.enqueue", "session.deflect", "session.assign", "session.requeue", "session.abandon",
                "visitor.leave", "visitor.return", "session.note_risk", "elapse", "contact.open"},
    "case": {"case.open", "case.close", "appointment.note", "appointment.note_visit", "elapse"},
    "agenda": {"agenda.publish", "agenda.hold", "agenda.free", "elapse"},
    "desk": {"desk.configure", "hours.publish", "ticket.request", "ticket.lower", "ticket.leave", "ticket.return",
             "ticket.withdraw", "wrap_up.begin", "seat.free", "seat.enter", "seat.lose", "elapse"},
    "record": {"record.open", "record.close", "policy.apply", "recording.request", "purge.begin", "purge.confirm",
               "elapse"},
}  # fmt: skip
STAFF_ONLY = {"wrap_up.submit", "risk.raise", "risk.lower", "seat.ready", "offer.accept", "ticket.take", "hold.place"}


def guest(actor: Actor, lines: tuple[str, ...] = ("main",)) -> Identity:
    """Somebody who has passed a door."""
    return Identity(actor, "x", lines, actor.role, "cookie")


def may_say(role: Role, kind: str, command: type[Command]) -> bool:
    """Whether a frame with this command would be decoded."""
    try:
        decoder = words(role, kind)
        decoder.decode(msgspec.json.encode(command_of(command)))
    except (NotPermitted, msgspec.ValidationError):
        return False
    return True


@pytest.mark.promise("R8")
@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("kind", list(DECIDERS))
def test_no_person_says_a_word_of_the_house(role: Role, kind: str) -> None:
    for command in DECIDERS[kind].commands:
        tag = str(command.__struct_config__.tag)
        if tag in SYSTEM_ONLY[kind]:
            assert not may_say(role, kind, command), (role, tag)


@pytest.mark.promise("R8")
def test_a_visitor_says_nothing_that_is_for_staff_and_a_partner_speaks_of_referrals_only() -> None:
    for kind, decider in DECIDERS.items():
        for command in decider.commands:
            if command.__struct_config__.tag in STAFF_ONLY:
                assert not may_say(Role.VISITOR, kind, command)
            about_referrals = str(command.__struct_config__.tag).startswith(("referral.", "agenda.report"))
            assert about_referrals or not may_say(Role.REFERRAL_PARTNER, kind, command)
    with pytest.raises(NotPermitted):
        words(Role.COUNSELOR, "no-such-room")


@pytest.mark.parametrize(
    ("role", "kind", "command"),
    [
        (Role.VISITOR, "session", chat.PostMessage),
        (Role.VISITOR, "case", triage.SubmitIntake),
        (Role.COUNSELOR, "session", chat.SubmitWrapUp),
        (Role.COUNSELOR, "desk", queueing.AcceptOffer),
        (Role.COUNSELOR, "case", triage.LowerRisk),
        (Role.SUPERVISOR, "desk", queueing.TakeNext),
    ],
)
def test_everybody_says_what_is_theirs(role: Role, kind: str, command: type[Command]) -> None:
    assert may_say(role, kind, command)


@pytest.mark.promise("R8")
def test_a_visitor_speaks_to_their_own_contact_only() -> None:
    door, who = ContactDoor(), guest(XIAO_LI, ())
    assert door.words(who, Address("session", XIAO_LI.id)) is words(Role.VISITOR, "session")
    for other in (Address("session", "c-somebody"), Address("case", "c-somebody"), Address("desk", "main")):
        with pytest.raises(NotPermitted):
            door.words(who, other)
    with pytest.raises(NotPermitted):
        door.words(who, Address("desk", XIAO_LI.id))


def test_a_counselor_speaks_to_the_desks_of_their_lines_only() -> None:
    door, who = ConsoleDoor(), guest(CHEN)
    assert door.words(who, Address("desk", "main")) is words(Role.COUNSELOR, "desk")
    with pytest.raises(NotPermitted):
        door.words(who, Address("desk", "other"))


@pytest.mark.promise("R8")
@pytest.mark.parametrize("kind", list(DECIDERS))
def test_a_visitors_door_shows_no_risk_no_desk_and_of_the_record_only_consent(kind: str) -> None:
    door, who = ContactDoor(), guest(XIAO_LI, ())
    shown = {
        str(event.__struct_config__.tag)
        for event in DECIDERS[kind].events
        if door.show(who, Row(f"{kind}.{XIAO_LI.id}", 1, T0, SYSTEM, event_of(event))) is not None
    }
    assert not {tag for tag in shown if "risk" in tag or "wrap_up" in tag or "hold" in tag}
    assert kind not in ("desk", "agenda") or shown == set()
    assert kind != "record" or shown == {"consent.given", "consent.withdrawn"}
    assert door.watches(kind) is (kind == "desk")
    assert not door.snapshots(kind)


def held_by_chen() -> Any:
    """A desk where Chen holds c1 and owes c2, and Liu holds c3."""
    state = DESK.initial
    news: list[tuple[Command, Actor]] = [
        (queueing.PublishHours((queueing.OpenInterval(T0, T0.replace(hour=20), T0.replace(hour=19)),), "1"), SYSTEM),
        (queueing.EnterSeat("chen", "陈", Role.COUNSELOR), SYSTEM),
        (queueing.ReadySeat(3), CHEN),
    ]
    for number, contact in enumerate(("c2", "c1"), start=1):
        request = queueing.RequestTicket(contact, Medium.TEXT, RiskLevel.ROUTINE, T0)
        news += [(request, SYSTEM), (queueing.AcceptOffer(f"{contact}.{number}.1"), CHEN)]
    news += [(queueing.BeginWrapUp("c2"), SYSTEM)]
    for command, by in news:
        state = DESK.fold(state, decide(state, command, by, T0))
    return state


def test_a_console_follows_what_is_in_its_hands_and_lets_go_of_the_rest() -> None:
    door, state = ConsoleDoor(), held_by_chen()
    assert {feed for feed, follow in door.holds(guest(CHEN), "desk", state).items() if follow} == {
        "session.c1",
        "case.c1",
        "session.c2",
        "case.c2",
    }
    assert not any(door.holds(guest(ZHAO), "desk", state).values())
    assert door.holds(guest(CHEN), "session", None) == {}


@pytest.mark.parametrize(
    ("event", "follow"),
    [
        (queueing.OfferAccepted("o", "c1", "chen", "陈", Role.COUNSELOR, 1), True),
        (queueing.SeatFreed("c1", "chen"), False),
        (queueing.ContactRequeued("c1", "chen", 2), False),
        (queueing.OfferAccepted("o", "c1", "liu", "刘", Role.COUNSELOR, 1), None),
        (queueing.WrapUpLapsed("c1", "chen"), None),
    ],
)
def test_the_news_of_a_desk_moves_a_consoles_feeds(event: Event, follow: bool | None) -> None:
    moved = ConsoleDoor().moves(guest(CHEN), Row("desk.main", 5, T0, SYSTEM, event))
    assert moved == ({} if follow is None else {"session.c1": follow, "case.c1": follow})


@pytest.mark.parametrize(
    ("how", "released", "follow"),
    [(Attending.MONITOR, False, True), (None, True, False), (None, False, None)],
)
def test_whoever_is_beside_a_talk_reads_it_until_they_are_let_go(
    how: Attending | None, released: bool, follow: bool | None
) -> None:
    event = ContactAttended("c1", "zhao", Role.SUPERVISOR, how, "supervision", T0, released)
    moved = ConsoleDoor().moves(guest(ZHAO), Row("desk.main", 5, T0, SYSTEM, event))
    assert moved == ({} if follow is None else {"session.c1": follow, "case.c1": follow})
    assert ConsoleDoor().moves(guest(CHEN), Row("desk.main", 5, T0, SYSTEM, event)) == {}


def test_a_console_that_comes_back_reads_what_it_was_beside() -> None:
    state = held_by_chen()
    state = DESK.fold(state, decide(state, queueing.EnterSeat("zhao", "赵", Role.SUPERVISOR), SYSTEM, T0))
    state = DESK.fold(state, decide(state, AttendContact("c1", Attending.MONITOR), ZHAO, T0))
    held = ConsoleDoor().holds(guest(ZHAO), "desk", state)
    assert {feed for feed, follow in held.items() if follow} == {"session.c1", "case.c1"}


@pytest.mark.promise("R8")
def test_from_a_wallboard_a_supervisor_steers_and_says_nothing_to_a_talk() -> None:
    door, desk = SupervisionDoor(), Address("desk", "main")
    for said in (queueing.SwitchIntake(False, "too many"), SendNotice("x"), ReleaseSeat("chen", "x")):
        assert door.words(guest(ZHAO), desk).decode(msgspec.json.encode(said)) == said
    assert door.words(guest(ZHAO), Address("case", "c1")).decode(b'{"type":"escalation.acknowledge"}') is not None
    for other in (queueing.TakeNext(), AttendContact("c1", Attending.BARGE)):
        with pytest.raises(msgspec.ValidationError):
            door.words(guest(ZHAO), desk).decode(msgspec.json.encode(other))
    for actor, to in ((ZHAO, Address("session", "c1")), (ADMIN, desk), (ZHAO, Address("desk", "other"))):
        with pytest.raises(NotPermitted):
            door.words(guest(actor), to)


@pytest.mark.promise("R8")
def test_the_wallboard_follows_nothing_that_is_said() -> None:
    door, state = SupervisionDoor(), held_by_chen()
    assert door.holds(guest(ZHAO), "desk", state) == {}
    accepted = queueing.OfferAccepted("o", "c1", "zhao", "赵", Role.SUPERVISOR, 1)
    assert door.moves(guest(ZHAO), Row("desk.main", 5, T0, SYSTEM, accepted)) == {}
    assert not door.holds_lease
