"""Limits of the wire: what is too long, forged or not JSON is answered with a place, never with its content."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.messages import PostMessage
from kernel.codec import tag_of
from kernel.errors import Malformed
from kernel.wire import TEXT_LIMIT_CHARS, Do, Hello, Ping, Resume, Whisk, read_client_frame
from server.wiring import DECIDERS

SECRET = "不想活了"


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"op": "hello"}, Hello),
        ({"op": "hello", "resume": {"session.c1": 3}}, Hello),
        ({"op": "do", "id": "a1", "to": "session.c1", "command": {"type": "message.post", "text": "x"}}, Do),
        ({"op": "hint", "to": "session.c1", "hint": {"type": "typing", "on": False}}, Whisk),
        ({"op": "resume", "feed": "session.c1", "after": 4}, Resume),
        ({"op": "ping"}, Ping),
    ],
)
def test_every_frame_of_a_client_is_read(frame: dict[str, Any], kind: type) -> None:
    assert type(read_client_frame(json.dumps(frame))) is kind


@pytest.mark.promise("R10")
@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        "null",
        '{"op":"no"}',
        '{"op":"ping","extra":1}',
        '{"op":"hello","resume":{"session.c1":-1}}',
        '{"op":"hello","resume":{"a b":1}}',
        '{"op":"resume","feed":"session.c1","after":1e400}',
        '{"op":"resume","feed":"session.c1","after":99999999999999999999}',
        '{"op":"do","id":"","to":"session.c1","command":{}}',
        '{"op":"do","id":"x\\n","to":"session.c1","command":{}}',
        '{"op":"do","id":"x\\u0000","to":"session.c1","command":{}}',
        '{"op":"do","id":"a/b","to":"session.c1","command":{}}',
        f'{{"op":"do","id":"{"x" * 40}","to":"session.c1","command":{{}}}}',
        f'{{"op":"hint","to":"session.c1","hint":{{"type":"typing","on":true,"text":"{SECRET}"}}}}',
        f'{{"op":"hint","to":"session.c1","hint":{{"type":"place","ahead":"{SECRET}"}}}}',
        '{"a":' * 2000 + "1" + "}" * 2000,
        json.dumps({"op": "hello", "resume": {f"session.c{n}": 1 for n in range(65)}}),
    ],
)
def test_what_cannot_be_read_is_malformed_and_never_quoted(raw: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_client_frame(raw)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.promise("R10")
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
@settings(max_examples=300, deadline=None)
def test_no_input_does_anything_else_than_to_be_read_or_malformed(raw: str | bytes) -> None:
    try:
        read_client_frame(raw)
    except Malformed:
        return


@given(st.text(st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1, max_size=300))
def test_words_come_out_as_they_went_in(text: str) -> None:
    read = msgspec.json.decode(json.dumps({"type": "message.post", "text": text}), type=PostMessage)
    assert read.text == text
    assert msgspec.json.decode(msgspec.json.encode(read), type=PostMessage) == read


@pytest.mark.parametrize("text", ["", "x" * (TEXT_LIMIT_CHARS + 1), "a\x00b", "\x00", "a\x00\n"])
def test_words_have_limits(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps({"type": "message.post", "text": text}), type=PostMessage)
    longest = "😀" * TEXT_LIMIT_CHARS
    assert msgspec.json.decode(json.dumps({"type": "message.post", "text": longest}), type=PostMessage).text == longest


def test_names_of_words_are_unique_within_a_room_and_have_the_noun_verb_form() -> None:
    for decider in DECIDERS.values():
        commands = [str(each.__struct_config__.tag) for each in decider.commands]
        events = [str(each.__struct_config__.tag) for each in decider.events]
        assert len(set(commands)) == len(commands)
        assert len(set(events)) == len(events)
        assert all(tag.count(".") == 1 for tag in [*commands, *events] if tag != "elapse")
        assert all(len(tag) <= 48 for tag in events), "kernel_logrow.kind"


def test_tag_of_names_the_word() -> None:
    assert tag_of(PostMessage("x")) == "message.post"
