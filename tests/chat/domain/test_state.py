"""A session's memory: every event is one step, and the call's own steps are counted with it."""

import msgspec
import pytest

from chat import messages as m
from chat.domain.call_state import CallState
from chat.domain.state import SessionState, evolve
from kernel.wire import Event
from tests.strategies import event_of


@pytest.mark.parametrize("kind", m.EVENTS, ids=lambda kind: str(kind.__name__))
def test_every_event_is_one_step_of_the_session(kind: type[Event]) -> None:
    assert evolve(SessionState(seq=4), event_of(kind)).seq == 5


@pytest.mark.parametrize("kind", m.EVENTS, ids=lambda kind: str(kind.__name__))
def test_only_the_words_of_a_call_touch_it(kind: type[Event]) -> None:
    changed = evolve(SessionState(), event_of(kind)).call != CallState()
    assert not changed or str(kind.__struct_config__.tag).startswith("call.")


def test_a_snapshot_comes_back_as_it_was_stored() -> None:
    state = SessionState()
    for kind in m.EVENTS:
        state = evolve(state, event_of(kind))
    assert msgspec.json.decode(msgspec.json.encode(state), type=SessionState) == state
