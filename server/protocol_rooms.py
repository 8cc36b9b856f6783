"""What the generated documents describe: the frames, and each room's commands (by role) and events."""

from importlib import import_module
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
    """Read the rooms' messages."""
    return tuple(_room(kind, name, import_module(module)) for kind, (name, module) in PLACES.items())


def _room(kind: str, name: str, module: ModuleType) -> Room:
    suffix = "_COMMANDS"
    by_role = {
        said.removesuffix(suffix).title().replace("_", ""): getattr(module, said)
        for said in vars(module)
        if said.endswith(suffix) and said != "SYSTEM_COMMANDS"
    }
    return Room(kind, name, by_role, module.EVENTS)
