"""The record's own answers: who may say what, what comes before opening and after the end, and when it wakes."""

import pytest

from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Medium, Role
from kernel.wire import Command
from recordings_policy import messages as m
from recordings_policy.domain.record import DECIDER, decide, due
from recordings_policy.domain.state import RecordState
from recordings_policy.policy import Channel, Purpose
from tests.recordings_policy.people import (
    COUNSELOR_CHEN,
    DAY,
    HASH,
    SUPERVISOR_QIAN,
    SUPERVISOR_ZHAO,
    T0,
    WORKER_LI,
    Room,
    consent,
    policy,
    rule,
)

HELPERS = {Role.COUNSELOR, Role.PEER_SUPPORTER, Role.SUPERVISOR, Role.CRISIS_WORKER}
# Who may say what, as the house wrote it down; each with one example.
ALLOWED: list[tuple[Command, set[Role]]] = [
    (m.OpenRecord("main"), {Role.SYSTEM}),
    (m.ApplyPolicy(()), {Role.SYSTEM}),
    (m.RequestRecording(), {Role.SYSTEM}),
    (m.CloseRecord(T0), {Role.SYSTEM}),
    (m.BeginPurge(Medium.TEXT), {Role.SYSTEM}),
    (m.ConfirmPurge(Medium.TEXT, HASH), {Role.SYSTEM}),
    (m.NoteIdentity("union_card"), {Role.SYSTEM}),
    (Elapse(), {Role.SYSTEM}),
    (consent(), {Role.VISITOR} | HELPERS),
    (m.WithdrawConsent(Purpose.RECORDING), {Role.VISITOR} | HELPERS),
    (m.StopRecording(), {Role.VISITOR, Role.SYSTEM} | HELPERS),
    (m.RequestErasure(), {Role.VISITOR}),
    (m.PlaceHold("court", "doc-1", T0 + DAY), {Role.SUPERVISOR, Role.ADMINISTRATOR}),
    (m.ApproveHold(1), {Role.SUPERVISOR, Role.ADMINISTRATOR}),
    (m.LiftHold(1), {Role.SUPERVISOR, Role.ADMINISTRATOR}),
    (m.AskGlass("identity", "court", "doc-1"), {Role.SUPERVISOR, Role.CRISIS_WORKER}),
    (m.BreakGlass(1), {Role.SUPERVISOR, Role.CRISIS_WORKER, Role.ADMINISTRATOR}),
    (m.RefuseGlass(1), {Role.SUPERVISOR, Role.CRISIS_WORKER, Role.ADMINISTRATOR}),
]


NAMES = [str(command.__struct_config__.tag) for command, _ in ALLOWED]


def test_every_command_of_the_record_stands_in_the_table_of_rights() -> None:
    assert {type(command) for command, _ in ALLOWED} == set(DECIDER.commands)


@pytest.mark.parametrize(("command", "roles"), ALLOWED, ids=NAMES)
def test_nobody_says_what_is_not_theirs_to_say(command: Command, roles: set[Role]) -> None:
    opened = Room(rule()).state
    for role in Role:
        try:
            decide(opened, command, Actor(role, "x"), T0)
            permitted = True
        except NotPermitted:
            permitted = False
        except Refused:
            permitted = True
        assert permitted is (role in roles), role


@pytest.mark.parametrize(("command", "roles"), ALLOWED[1:], ids=NAMES[1:])
def test_before_it_is_opened_it_answers_nothing(command: Command, roles: set[Role]) -> None:
    with pytest.raises(Refused, match="not_open"):
        decide(RecordState(), command, Actor(min(roles), "x"), T0)


def destroyed() -> Room:
    """A contact of which nothing is left."""
    room = Room(rule(given=policy(Medium.TEXT)))
    room.close()
    room.wait(90 * DAY)
    room.do(m.BeginPurge(Medium.TEXT))
    room.do(m.ConfirmPurge(Medium.TEXT, HASH))
    assert room.state.gone
    return room


@pytest.mark.promise("R6")
@pytest.mark.parametrize(("command", "roles"), ALLOWED, ids=NAMES)
def test_after_the_end_news_changes_nothing_and_people_are_told(command: Command, roles: set[Role]) -> None:
    room = destroyed()
    asks = type(command) in {
        m.GiveConsent,
        m.WithdrawConsent,
        m.RequestErasure,
        *m.STAFF_COMMANDS,
        m.RequestRecording,
    }
    if asks:
        with pytest.raises(Refused, match="erased"):
            room.do(command, Actor(min(roles), "x"))
    else:
        assert room.do(command, Actor(min(roles), "x")) == ()
    assert due(room.state) is None


def test_opening_twice_keeps_the_first_line_and_rules() -> None:
    room = Room(rule())
    assert room.do(m.OpenRecord("second", (rule(9),))) == ()
    assert (room.state.line, room.state.rules) == ("main", (rule(),))


