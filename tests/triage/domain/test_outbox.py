"""R9: a call to a human is made again until it has arrived."""

from datetime import UTC, datetime, timedelta

import msgspec

from kernel.decider import Draft, Elapse
from kernel.terms import SYSTEM
from tests.strategies import T0
from tests.triage.domain.case_people import IMMINENT, Story
from triage import messages as m
from triage.domain import case, outbox
from triage.domain.state import CaseState


def test_a_page_is_issued_again_until_it_is_delivered() -> None:
    story = Story()
    first = next(e for e in story.say(SYSTEM, IMMINENT) if isinstance(e, m.PageIssued) and e.way == "outward")
    assert first.page not in {e.page for e in story.say(SYSTEM, Elapse(), 14) if isinstance(e, m.PageIssued)}
    again = [e for e in story.say(SYSTEM, Elapse(), 1) if isinstance(e, m.PageIssued) and e.page == first.page]
    assert [e.tries for e in again] == [2]
    story.say(SYSTEM, m.DeliverPage(first.page, "webhook"))
    assert first.page not in story.walk.state.pages
    assert story.say(SYSTEM, m.DeliverPage(first.page, "webhook")) == []


def page(name: str, about: m.About = "escalation", to: m.Audience = "everyone", tries: int = 1) -> m.PageIssued:
    """A call by the outward way at the stories' first instant."""
    return m.PageIssued(name, about, 1, to, "outward", "main", T0, tries)


def told(state: CaseState, seconds: int) -> list[m.PageIssued]:
    """What the clock issues that many seconds after the first instant."""
    draft = Draft(state, case.evolve)
    outbox.elapse(draft, T0 + timedelta(seconds=seconds))
    return [event for event in draft.events if isinstance(event, m.PageIssued)]


def test_what_is_due_is_told_once_and_waits_longer_every_time() -> None:
    state, waits = outbox.evolve(CaseState(), page("e1.1")), []
    at = T0
    for tries in range(2, 11):
        wake = outbox.due(state)
        assert wake is not None
        waits.append(int((wake - at).total_seconds()))
        at, seconds = wake, int((wake - T0).total_seconds())
        assert told(state, seconds - 1) == []
        (again,) = told(state, seconds)
        assert (again.page, again.tries, again.at) == ("e1.1", tries, wake)
        state = outbox.evolve(state, again)
        assert told(state, seconds) == []
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert state.pages_issued == 1


def test_a_delivered_page_silences_itself_and_no_other() -> None:
    two = outbox.evolve(outbox.evolve(CaseState(), page("e1.1")), page("r1.2", "referral", "partner"))
    one = outbox.evolve(two, m.PageDelivered("e1.1", "webhook"))
    assert set(one.pages) == {"r1.2"}
    assert outbox.evolve(one, m.PageDelivered("e1.1", "webhook")) == one
    assert outbox.due(outbox.evolve(one, m.PageDelivered("r1.2", "sms"))) is None


def test_a_later_rung_takes_the_place_of_a_call_that_never_arrived_but_the_partner_keeps_theirs() -> None:
    higher = outbox.evolve(outbox.evolve(CaseState(), page("e1.1", to="duty_supervisor")), page("e1.2"))
    assert set(higher.pages) == {"e1.2"}
    assert higher.pages_issued == 2
    partner = outbox.evolve(CaseState(), page("r1.1", "referral", "partner"))
    both = outbox.evolve(partner, page("r1.2", "referral", "duty_supervisor"))
    assert set(both.pages) == {"r1.1", "r1.2"}
    assert outbox.settled(both, "follow_up", 1) == both
    assert outbox.settled(both, "referral", 1).pages == {}


def test_only_a_crisis_calls_again_at_night() -> None:
    night = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)  # 23:00 in Beijing
    morning = datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    crisis = outbox.evolve(CaseState(), msgspec.structs.replace(page("e1.1"), at=night))
    assert outbox.due(crisis) == night + timedelta(seconds=15)
    calm = outbox.evolve(CaseState(), msgspec.structs.replace(page("f1.1", "follow_up"), at=night))
    assert outbox.due(calm) == morning
