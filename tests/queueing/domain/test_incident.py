"""Incident mode: opened and told by a supervisor, contacts counted, promises widened, nothing left behind."""

import pytest

from kernel.errors import NotPermitted, Refused
from kernel.terms import Actor, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.incident import OPEN_AT_ONCE, applied, evolve
from queueing.domain.ledger import DeskState
from queueing.messages.incidents import (
    CloseIncident,
    IncidentClosed,
    IncidentOpened,
    OpenIncident,
    TagTicket,
    TellIncident,
    TicketTagged,
)
from tests.queueing.domain.test_outlook import comes, desk
from tests.strategies import T0

LEAD, CHEN = Actor(Role.SUPERVISOR, "zhao"), Actor(Role.COUNSELOR, "chen")


def say(state: DeskState, command: Command, by: Actor = LEAD) -> DeskState:
    """One more word."""
    return DECIDER.fold(state, decide(state, command, by, T0))


def test_an_incident_is_opened_with_words_and_a_surge_told_on_and_closed() -> None:
    state = say(desk(), OpenIncident(" 矿区停工 ", "正在核实"))
    assert (state.incidents["i1"].title, state.incidents["i1"].known) == ("矿区停工", "正在核实")
    assert state.surge_until is not None
    state = say(state, TellIncident("i1", "名单已公布"))
    assert state.incidents["i1"].known == "名单已公布"
    state = say(state, CloseIncident("i1"))
    assert state.incidents == {}
    again = say(state, OpenIncident("另一件", surge=False))
    assert list(again.incidents) == ["i2"], "a number is never used twice"


def test_contacts_are_counted_with_it_by_whoever_talks_with_people() -> None:
    state = say(desk(comes("a"), comes("b")), OpenIncident("矿区停工"))
    state = say(state, TagTicket("a", "i1"), CHEN)
    assert decide(state, TagTicket("a", "i1"), CHEN, T0) == (), "counted once"
    state = say(say(state, TagTicket("b", "i1"), CHEN), TagTicket("b"), CHEN)
    assert (state.tickets["a"].incident, state.tickets["b"].incident) == ("i1", None)
    assert state.incidents["i1"].tagged == 2
    gone = say(state, CloseIncident("i1"))
    assert gone.tickets["a"].incident == "i1", "what it was about stays with the contact"


@pytest.mark.parametrize("command", [OpenIncident("xx"), TellIncident("i1", "x"), CloseIncident("i1")])
def test_only_a_supervisor_leads_an_incident(command: Command) -> None:
    with pytest.raises(NotPermitted):
        decide(desk(), command, CHEN, T0)


def test_what_is_not_there_is_refused_and_nobody_opens_without_end() -> None:
    for command in (TellIncident("i9", "x"), CloseIncident("i9"), TagTicket("nobody", None), TagTicket("a", "i9")):
        with pytest.raises(Refused, match="no_incident"):
            decide(desk(comes("a")), command, LEAD, T0)
    state = desk()
    for _ in range(OPEN_AT_ONCE):
        state = say(state, OpenIncident("某事", surge=False))
    with pytest.raises(Refused, match="too_many"):
        decide(state, OpenIncident("某事"), LEAD, T0)


def test_news_of_what_has_left_changes_nothing() -> None:
    state = desk()
    assert applied(state, TicketTagged("gone", "i1")) == state
    assert evolve({}, IncidentClosed("i1", T0)) == {}
    assert evolve({}, TicketTagged("a")) == {}
    opened = applied(state, IncidentOpened("i1", "某事", "", "zhao", T0))
    assert (opened.next_incident, list(opened.incidents)) == (2, ["i1"])
    assert isinstance(decide(desk(), m.SwitchSurge(on=True), LEAD, T0)[0], m.SurgeSwitched)
