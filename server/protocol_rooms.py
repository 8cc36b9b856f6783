"""What the generated documents describe: the frames, and each room's commands (by role) and events."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import get_args

import msgspec

from kernel import wire

ANY_COMMAND = "AnyCommand"
ANY_EVENT = "AnyEvent"
CLIENT_FRAMES: tuple[type[msgspec.Struct], ...] = get_args(wire.ClientFrame)
SERVER_FRAMES: tuple[type[msgspec.Struct], ...] = get_args(wire.ServerFrame)
PLACES = {
    "session": ("Session", "chat.messages"),
    "case": ("Case", "triage.messages"),
    "record": ("Record", "recordings_policy.messages"),
    "desk": ("Desk", "queueing.messages"),
}


class Room(msgspec.Struct, frozen=True):
    """One kind of feed: its words and who may say them."""

    kind: str
    name: str
    by_role: dict[str, tuple[type[wire.Command], ...]]
    events: tuple[type[wire.Event], ...]

    @property
    def said(self) -> tuple[type[wire.Command], ...]:
        """Every command some client may send, in order, each once."""
        return tuple(dict.fromkeys(command for said in self.by_role.values() for command in said))


def rooms() -> tuple[Room, ...]:
    """Read the rooms' messages; a room that is not built yet is left out."""
    return tuple(
        _room(kind, name, import_module(module)) for kind, (name, module) in PLACES.items() if find_spec(module)
    )


def _room(kind: str, name: str, module: ModuleType) -> Room:
    suffix = "_COMMANDS"
    by_role = {
        said.removesuffix(suffix).title().replace("_", ""): getattr(module, said)
        for said in vars(module)
        if said.endswith(suffix) and said != "SYSTEM_COMMANDS"
    }
    return Room(kind, name, by_role, module.EVENTS)


def desk_view() -> type | None:
    """Find the struct that a desk's snapshot carries."""
    if find_spec("queueing.domain.view") is None:
        return None
    found: type | None = getattr(import_module("queueing.domain.view"), "DeskView", None)
    return found
