"""Where a media worker's recordings are kept: a place and a key for each, from the room that answers for them."""

from functools import partial
from typing import Any, Protocol

from accounts.orm import off_loop
from kernel import clock
from recordings_policy import recordings

TRACKS = ("visitor", "counselor", "colleague")


class Shelf(Protocol):
    """Gives each recording its place and key, and notes its end."""

    async def begin(
        self, contact: str, number: int, call: str, version: int, consents: tuple[str, ...]
    ) -> recordings.Kept:
        """Find or make the place of a recording that the record has allowed; raises Refused or Unavailable."""

    async def ended(self, contact: str, number: int) -> None:
        """Note that the file is whole; raises Unavailable."""


class HouseShelf:
    """The shelf of this installation; its tables are asked beside the event loop."""

    async def begin(
        self, contact: str, number: int, call: str, version: int, consents: tuple[str, ...]
    ) -> recordings.Kept:
        """See Shelf."""
        named: dict[str, Any] = {
            "call": call,
            "policy_version": version,
            "consents": consents,
            "tracks": TRACKS,
            "now": clock.now(),
        }
        return await off_loop(partial(recordings.begin, contact, number, **named))

    async def ended(self, contact: str, number: int) -> None:
        """See Shelf."""
        await off_loop(recordings.ended, contact, number, clock.now())
