"""What staff see of a desk, and what a waiting visitor sees: how many are ahead, never who they are."""

import json
from typing import Any

import pytest

from kernel.wire import encode
from queueing.domain.order import TicketPhase
from queueing.domain.view import DeskView, places, view
from tests.vectors_make import STORIES
from tests.vectors_script import Script

HIDDEN_FROM_STAFF = {"declined", "asked", "epoch", "misses", "paused_until", "served", "offer"}


def after(story: Any) -> Script:
    """The desk at the end of a story."""
    script = Script()
    story(script)
    return script


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_staff_see_every_ticket_and_seat_and_no_bookkeeping(story: Any) -> None:
    state = after(story).state
    shown: DeskView = view(state)
    assert set(shown.tickets) == set(state.tickets)
    assert set(shown.seats) == set(state.seats)
    plain = json.loads(encode(shown))
    for each in (*plain["tickets"].values(), *plain["seats"].values()):
        assert not set(each) & HIDDEN_FROM_STAFF


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_places_count_those_ahead_and_name_nobody(story: Any) -> None:
    """Told by an oracle that compares each pair."""
    state = after(story).state
    waiting = {c: t for c, t in state.tickets.items() if t.phase in (TicketPhase.WAITING, TicketPhase.STRANDED)}
    told = places(state)
    assert set(told) == set(waiting)
    for contact, place in told.items():
        mine = waiting[contact]
        ahead = [t for t in waiting.values() if (t.tier, t.due_at, t.number) < (mine.tier, mine.due_at, mine.number)]
        assert place.ahead == len(ahead)
        assert place.ringing is bool(mine.offers)
        assert place.on_duty == sum(s.state == "ready" and s.lost_at is None for s in state.seats.values())
        assert not any(name in str(encode(place)) for name in (*state.tickets, *state.seats))
