"""The generated protocol documents say what the code says."""

import ast
import json
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from kernel import wire
from server import protocol
from server.protocol_asyncapi import CHANNELS, asyncapi
from server.protocol_examples import example
from server.protocol_rooms import CLIENT_FRAMES, SERVER_FRAMES, Room, rooms
from server.protocol_tables import REFUSALS, close_codes
from server.protocol_typescript import typescript

ROOMS = rooms()
DOCUMENT = asyncapi(ROOMS)
WORDS = [word for room in ROOMS for word in (*room.said, *room.events)]


def resolve(reference: str) -> Any:
    """Follow a local reference of the AsyncAPI document."""
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(part: Any) -> list[str]:
    """Collect every `$ref` below a part of the document."""
    if isinstance(part, list):
        return [each for item in part for each in references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [each for item in part.values() for each in references(item)]


def test_no_generated_file_is_stale() -> None:
    """Run `manage.py export_protocol` and commit what it wrote."""
    assert protocol.stale() == []


def test_stale_files_are_named_and_writing_cures_them(tmp_path: Path) -> None:
    """A changed file and a missing file both count; a second write changes nothing."""
    assert protocol.stale(tmp_path) == list(protocol.documents())
    assert protocol.write(tmp_path) == list(protocol.documents())
    assert protocol.write(tmp_path) == []
    (tmp_path / "docs/protocol/asyncapi.json").write_text("{}", encoding="utf-8")
    assert protocol.stale(tmp_path) == ["docs/protocol/asyncapi.json"]


def test_the_command_names_what_is_stale_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """`export_protocol --check` exits 1 with the files' names, and 0 when there are none."""
    said = StringIO()
    monkeypatch.setattr(protocol, "stale", lambda: ["docs/protocol/asyncapi.json"])
    with pytest.raises(SystemExit) as ended:
        call_command("export_protocol", "--check", stderr=said)
    assert ended.value.code == 1
    assert "docs/protocol/asyncapi.json" in said.getvalue()
    monkeypatch.setattr(protocol, "stale", list)
    with pytest.raises(SystemExit) as ended:
        call_command("export_protocol", "--check")
    assert ended.value.code == 0


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    """No dangling pointer."""
    for reference in references(DOCUMENT):
        assert resolve(reference)


def test_every_channel_has_what_a_client_sends_and_what_it_hears() -> None:
    """Three sockets, two operations each, every frame in one of them."""
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == {
        "/ws/contact/",
        "/ws/console/",
        "/ws/supervision/",
    }
    for name in CHANNELS:
        sent = DOCUMENT["operations"][f"receive.{name}"]
        heard = DOCUMENT["operations"][f"send.{name}"]
        assert (sent["action"], heard["action"]) == ("receive", "send")
        assert len(sent["messages"]) == len(CLIENT_FRAMES)
        assert len(heard["messages"]) == len(SERVER_FRAMES)
        for reference in [*sent["messages"], *heard["messages"]]:
            assert reference["$ref"].startswith(f"#/channels/{name}/messages/")


def test_every_schema_is_a_json_schema() -> None:
    """Each component is valid by the 2020-12 meta-schema."""
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("word", [*CLIENT_FRAMES, *SERVER_FRAMES, *WORDS], ids=lambda word: word.__name__)
def test_every_documented_example_decodes_and_fits_its_schema(word: type[msgspec.Struct]) -> None:
    """The example is read by the class itself and by its schema."""
    said = example(word)
    assert isinstance(msgspec.json.decode(json.dumps(said), type=word), word)
    whole = {"$ref": f"#/components/schemas/{word.__name__}", "components": DOCUMENT["components"]}
    Draft202012Validator(whole).validate(said)


@pytest.mark.parametrize("key", list(DOCUMENT["components"]["messages"]))
def test_every_message_example_fits_its_payload(key: str) -> None:
    """The wallboard's `do` is the one without an example: it has no command."""
    message = DOCUMENT["components"]["messages"][key]
    assert bool(message["examples"]) is (key != "do.supervision")
    whole = message["payload"] | {"components": DOCUMENT["components"]}
    for each in message["examples"]:
        Draft202012Validator(whole).validate(each["payload"])


def test_commands_are_documented_with_those_who_may_say_them() -> None:
    """A visitor may write and end; only staff may write up."""
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["PostMessage"]["x-said-by"] == ["Counselor", "Visitor"]
    assert schemas["SubmitWrapUp"]["x-said-by"] == ["Counselor"]
    assert "Assign" not in schemas


def test_typescript_has_one_declaration_per_word_and_the_named_unions() -> None:
    """Interfaces by the classes' names, and the unions the pages import."""
    text = typescript(ROOMS, close_codes(), REFUSALS)
    for word in [*CLIENT_FRAMES, *SERVER_FRAMES, *WORDS]:
        assert text.count(f"export interface {word.__name__} {{") == 1
    for union in [
        "AnyCommand",
        "AnyEvent",
        "ClientFrame",
        "ServerFrame",
        *(f"{room.name}Event" for room in ROOMS),
    ]:
        assert text.count(f"export type {union} =") == 1


def test_two_classes_of_one_name_are_refused() -> None:
    """A silent overwrite would give a page the wrong shape."""

    class PostMessage(wire.Command, frozen=True, tag="message.other"):
        """A second word of the same name."""

    twice = Room("session", "Other", {"Visitor": (PostMessage,)}, ())
    with pytest.raises(ValueError, match="two classes are called PostMessage"):
        typescript((*ROOMS, twice), {}, {"x": "x"})


def test_every_refusal_the_house_raises_is_in_the_table() -> None:
    """A code without a line in close-codes.md tells a client nothing."""
    raised: set[str] = set()
    for path in protocol.ROOT.glob("[a-z]*/**/*.py"):
        if path.relative_to(protocol.ROOT).parts[0] in {"tests", "frontend", "bench"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"Refused", "NotPermitted"}:
                raised |= {str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)}
    assert raised <= set(REFUSALS)


def test_every_close_code_says_what_to_do_next() -> None:
    """Codes are distinct and in the range that RFC 6455 leaves to applications, 1012 apart."""
    codes = [code for code, _ in close_codes().values()]
    assert len(codes) == len(set(codes))
    assert all(4000 <= code <= 4999 for code in codes if code != 1012)
