"""Who is told what: at once, again when it changes, with the reason where it got longer; and the soft stop."""

from datetime import timedelta

from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from kernel.wire import Command
from queueing import messages as m
from queueing.domain.desk import DECIDER, decide
from queueing.domain.estimate import LABELS_NEEDED, Calibration
from queueing.domain.foresight import Foresight, chance_within, reckon
from queueing.domain.learnt import Learnt
from queueing.domain.ledger import DeskState
from queueing.domain.passage import Crew, Outlook, Passage, first_passage
from queueing.domain.view import places
from queueing.messages.waits import IntakeStoppedSoftly, NoteWaits, StopSoftly, Wait, WaitsNoted
from tests.queueing.domain.test_learnt import taken
from tests.queueing.domain.test_outlook import comes, desk, sits
from tests.strategies import T0

TEXT, ROUTINE = Medium.TEXT, RiskLevel.ROUTINE
SUPERVISOR = Actor(Role.SUPERVISOR, "zhao")


def taught() -> Learnt:
    """A line with enough scored estimates, all of which came out as the model says."""
    found = Learnt()
    for number in range(LABELS_NEEDED):
        contact = f"t{number}"
        found.read(T0 - timedelta(hours=9), m.TicketIssued(contact, number, TEXT, ROUTINE, 1, T0, T0))
        found.read(T0 - timedelta(hours=9), WaitsNoted((Wait(contact, 0, 600, 900, 1200),), T0))
        found.read(T0 - timedelta(hours=9) + timedelta(minutes=11), taken(contact))
    return found


def busy(*more: tuple[Command, Actor]) -> DeskState:
    """Chen holds one text and has no other slot."""
    state = desk(*sits("chen", 1), comes("held"))
    (offer,) = state.tickets["held"].offers
    for command, by in ((m.AcceptOffer(offer.offer), Actor(Role.COUNSELOR, "chen")), *more):
        state = DECIDER.fold(state, decide(state, command, by, T0))
    return state


def always() -> bool:
    """Time enough."""
    return True


def test_whoever_waits_is_told_at_once_and_again_when_somebody_stands_before_them() -> None:
    foresight, state = Foresight(taught()), busy(comes("a"), comes("b"))
    first = foresight.notes(state, (), T0, always)
    assert [wait.contact for wait in first] == ["a", "b"]
    assert all(wait.low_min is not None for wait in first)
    assert foresight.notes(state, (), T0 + timedelta(seconds=10), always) == ()
    raised = DECIDER.fold(state, decide(state, m.RequestTicket("b", TEXT, RiskLevel.IMMINENT, T0), SYSTEM, T0))
    told = {wait.contact: wait for wait in foresight.notes(raised, (), T0 + timedelta(seconds=11), always)}
    assert told["a"].why == "more_urgent_contact"


def test_fewer_counselors_are_told_as_the_reason() -> None:
    foresight = Foresight(taught())
    two = busy(comes("a"), comes("b"), *sits("bo", 1))
    two = DECIDER.fold(two, decide(two, m.PauseSeat(), Actor(Role.COUNSELOR, "bo"), T0))
    ready = busy(comes("a"), comes("b"), comes("c"), comes("d"))
    richer = DECIDER.fold(ready, (m.SeatEntered("bo", "bo", Role.COUNSELOR), m.SeatReady("bo", 6, T0)))
    foresight.notes(richer, (), T0, always)
    later = T0 + timedelta(minutes=1)
    told = [wait for wait in foresight.notes(ready, (), later, always) if wait.why]
    assert told
    assert {wait.why for wait in told} == {"fewer_counselors"}


def test_with_little_time_whoever_knows_nothing_is_reckoned_first() -> None:
    foresight, state = Foresight(taught()), busy(comes("a"), comes("b"))
    assert len(foresight.notes(state, (), T0, lambda: False)) == 1
    (second,) = foresight.notes(state, (), T0, lambda: False)
    assert second.contact == "b"


def reckoned(foresight: Foresight, state: DeskState, seconds: int) -> int:
    """How many are reckoned so many seconds later."""
    asked: list[int] = []

    def count() -> bool:
        asked.append(1)
        return True

    foresight.notes(state, (), T0 + timedelta(seconds=seconds), count)
    return len(asked)


def test_in_a_crowd_one_who_leaves_is_news_to_those_near_the_front_only() -> None:
    foresight, state = Foresight(taught()), busy(*(comes(f"w{number:02}") for number in range(60)))
    assert reckoned(foresight, state, 0) == 60
    left = DECIDER.fold(state, (m.TicketWithdrawn("w00"),))
    assert reckoned(foresight, left, 10) == 19, "w01 to w19, who had fewer than twenty before them"


