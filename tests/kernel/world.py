"""A log in memory, and a hub on it whose nudges can be lost, doubled and reordered; the truth stays in the log."""

from datetime import UTC, datetime
from typing import Any, cast

from kernel.decider import Address
from kernel.feeds import Feeds
from kernel.hub import Hub
from kernel.outbound import Outbound
from kernel.registry import Registry
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Command, Event, Happened, Place, Row, Snapshot
from kernel.wish import Loaded

AT = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
READER = Actor(Role.VISITOR, "c1")


class Said(Event, frozen=True, tag="said"):
    """Event number `n`; the odd ones may be hidden."""

    n: int


class Log:
    """Stands for the engine and the store: events per feed, in order."""

    def __init__(self) -> None:
        """Nothing has happened."""
        self.rows: dict[str, list[Row]] = {}

    def append(self, feed: str, count: int = 1) -> tuple[Row, ...]:
        """Commit some events."""
        rows = self.rows.setdefault(feed, [])
        fresh = tuple(Row(feed, len(rows) + i, AT, SYSTEM, Said(len(rows) + i)) for i in range(1, count + 1))
        rows += fresh
        return fresh

    async def state(self, at: Address) -> Loaded | None:
        """The snapshot is the number of events."""
        rows = self.rows.get(at.feed)
        return Loaded(len(rows), len(rows)) if rows else None

    async def read(self, feed: str, after: int, limit: int = 500) -> list[Row]:
        """Rows after a seq."""
        return self.rows.get(feed, [])[after : after + limit]

    async def news(self, asked: dict[str, int], limit: int) -> dict[str, tuple[int, list[Row]]]:
        """Several feeds at once; those that have no event are left out."""
        known = {feed: rows for feed, rows in self.rows.items() if rows and feed in asked}
        return {feed: (len(rows), rows[asked[feed] :][:limit]) for feed, rows in known.items()}

    async def unseal(self, rows: list[Row]) -> list[Row]:
        """Nothing is sealed here."""
        return list(rows)

    def heard(self, _feed: str, _rows: tuple[Row, ...]) -> None:
        """Nothing is kept in memory here."""

    async def heads(self, feeds: tuple[str, ...]) -> dict[str, int]:
        """Where the feeds stand."""
        return {feed: len(self.rows[feed]) for feed in feeds if self.rows.get(feed)}


class World:
    """One process's hub without its network: nudges are given by the test."""

    def __init__(self) -> None:
        """An empty log and nobody following."""
        self.engine = self.store = Log()
        self.registry = Registry()

    @property
    def hub(self) -> Hub:
        """What Feeds takes for its hub."""
        return cast(Hub, self)

    async def tail(self) -> None:
        """The real tailer, once."""
        await Hub.tail(self.hub)

    async def _catch_up(self, feed: str) -> None:
        """The real one."""
        await Hub._catch_up(self.hub, feed)


class Reader:
    """A doorman that shows what its test wants shown."""

    heartbeat_s = 20
    asks_again = True

    def __init__(self, hidden: frozenset[int] = frozenset(), snapshot: str = "", watched: bool = False) -> None:
        """`hidden` are the numbers this reader may not see."""
        self.hidden = hidden
        self.snapshot = snapshot
        self.watched = watched
        self.holding: dict[str, bool] = {}
        self.answers: list[bool] = []
        self.asked = 0
        self.may_hint = True
        self.carried_out: list[tuple[Any, int]] = []
        self.leave_by = 0
        self.idle_s = 0.0

    def hints(self, _hub: Hub, _guest: Any, _at: Address) -> bool:
        """Whoever follows may be seen to type, unless the door says otherwise."""
        return self.may_hint

    async def told(self, _hub: Hub, _guest: Any, _to: Address, command: Any, seq: int) -> None:
        """Remember what was carried out."""
        self.carried_out.append((command, seq))

    async def opens(self, _hub: Hub, _guest: Any, _at: Address) -> bool:
        """Whatever this reader's test says next; yes where it says nothing."""
        self.asked += 1
        return self.answers.pop(0) if self.answers else True

    async def stays(self, _hub: Hub, _guest: Any, idle_s: float) -> int:
        """What its test says."""
        self.idle_s = idle_s
        return self.leave_by

    def show(self, _guest: Any, row: Row) -> Event | None:
        """The event, unless hidden."""
        return None if cast(Said, row.event).n in self.hidden else row.event

    def snapshots(self, kind: str) -> bool:
        """What this reader takes snapshots of."""
        return kind == self.snapshot

    def view(self, _guest: Any, _kind: str, state: Any) -> Any:
        """The count."""
        return state

    def moves(self, _guest: Any, _row: Row) -> dict[str, bool]:
        """Follow nothing new."""
        return {}

    def holds(self, _guest: Any, _kind: str, _state: Any) -> dict[str, bool]:
        """What a snapshot says is in hand."""
        return self.holding

    def watches(self, _kind: str) -> bool:
        """Watched feeds are never shown."""
        return self.watched

    def lingers(self, _word: str) -> bool:
        """Nothing takes a while."""
        return False

    async def aside(self, _hub: Hub, _guest: Any, _to: Address, _command: Command) -> Any | None:
        """Everything goes to its decider."""
        return None

    async def place(self, _hub: Hub, _guest: Any, _feed: str) -> Place | None:
        """No place."""
        return None


class Guest:
    """Who reads."""

    actor = READER
    name = "x"


class Listening:
    """One socket's feeds, with what a client would have of them."""

    def __init__(self, world: World, doorman: Reader | None = None, resume: dict[str, int] | None = None) -> None:
        """Nothing is followed yet."""
        self.sent: list[Any] = []
        self.out = Outbound(self._never)
        self.out.put = self.sent.append  # type: ignore[method-assign,assignment]
        self.faults: list[Exception] = []
        self.feeds = Feeds(
            world.hub, cast(Any, doorman or Reader()), Guest(), self.out, resume or {}, self.faults.append
        )

    async def _never(self, _message: dict[str, Any]) -> None:
        """Frames are taken before they are sent."""

    def seen(self, feed: str) -> list[int]:
        """Numbers shown of a feed; fails where a client would see a gap, a double or a wrong order."""
        cursor, numbers = 0, []
        for frame in self.sent:
            if isinstance(frame, Snapshot) and frame.feed == feed:
                cursor, numbers = frame.seq, list(range(1, frame.view + 1))
            elif isinstance(frame, Happened) and frame.feed == feed:
                assert frame.prev == cursor, f"a gap: {frame.prev} after {cursor}"
                cursor = frame.seq
                numbers.append(frame.event.n)
        return numbers
