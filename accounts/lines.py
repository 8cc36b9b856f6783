"""The lines there are, as accounts may know them; told by the room that keeps them."""

from collections.abc import Callable, Iterable

import msgspec


class LineName(msgspec.Struct, frozen=True):
    """A line's id and what it is called."""

    id: str
    zh: str
    en: str


Source = Callable[[], tuple[LineName, ...]]
_sources: list[Source] = []


def offered_by(source: Source) -> None:
    """Name the source; the last one counts."""
    _sources[:] = [source]


def named(wanted: Iterable[str]) -> tuple[LineName, ...]:
    """Name these lines; one that is not active is called by its id."""
    known = {line.id: line for line in (_sources[0]() if _sources else ())}
    return tuple(known.get(line) or LineName(line, line, line) for line in wanted)


def choices() -> list[tuple[str, str]]:
    """List (id, label) of what a member of staff may be given now."""
    return [(line.id, f"{line.zh}({line.id})") for line in (_sources[0]() if _sources else ())]
