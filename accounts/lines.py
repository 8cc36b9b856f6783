"""Which lines a member of staff may be given; told by the room that keeps them."""

from collections.abc import Callable

Source = Callable[[], list[tuple[str, str]]]
_sources: list[Source] = []


def offered_by(source: Source) -> None:
    """Name the source of (id, label) pairs; the last one counts."""
    _sources[:] = [source]


def choices() -> list[tuple[str, str]]:
    """List what may be chosen now."""
    return _sources[0]() if _sources else []
