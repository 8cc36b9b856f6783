"""What each event does to what a desk knows; a state is what its log says, whatever the log says."""

import msgspec
import pytest

from kernel.wire import Event
from queueing import messages as m
from queueing.domain.ledger import DeskState, evolve
from tests.strategies import event_of
from tests.vectors_make import STORIES
from tests.vectors_script import Script

OPEN_END = (
    m.OfferRung,
    m.OfferAccepted,
    m.OfferDeclined,
    m.OfferMissed,
    m.OfferCancelled,
    m.ContactRequeued,
    m.WrapUpBegan,
)
"""Events that name a ticket and a seat, which are there in every log a desk has written."""


@pytest.mark.parametrize(
    "kind", [each for each in m.EVENTS if each not in OPEN_END], ids=lambda kind: str(kind.__name__)
)
def test_news_about_what_is_not_there_breaks_nothing(kind: type[Event]) -> None:
    state = evolve(DeskState(), event_of(kind))
    assert msgspec.json.decode(msgspec.json.encode(state), type=DeskState) == state


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_every_state_of_a_story_survives_being_stored(story: object) -> None:
    script = Script()
    assert callable(story)
    story(script)
    assert msgspec.json.decode(msgspec.json.encode(script.state), type=DeskState) == script.state


def test_a_seat_that_is_off_and_owes_nothing_is_forgotten() -> None:
    seated = evolve(DeskState(), m.SeatEntered("chen", "陈", "counselor"))  # type: ignore[arg-type]
    lost = evolve(seated, event_of(m.SeatLost))
    assert "chen" in seated.seats
    assert evolve(evolve(seated, m.SeatLost("chen", event_of(m.SeatLost).at)), m.SeatLeft("chen")).seats == {}  # type: ignore[attr-defined]
    assert evolve(seated, m.SeatLeft("chen")).seats["chen"].state == "entered"
    assert lost.seats["chen"].present
