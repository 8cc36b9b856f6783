"""The case: intake once, a machine only raises, a named person lowers with a reason."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.decider import Elapse
from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel
from kernel.wire import Command, Event
from tests.personas import ADMIN, CHEN, PARTNER, PEER, XIAO_LI, ZHAO
from tests.strategies import T0, risks
from triage import messages as m
from triage.domain.case import DECIDER, decide, due
from triage.domain.state import CaseState
from triage.policy import POLICY

VISIT = m.Visit("main", Medium.TEXT, "zh-Hans", T0)
OPENED = DECIDER.fold(CaseState(), decide(CaseState(), m.OpenCase(VISIT), SYSTEM, T0))
DANGER = m.SubmitIntake(thoughts=m.Thoughts.YES, plan=m.Plan.SOON)


def at(level: RiskLevel) -> CaseState:
    """A case whose intake is over."""
    return msgspec.structs.replace(OPENED, level=level)


def test_a_silent_visitor_is_queued_all_the_same_as_moderate() -> None:
    assert due(OPENED) == T0 + timedelta(seconds=90) == T0 + POLICY.intake
    assert decide(OPENED, Elapse(), SYSTEM, T0 + timedelta(seconds=89)) == ()
    lapsed, assessed = decide(OPENED, Elapse(), SYSTEM, T0 + timedelta(seconds=90))
    assert lapsed == m.IntakeLapsed()
    assert isinstance(assessed, m.RiskAssessed)
    assert (assessed.level, assessed.visit) == (RiskLevel.MODERATE, VISIT)
    assert assessed.reasons


def test_answers_that_come_late_still_count_and_only_raise() -> None:
    state = DECIDER.fold(OPENED, decide(OPENED, Elapse(), SYSTEM, T0 + POLICY.intake))
    told, raised, called, *_ = decide(state, DANGER, XIAO_LI, T0 + timedelta(hours=1))
    assert isinstance(called, m.EscalationOpened)
    assert isinstance(told, m.IntakeSubmitted)
    assert isinstance(raised, m.RiskRaised)
    assert (raised.level, raised.before) == (RiskLevel.IMMINENT, RiskLevel.MODERATE)
    mild = m.SubmitIntake(thoughts=m.Thoughts.NO)
    assert [type(each) for each in decide(state, mild, XIAO_LI, T0)] == [m.IntakeSubmitted]


def test_answers_are_taken_once() -> None:
    state = DECIDER.fold(OPENED, decide(OPENED, m.SubmitIntake(), XIAO_LI, T0))
    assert due(state) is None
    with pytest.raises(Refused, match="already_answered"):
        decide(state, DANGER, XIAO_LI, T0)


@given(before=risks, level=risks)
def test_a_machine_never_lowers(before: RiskLevel, level: RiskLevel) -> None:
    events = decide(at(before), m.RaiseRisk(level, "screening"), SYSTEM, T0)
    assert DECIDER.fold(at(before), events).level == max(before, level, key=lambda each: each.rank)
    assert bool(events) is (level.rank > before.rank)


@given(before=risks, level=risks, by=st.sampled_from([CHEN, PEER, ZHAO]))
def test_a_person_raises_up_and_lowers_down(before: RiskLevel, level: RiskLevel, by: Actor) -> None:
    up, down = m.RaiseRisk(level, "counselor"), m.LowerRisk(level, "又谈了一会儿, 已经平静")
    if level.rank > before.rank:
        raised, *_ = decide(at(before), up, by, T0)
        assert isinstance(raised, m.RiskRaised)
        with pytest.raises(Refused, match="not_lower"):
            decide(at(before), down, by, T0)
    else:
        with pytest.raises(Refused, match="not_higher"):
            decide(at(before), up, by, T0)
    if level.rank < before.rank:
        assert decide(at(before), down, by, T0) == (m.RiskLowered(level, before, "main", down.reason),)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("by", [XIAO_LI, ADMIN, PARTNER])
def test_nobody_else_sets_a_level(by: Actor) -> None:
    for command in (m.RaiseRisk(RiskLevel.HIGH, "visitor"), m.LowerRisk(RiskLevel.ROUTINE, "reason")):
        with pytest.raises(NotPermitted):
            decide(at(RiskLevel.MODERATE), command, by, T0)
    if by is not XIAO_LI:
        with pytest.raises(NotPermitted):
            decide(OPENED, m.SubmitIntake(), by, T0)


def test_the_log_names_who_raised_it_whatever_they_say() -> None:
    for by, source in ((CHEN, "counselor"), (PEER, "counselor"), (ZHAO, "supervisor")):
        (raised,) = decide(at(RiskLevel.ROUTINE), m.RaiseRisk(RiskLevel.HIGH, "screening"), by, T0)
        assert isinstance(raised, m.RiskRaised)
        assert raised.source == source


def test_a_closed_case_says_nothing_more_to_news_and_no_to_people() -> None:
    ended, closed = decide(OPENED, m.CloseCase(), SYSTEM, T0)
    assert (ended, closed) == (m.VisitEnded("main"), m.CaseClosed("main"))
    state = DECIDER.fold(OPENED, (ended, closed))
    assert due(state) is None
    for news in (m.CloseCase(), m.OpenCase(VISIT), m.RaiseRisk(RiskLevel.IMMINENT, "screening"), Elapse()):
        assert decide(state, news, SYSTEM, T0 + timedelta(days=1)) == ()
    for command, by in (
        (DANGER, XIAO_LI),
        (m.RaiseRisk(RiskLevel.HIGH, "counselor"), CHEN),
        (m.LowerRisk(RiskLevel.ROUTINE, "reason"), CHEN),
    ):
        with pytest.raises(Refused, match="session_over"):
            decide(state, command, by, T0)


COMMANDS: st.SearchStrategy[tuple[Command, Actor]] = st.one_of(
    st.tuples(st.builds(m.RaiseRisk, risks, st.just("screening")), st.just(SYSTEM)),
    st.tuples(st.sampled_from([m.OpenCase(VISIT), Elapse(), Elapse(), m.CloseCase()]), st.just(SYSTEM)),
    st.tuples(st.sampled_from([DANGER, m.SubmitIntake()]), st.just(XIAO_LI)),
    st.tuples(st.builds(m.RaiseRisk, risks, st.just("counselor")), st.sampled_from([CHEN, ADMIN])),
    st.tuples(st.builds(m.LowerRisk, risks, st.just("reason")), st.sampled_from([CHEN, XIAO_LI])),
)


@given(st.lists(st.tuples(COMMANDS, st.integers(0, 60)), max_size=25))
@settings(max_examples=150, deadline=None)
def test_laws_of_the_case(steps: list[tuple[tuple[Command, Actor], int]]) -> None:
    """News is never refused, nothing follows the end, the clock never spins, the log is the state."""
    state, now = CaseState(), T0
    log: list[Event] = []
    for (command, by), seconds in [((m.OpenCase(VISIT), SYSTEM), 0), *steps]:
        now += timedelta(seconds=seconds)
        try:
            events = decide(state, command, by, now)
        except Refused:
            assert by != SYSTEM
            continue
        assert not (state.closed and events)
        state = DECIDER.fold(state, events)
        log += events
        if isinstance(command, Elapse):
            wake = due(state)
            assert wake is None or wake > now
    assert DECIDER.fold(CaseState(), tuple(log)) == state
    assert msgspec.json.decode(msgspec.json.encode(state), type=CaseState) == state
