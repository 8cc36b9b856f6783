"""T16: what storing, ordering and sealing cost: a message beside a hint, on the same sockets at the same rate.

A hint (somebody is writing) goes the same way from door to door: read, checked, allowed, passed through Valkey,
shown on the other process. It is neither decided on nor stored.
"""

import statistics
import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from bench.text.ours import OurLine, OurRig, frame_of
from bench.text.pairs import End, Heard, Pair, Said
from bench.text.phases import phase

RATE = 300.0


class _Hinting:
    """One party that hints; both share what is on its way, for a hint carries no id."""

    def __init__(self, feed: str, way: list[str]) -> None:
        """`way` holds the id of the hint on its way."""
        self._feed, self._way = feed, way

    def spell(self, message: str, text: str) -> tuple[str, ...]:
        """A hint."""
        self._way[:] = [message]
        return (msgspec.json.encode({"op": "hint", "to": self._feed, "hint": {"type": "typing"}}).decode(),)

    def read(self, raw: str | bytes) -> Iterable[Heard]:
        """The other's hint."""
        frame = frame_of(raw)
        return [Heard("shown", each) for each in self._way] if frame.op == "hinted" and frame.feed == self._feed else ()


class Hints(Pair):
    """A conversation in hints; nothing acknowledges one, so being shown is all there is."""

    async def put(self) -> Said:
        """Hint."""
        said = await super().put()
        said.acked.set_result(time.perf_counter())
        return said


def hints(pair: Pair) -> Hints:
    """The same two sockets, speaking in hints; they are listened to by whoever listens already."""
    feed = next(end.line.feed for end in pair.ends if isinstance(end.line, OurLine))
    way: list[str] = []
    a, b = (End(end.side, end.socket, _Hinting(feed, way), end.open) for end in pair.ends)
    return Hints("h" + feed[-8:], a, b, a.open)


async def durability(rig: OurRig, pairs: Sequence[Pair], rounds: int, seconds: float) -> dict[str, Any]:
    """Messages and hints, there and back; the median of the ratios."""
    ratios, costs = [], []
    for number in range(rounds):
        for order in (("messages", "hints"), ("hints", "messages")):
            found = {}
            for what in order:
                speaking = pairs if what == "messages" else [hints(pair) for pair in pairs]
                found[what] = (await _heard_as(speaking, pairs, rig, seconds, number)).cpu_us
            ratios.append(found["messages"] / found["hints"])
            costs.append((round(found["messages"]), round(found["hints"])))
    return {"ratio": statistics.median(ratios), "min": round(min(ratios), 2), "max": round(max(ratios), 2), "us": costs}


async def _heard_as(speaking: Sequence[Pair], pairs: Sequence[Pair], rig: OurRig, seconds: float, seed: int) -> Any:
    """Let the listeners of the sockets read as the speakers do, for one phase."""
    before = [end.line for pair in pairs for end in pair.ends]
    ends = [end for pair in pairs for end in pair.ends]
    for end, other in zip(ends, (end for pair in speaking for end in pair.ends), strict=True):
        end.line = other.line
    try:
        return await phase(speaking, rig.pids(), seconds, RATE, seed)
    finally:
        for end, line in zip(ends, before, strict=True):
            end.line = line
