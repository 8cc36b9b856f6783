"""AsyncAPI 3.0 out of the wire's own classes: three sockets, their frames, and who may say which command."""

from typing import Any

import msgspec

from chat.media_messages import MediaAnswer, MediaPlan
from kernel.wire import SUBPROTOCOL, Place, Quality, Typing
from queueing.domain.view import DeskView
from server.protocol_examples import example
from server.protocol_rooms import CLIENT_FRAMES, SERVER_FRAMES, Room

# address -> (what it is, whose commands arrive there, the kinds of feed it carries)
CHANNELS: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "contact": ("/ws/contact/", "One visitor's contact.", ("Visitor",), ("session", "case", "record")),
    "console": (
        "/ws/console/",
        "A counselor's console: the desks of their lines, and the contacts in their hands.",
        ("Counselor", "Staff", "Supervisor"),
        ("desk", "session", "case", "record"),
    ),
    "supervision": ("/ws/supervision/", "The wallboard: the desks in scope.", (), ("desk",)),
}
ABOUT = " ".join(
    (
        "One WebSocket per client carries everything: JSON text frames, subprotocol `xinqiao.v1`.",
        "The client says `hello` first and names how far it has read each feed;",
        "the server answers `welcome`, then what was missed, then what happens.",
        "Commands (`do`) carry an id of the client's choice and may be sent again with it",
        "until `ack` or `refused`:",
        "an `ack` means that the command is on disk.",
        "`prev` on each event makes a gap visible; `resume` cures it. Hints may be lost.",
        "Close codes and refusal codes: close-codes.md.",
    )
)


def asyncapi(rooms: tuple[Room, ...]) -> dict[str, Any]:
    """Describe the protocol as an AsyncAPI 3.0 document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Xinqiao 心桥: the socket protocol",
            "version": SUBPROTOCOL.rpartition(".")[2],
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name) for name in CHANNELS},
        "operations": _operations(),
        "components": {"messages": _messages(rooms), "schemas": _schemas(rooms)},
    }


def _channel(name: str) -> dict[str, Any]:
    address, description, _roles, _kinds = CHANNELS[name]
    keys = [_key(frame, name) for frame in CLIENT_FRAMES + SERVER_FRAMES]
    return {
        "address": address,
        "description": description,
        "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in keys},
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for name in CHANNELS:
        for action, frames, summary in (
            ("receive", CLIENT_FRAMES, "What a client may send."),
            ("send", SERVER_FRAMES, "What the server sends."),
        ):
            operations[f"{action}.{name}"] = {
                "action": action,
                "summary": summary,
                "channel": {"$ref": f"#/channels/{name}"},
                "messages": [{"$ref": f"#/channels/{name}/messages/{_key(frame, name)}"} for frame in frames],
            }
    return operations


def _op(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)


def _key(frame: type[msgspec.Struct], channel: str) -> str:
    """`do` and `event` differ from channel to channel; the other frames are the same on all."""
    return f"{_op(frame)}.{channel}" if _op(frame) in {"do", "event"} else _op(frame)


def _messages(rooms: tuple[Room, ...]) -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for frame in CLIENT_FRAMES + SERVER_FRAMES:
        for channel in CHANNELS:
            messages[_key(frame, channel)] = {
                "name": _op(frame),
                "summary": (frame.__doc__ or "").strip(),
                "payload": _payload(frame, channel, rooms),
                "examples": _examples(frame, channel, rooms),
            }
    return messages


def _words(channel: str, rooms: tuple[Room, ...]) -> dict[str, tuple[str, list[type[msgspec.Struct]]]]:
    """Per frame that carries a word: the field it is in, and what it may be on this channel."""
    _address, _about, roles, kinds = CHANNELS[channel]
    said = [command for room in rooms for role in roles for command in room.by_role.get(role, ())]
    heard = [event for room in rooms if room.kind in kinds for event in room.events]
    return {"do": ("command", list(dict.fromkeys(said))), "event": ("event", list(heard))}


def _examples(frame: type[msgspec.Struct], channel: str, rooms: tuple[Room, ...]) -> list[dict[str, Any]]:
    """One example, with a word that this channel carries; none where it carries no such word."""
    field, words = _words(channel, rooms).get(_op(frame), ("", []))
    if field and not words:
        return []
    inner = {field: example(words[0])} if field else {}
    return [{"name": _op(frame), "payload": example(frame) | inner}]


def _payload(frame: type[msgspec.Struct], channel: str, rooms: tuple[Room, ...]) -> dict[str, Any]:
    whole = {"$ref": f"#/components/schemas/{frame.__name__}"}
    field, words = _words(channel, rooms).get(_op(frame), ("", []))
    if not field:
        return whole
    choices = [{"$ref": f"#/components/schemas/{word.__name__}"} for word in words]
    return {"allOf": [whole, {"properties": {field: {"oneOf": choices} if choices else False}}]}


def _schemas(rooms: tuple[Room, ...]) -> dict[str, Any]:
    words: list[type[msgspec.Struct]] = [word for room in rooms for word in (*room.said, *room.events)]
    roots = [*CLIENT_FRAMES, *SERVER_FRAMES, Typing, Place, Quality, MediaAnswer, MediaPlan, *words, DeskView]
    _, schemas = msgspec.json.schema_components(roots, ref_template="#/components/schemas/{name}")
    for room in rooms:
        for word in (*room.said, *room.events):
            schemas[word.__name__]["examples"] = [example(word)]
        for word in room.said:
            schemas[word.__name__]["x-said-by"] = sorted(role for role, said in room.by_role.items() if word in said)
            schemas[word.__name__]["x-feed"] = f"{room.kind}.*"
    schemas["Snapshot"]["properties"]["view"] = {"$ref": "#/components/schemas/DeskView"}
    _name_discriminators(schemas)
    return dict(sorted(schemas.items()))


def _name_discriminators(part: Any) -> None:
    """AsyncAPI wants the tag's name alone where OpenAPI wants an object with a mapping."""
    if isinstance(part, dict):
        if isinstance(part.get("discriminator"), dict):
            part["discriminator"] = part["discriminator"]["propertyName"]
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            _name_discriminators(item)
