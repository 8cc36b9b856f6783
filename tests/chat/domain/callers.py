"""The people of a call, and stories folded from what they say."""

from collections.abc import Mapping
from datetime import UTC, datetime

from chat import call_messages as words
from chat.domain import call as rules
from chat.domain.call import Scene
from chat.domain.call_state import CallState, evolve
from kernel.terms import SYSTEM, Actor, Attending, Role
from kernel.wire import Command, Event

NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
VISITOR = Actor(Role.VISITOR, "c1")
CHEN = Actor(Role.COUNSELOR, "chen")
LIN = Actor(Role.CRISIS_WORKER, "lin")
ZHAO = Actor(Role.SUPERVISOR, "zhao")
CALL = "c1.1"


def scene(how: Attending | None = Attending.MONITOR, beside: tuple[str, ...] = ("lin",)) -> Scene:
    """Chen talks with the visitor, Lin was let in beside, Zhao attends in some way."""
    attending: Mapping[str, Attending] = {"zhao": how} if how is not None else {}
    return Scene("c1", "chen", Role.COUNSELOR, active=True, attending=attending, beside=beside)


SCENE = scene()


def give(
    state: CallState, command: Command, by: Actor = SYSTEM, at: datetime = NOW, within: Scene = SCENE
) -> tuple[CallState, tuple[Event, ...]]:
    """Decide and fold."""
    events = rules.decide(state, command, by, at, within)
    for event in events:
        state = evolve(state, event)
    return state, events


def play(*steps: tuple[Command, Actor], state: CallState | None = None, within: Scene = SCENE) -> CallState:
    """Fold a story."""
    state = state or CallState()
    for command, by in steps:
        state, _ = give(state, command, by, within=within)
    return state


def there(leg: str, node: str = "node") -> tuple[Command, Actor]:
    """A worker reports a leg."""
    return words.ReportLeg(CALL, leg, "connected", node), SYSTEM


def gone(leg: str, node: str = "node") -> tuple[Command, Actor]:
    """A worker reports that a leg is gone."""
    return words.ReportLeg(CALL, leg, "lost", node), SYSTEM


def live() -> CallState:
    """A call in which both talk."""
    return play(
        (words.RequestCall(), VISITOR),
        (words.AcceptCall(), CHEN),
        (words.PlaceCall(CALL, "node"), SYSTEM),
        there("visitor"),
        there("staff.chen"),
    )