def test_rules_of_another_line_are_refused_whole() -> None:
    room = Room(rule())
    with pytest.raises(Refused, match="other_line"):
        room.do(m.ApplyPolicy((rule(2), rule(2, given=policy(Medium.TEXT, line="second")))))
    assert room.state.rules == (rule(),)


def test_a_rule_that_is_missing_from_the_set_ends_now_and_the_same_set_again_is_no_news() -> None:
    text = rule(given=policy(Medium.TEXT))
    room = Room(rule(), text)
    room.do(m.ApplyPolicy((text,)), after=DAY)
    assert room.state.rules == (text, rule(until=T0 + DAY))
    assert room.do(m.ApplyPolicy((text,)), after=DAY) == ()
    assert room.state.rules == (text, rule(until=T0 + DAY))


def test_a_click_is_the_visitors_and_a_spoken_yes_the_helpers_but_never_over_the_visitors_no() -> None:
    room = Room(rule())
    for channel, by in ((Channel.SPOKEN, WORKER_LI), (Channel.PAGE, COUNSELOR_CHEN), (Channel.APP, COUNSELOR_CHEN)):
        with pytest.raises(Refused, match="wrong_channel"):
            room.do(consent(channel=channel), by)
    room.do(m.WithdrawConsent(Purpose.RECORDING), COUNSELOR_CHEN)
    assert room.do(consent(channel=Channel.SPOKEN), COUNSELOR_CHEN)
    room.do(m.WithdrawConsent(Purpose.RECORDING), WORKER_LI)
    with pytest.raises(Refused, match="only_visitor"):
        room.do(consent(channel=Channel.SPOKEN), COUNSELOR_CHEN)
    assert room.do(consent(channel=Channel.APP), WORKER_LI)
    assert room.do(consent(channel=Channel.SPOKEN), COUNSELOR_CHEN)


def test_the_same_yes_again_is_no_news_and_keeps_its_time() -> None:
    room = Room(rule())
    assert room.do(consent(), WORKER_LI)
    assert room.do(consent(), WORKER_LI, after=DAY) == ()
    assert room.state.consents[0].given_at == T0
    assert room.do(consent("rec-3"), WORKER_LI)
    assert room.state.consents[0].given_at == T0 + DAY


def test_closing_counts_from_the_close_but_never_from_the_future() -> None:
    room = Room(rule())
    room.record_something()
    room.do(m.CloseRecord(T0 + 400 * DAY), after=DAY)
    assert room.state.closed_at == T0 + DAY
    assert [keep.span.medium for keep in room.state.keeps] == [Medium.TEXT, Medium.VOICE]
    assert room.do(m.CloseRecord(T0), after=DAY) == ()


@pytest.mark.promise("R6")
def test_a_hold_is_too_late_only_when_all_that_is_left_is_being_destroyed() -> None:
    room = Room(rule(), rule(given=policy(Medium.TEXT)))
    room.record_something()
    room.close()
    room.wait(90 * DAY)
    room.do(m.BeginPurge(Medium.TEXT))
    assert room.do(m.PlaceHold("court", "doc-1", room.now + 9 * DAY), SUPERVISOR_ZHAO)
    room.wait(5 * DAY)  # nobody agrees; destruction goes on
    room.do(m.BeginPurge(Medium.VOICE))
    with pytest.raises(Refused, match="too_late"):
        room.do(m.PlaceHold("court", "doc-2", room.now + 9 * DAY), SUPERVISOR_ZHAO)


def test_it_wakes_at_the_first_of_what_ends_and_not_for_what_does_not_matter() -> None:
    room = Room(rule(until=T0 + 3 * DAY))
    assert due(room.state) is None  # a policy that ends stops nothing while nothing is recorded
    room.record_something()
    assert due(room.state) == T0 + 3 * DAY
    room.do(m.PlaceHold("court", "doc-1", T0 + 20 * DAY), SUPERVISOR_ZHAO)
    assert due(room.state) == T0 + 3 * DAY  # as long as a proposal waits: 72 hours
    room.do(m.ApproveHold(1), SUPERVISOR_QIAN)
    room.wait(4 * DAY)
    assert due(room.state) == T0 + 20 * DAY
    room.close()
    room.wait(20 * DAY)
    assert due(room.state) == T0 + 34 * DAY  # the log of the talk: no policy for text, 30 days


def test_erasure_is_asked_once_stops_what_runs_and_seals_what_is_closed() -> None:
    room = Room(rule())
    room.record_something()
    asked, stopped = room.do(m.RequestErasure(), WORKER_LI)
    assert (asked, stopped) == (m.ErasureRequested(T0), m.RecordingStopped(Medium.VOICE, 1, "erasure"))
    closed, sealed = room.close()
    assert (type(closed), sealed) == (m.RecordClosed, m.SealOrdered())
    assert room.do(m.RequestErasure(), WORKER_LI, after=DAY) == ()
    assert room.state.erase_at == T0
