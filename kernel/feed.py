"""The cursor that turns lossy nudges into an exact stream: one integer per feed and reader."""

import msgspec


class Cursor(msgspec.Struct, frozen=True):
    """How far one reader is on one feed: `read` of all events, `shown` of those it may see."""

    read: int = 0
    shown: int = 0

    def wants(self, first: int, last: int) -> str:
        """Say what to do with rows `first..last` that a nudge brought: `use`, `fetch` (a gap) or `drop`."""
        if last <= self.read:
            return "drop"
        return "use" if first <= self.read + 1 else "fetch"

    def advance(self, seq: int, *, visible: bool) -> "Cursor":
        """Step over event `seq`."""
        return Cursor(read=seq, shown=seq if visible else self.shown)
