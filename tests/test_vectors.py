"""Golden frames: what the desk says today is what the pages are tested with; a snapshot plus events is the view."""

import json
from functools import reduce
from operator import or_
from typing import Any

import msgspec
import pytest

from kernel.wire import Happened, Snapshot, encode
from queueing import messages as m
from queueing.domain.desk import DECIDER
from queueing.domain.ledger import DeskState
from queueing.domain.view import view
from server.protocol_rooms import rooms
from tests.vectors_make import FILE, STORIES, lines
from tests.vectors_script import Script

VECTORS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def test_the_vectors_are_current() -> None:
    """Run `python -m tests.vectors_make` and look at what changed before committing it."""
    assert FILE.read_bytes().splitlines() == lines()


def test_the_stories_show_every_event_of_a_desk() -> None:
    told = {frame["event"]["type"] for vector in VECTORS for frame in vector["frames"] if frame["op"] == "event"}
    assert told == {str(event.__struct_config__.tag) for event in m.EVENTS}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_a_snapshot_and_the_events_after_it_are_the_view(vector: dict[str, Any]) -> None:
    """From each snapshot on, with this room's own fold, onto a state that knows no more than the view."""
    events = msgspec.json.Decoder(reduce(or_, m.EVENTS))
    state = DeskState()
    for frame in vector["frames"]:
        if frame["op"] == "event":
            state = DECIDER.evolve(state, events.decode(json.dumps(frame["event"])))
        else:
            assert json.loads(encode(view(state))) == frame["view"]
    assert json.loads(encode(view(state))) == vector["view"]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_a_story_told_twice_is_the_same(story: Any) -> None:
    first, second = Script(), Script()
    story(first)
    story(second)
    assert [encode(frame) for frame in first.frames] == [encode(frame) for frame in second.frames]
    heads = [(frame.seq, frame.prev) for frame in first.frames if isinstance(frame, Happened)]
    assert heads == [(seq, seq - 1) for seq in range(1, len(heads) + 1)]
    assert isinstance(first.frames[0], Snapshot)


def test_the_rooms_of_the_protocol_tell_the_same_events() -> None:
    desk = next(room for room in rooms() if room.kind == "desk")
    assert set(desk.events) == set(m.EVENTS)
