"""An appointment stays open until the station or a person has said what became of it."""

from datetime import timedelta

import pytest

from kernel.errors import Refused
from kernel.terms import SYSTEM
from tests.personas import CHEN, XIAO_LI
from tests.strategies import T0
from tests.triage.domain.case_people import Story
from triage import messages as m

THURSDAY = T0 + timedelta(days=2)
DAY_S = 86_400


def booked() -> Story:
    """A place is held on Thursday."""
    story = Story()
    story.say(XIAO_LI, m.BookAppointment("near", THURSDAY))
    story.say(SYSTEM, m.NoteAppointment("near", THURSDAY, "held"))
    return story


def tags(story: Story) -> list[str]:
    """The log's tags."""
    return [str(event.__struct_config__.tag) for event in story.walk.log]


def test_a_case_with_an_appointment_stays_open_after_the_visit_and_ends_with_the_stations_word() -> None:
    story = booked()
    story.say(SYSTEM, m.CloseCase("ended"))
    assert not story.walk.state.closed
    story.say(SYSTEM, m.NoteVisit("near", THURSDAY, came=True), after_s=2 * DAY_S + 3600)
    assert tags(story)[-2:] == ["appointment.ended", "case.closed"]


def test_whoever_did_not_come_is_asked_after() -> None:
    story = booked()
    story.say(SYSTEM, m.CloseCase("ended"))
    story.say(SYSTEM, m.NoteVisit("near", THURSDAY, came=False), after_s=2 * DAY_S + 3600)
    assert tags(story)[-2:] == ["appointment.ended", "follow_up.planned"]
    assert not story.walk.state.closed


@pytest.mark.promise("R9")
def test_an_appointment_nobody_speaks_of_is_asked_for_again_and_again() -> None:
    story = booked()
    story.say(SYSTEM, m.CloseCase("ended"))
    story.walk.wait(THURSDAY + timedelta(days=4), rings=5000)
    assert tags(story).count("appointment.reminded") >= 2
    calls = {(e.about, e.to) for e in story.walk.log if isinstance(e, m.PageIssued)}
    assert calls == {("appointment", "duty_supervisor")}
    story.say(CHEN, m.CloseAppointment(m.Kept.MOVED, "改到下周四"))
    assert tags(story)[-1] == "case.closed"


def test_a_place_that_the_station_takes_back_is_told_and_asked_after_and_a_full_slot_is_only_told() -> None:
    story = booked()
    story.say(SYSTEM, m.NoteAppointment("near", THURSDAY, "lost"))
    assert tags(story)[-2:] == ["appointment.lost", "follow_up.planned"]
    other = Story()
    other.say(XIAO_LI, m.BookAppointment("near", THURSDAY))
    other.say(SYSTEM, m.NoteAppointment("near", THURSDAY, "full"))
    assert tags(other)[-1] == "appointment.lost"
    other.say(XIAO_LI, m.BookAppointment("near", THURSDAY + timedelta(days=7)))


def test_one_at_a_time_and_never_in_the_past() -> None:
    story = booked()
    with pytest.raises(Refused, match="already_booked"):
        story.say(XIAO_LI, m.BookAppointment("near", THURSDAY))
    story.say(XIAO_LI, m.CancelAppointment())
    with pytest.raises(Refused, match="no_appointment"):
        story.say(XIAO_LI, m.CancelAppointment())
    with pytest.raises(Refused, match="too_late"):
        story.say(XIAO_LI, m.BookAppointment("near", T0))
    assert story.say(SYSTEM, m.NoteAppointment("near", THURSDAY, "held")) == []
