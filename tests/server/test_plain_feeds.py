"""What is kept plain, because it must be readable when every key is gone, holds ids and times only (R12)."""

import types
import typing
from collections.abc import Iterator

import msgspec
import pytest

from kernel.decider import Sealing
from server import wiring

pytestmark = pytest.mark.promise("R12")

PLAIN = {kind: decider for kind, decider in wiring.DECIDERS.items() if decider.sealing is Sealing.PLAIN}
NAMED = {
    "contact", "line", "partner", "person", "proposer", "lifter", "owner", "by", "call", "receipt", "verified",
    "version", "consent_version", "text_hash", "way",
    "authority", "document", "reference",  # the number of an order, which must outlive what it was about
}  # fmt: skip


def texts(kind: type[msgspec.Struct], seen: set[type]) -> Iterator[str]:
    """The names of all fields that can hold any text, however deep."""
    seen.add(kind)
    for name, held in typing.get_type_hints(kind).items():
        for part in parts(held):
            if part is str:
                yield name
            elif isinstance(part, type) and issubclass(part, msgspec.Struct) and part not in seen:
                yield from texts(part, seen)


def parts(held: object) -> Iterator[object]:
    """What an annotation is made of."""
    yield held
    if typing.get_origin(held) is not None or isinstance(held, types.UnionType):
        for inner in typing.get_args(held):
            yield from parts(inner)


def test_only_what_must_outlive_its_keys_is_plain() -> None:
    assert set(PLAIN) == {"record", "agenda"}


@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_a_plain_feed_has_no_field_for_words(kind: str) -> None:
    seen: set[type] = set()
    found = {name for event in PLAIN[kind].events for name in texts(event, seen)}
    found |= set(texts(PLAIN[kind].state_type, seen))
    assert found <= NAMED, "a field for words wants a sealed feed"


def test_the_search_sees_a_field_for_words() -> None:
    assert "text" in set(texts(wiring.DECIDERS["session"].state_type, set())) | {
        name for event in wiring.DECIDERS["session"].events for name in texts(event, set())
    }
