"""Who in this process follows which feed; the last step from the log to the sockets."""

from collections import defaultdict
from typing import Protocol

from kernel.terms import Actor
from kernel.wire import Row, Told


class Follower(Protocol):
    """Something that follows feeds: a socket, or a replica of a desk."""

    def wake(self, feed: str, rows: tuple[Row, ...]) -> None:
        """News on a feed; must return at once."""

    def hear(self, feed: str, by: Actor, hint: Told) -> None:
        """A hint on a feed; may be dropped."""


class Registry:
    """Feeds to followers, and how far each live feed has been delivered here."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._followers: dict[str, set[Follower]] = defaultdict(set)
        self._delivered: dict[str, int] = {}

    def follow(self, feed: str, follower: Follower) -> None:
        """Begin to follow; the follower reads what came before by itself."""
        self._followers[feed].add(follower)

    def unfollow(self, feed: str, follower: Follower) -> None:
        """Stop following; a feed nobody follows is forgotten."""
        followers = self._followers.get(feed)
        if followers is not None:
            followers.discard(follower)
            if not followers:
                del self._followers[feed]
                self._delivered.pop(feed, None)

    @property
    def live(self) -> tuple[str, ...]:
        """Name every feed that somebody here follows."""
        return tuple(self._followers)

    def delivered(self, feed: str) -> int:
        """Tell the highest seq delivered here; 0 where nothing was yet."""
        return self._delivered.get(feed, 0)

    def note(self, feed: str, seq: int) -> None:
        """A follower has read this far by itself; others may be further behind, so the lowest word counts."""
        if feed in self._followers:
            self._delivered[feed] = min(seq, self._delivered.get(feed, seq))

    def deliver(self, feed: str, rows: tuple[Row, ...]) -> None:
        """Wake every follower with rows of one feed, in order."""
        if rows and feed in self._followers:
            self._delivered[feed] = max(rows[-1].seq, self.delivered(feed))
        for follower in tuple(self._followers.get(feed, ())):
            follower.wake(feed, rows)

    def whisper(self, feed: str, by: Actor, hint: Told) -> None:
        """Pass a hint to every follower."""
        for follower in tuple(self._followers.get(feed, ())):
            follower.hear(feed, by, hint)