def test_who_was_told_of_more_than_the_last_border_is_reckoned_again_after_two_minutes() -> None:
    many = busy(*(comes(f"w{number:02}") for number in range(60)))
    state = DECIDER.fold(many, (m.SeatReady("chen", 12, T0),))
    first = Foresight(taught()).notes(state, (), T0, always)
    far = sum(wait.low_min is not None and wait.high_min is None for wait in first)
    assert 0 < far < 60
    for seconds, expected in ((29, 0), (31, 60 - far), (121, 60)):
        foresight = Foresight(taught())
        assert reckoned(foresight, state, 0) == 60
        assert reckoned(foresight, state, seconds) == expected


def test_before_enough_was_scored_nothing_is_shown_and_everything_is_kept() -> None:
    foresight, state = Foresight(Learnt()), busy(comes("a"))
    (wait,) = foresight.notes(state, (), T0, always)
    assert (wait.low_min, wait.high_min) == (None, None)
    assert 0 < wait.p10_s < wait.p50_s < wait.p80_s < wait.p90_s
    calibrated = reckon("a", Outlook(0, (Crew(0, 6),), 30), Calibration(50, 1.1, 0.8))
    assert calibrated.factor == 1.1
    assert calibrated.low_min is not None


def test_a_place_shows_the_range_and_none_while_somebody_is_asked() -> None:
    state = busy(comes("a"))
    waits = (Wait("a", 60, 300, 400, 500, 1.0, 0, 10), Wait("nobody", 1, 2, 3, 4))
    events = decide(state, NoteWaits(waits), SYSTEM, T0)
    assert events == (WaitsNoted(waits[:1], T0),)
    state = DECIDER.fold(state, events)
    assert (places(state)["a"].low_min, places(state)["a"].high_min) == (0, 10)
    rung = DECIDER.fold(state, decide(state, m.ReadySeat(2), Actor(Role.COUNSELOR, "chen"), T0))
    assert places(rung)["a"].ringing
    assert places(rung)["a"].low_min is None
    assert decide(state, NoteWaits((Wait("gone", 1, 2, 3, 4),)), SYSTEM, T0) == ()


def test_the_chance_of_the_corrected_distribution() -> None:
    passage = Passage((0.0, 10.0, 20.0), (0.0, 0.5, 1.0))
    assert chance_within(passage, 1.0, 15.0) == 0.75
    assert chance_within(passage, 2.0, 15.0) == 0.625, "a wider interval is less sure"
    assert first_passage(Outlook(0, (Crew(0, 6),), 30)).probability(600) > 0.9


def crowded() -> DeskState:
    """Six wait for one counselor, and the hours end in ten minutes."""
    closes = T0 + timedelta(minutes=10)
    hours = (m.OpenInterval(T0 - timedelta(hours=6), closes, closes, TEXT),)
    state = busy(*(comes(f"w{number}") for number in range(6)))
    return DECIDER.fold(state, (m.HoursPublished(hours, "2"),))


def test_near_the_end_of_the_hours_the_list_is_closed_softly_and_opened_again_when_it_has_emptied() -> None:
    foresight, state = Foresight(taught()), crowded()
    (stop,) = foresight.stops(state, (), T0)
    assert stop == StopSoftly(TEXT, on=True)
    events = decide(state, stop, SYSTEM, T0)
    assert events == (IntakeStoppedSoftly(TEXT, T0 + timedelta(minutes=10)),)
    state = DECIDER.fold(state, events)
    assert foresight.stops(state, (), T0) == ()
    (turned,) = decide(state, m.RequestTicket("new", TEXT, ROUTINE, T0), SYSTEM, T0)
    assert isinstance(turned, m.TicketDeflected)
    danger = decide(state, m.RequestTicket("new", TEXT, RiskLevel.HIGH, T0), SYSTEM, T0)
    assert isinstance(danger[0], m.TicketIssued), "danger is let in"
    assert all(f"w{number}" in state.tickets for number in range(6)), "whoever waits stays"
    empty = DECIDER.fold(state, tuple(m.TicketWithdrawn(f"w{number}") for number in range(6)))
    eased = DECIDER.fold(empty, decide(empty, m.ReadySeat(4), Actor(Role.COUNSELOR, "chen"), T0))
    (again,) = foresight.stops(eased, (), T0)
    assert again == StopSoftly(TEXT, on=False)
    reopened = DECIDER.fold(eased, decide(eased, again, SYSTEM, T0))
    assert reopened.soft_stop.until == {}


def test_a_supervisor_who_keeps_the_list_open_is_not_overruled_by_the_estimate() -> None:
    foresight, state = Foresight(taught()), crowded()
    state = DECIDER.fold(state, decide(state, StopSoftly(TEXT, on=True), SYSTEM, T0))
    state = DECIDER.fold(state, decide(state, m.SwitchIntake(open=True), SUPERVISOR, T0))
    assert state.soft_stop.until == {}
    assert foresight.stops(state, (), T0) == ()
    assert decide(state, StopSoftly(TEXT, on=True), SYSTEM, T0) == ()


def test_a_model_that_is_not_trusted_yet_closes_nothing() -> None:
    assert Foresight(Learnt()).stops(crowded(), (), T0) == ()
