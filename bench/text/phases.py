"""One short stretch of load on one arm: closed loop (saturated) or Poisson arrivals at a rate, and what it cost."""

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence

import msgspec

from bench.text.cpu import cpu_s
from bench.text.instructions import counter
from bench.text.pairs import Pair


class Phase(msgspec.Struct, frozen=True):
    """Seconds until ack and until shown per message; CPU seconds of all servers and of the load; wall seconds.

    `instructions` are those of all servers; 0 where they could not be counted.
    """

    waits: list[tuple[float, float]]
    cpu: float
    load: float
    wall: float
    instructions: int = 0

    @property
    def cpu_us(self) -> float:
        """CPU microseconds per message."""
        return 1e6 * self.cpu / max(1, len(self.waits))

    @property
    def instructions_k(self) -> float:
        """Thousand instructions per message."""
        return self.instructions / 1000 / max(1, len(self.waits))


async def phase(
    pairs: Sequence[Pair], pids: list[int], seconds: float, rate: float | None, seed: int, *, counted: bool = False
) -> Phase:
    """Load for a while: each pair keeps one message on its way, or all of them share a fixed rate.

    `counted`, the servers' instructions are counted, which makes them slower.
    """
    waits: list[tuple[float, float]] = []
    with counter(pids) if counted else contextlib.nullcontext() as counting:
        before, own, began = cpu_s(pids), time.process_time(), time.perf_counter()
        if rate is None:
            await asyncio.gather(*(_keep(pair, began + seconds, waits) for pair in pairs))
        else:
            arrivals = _arrivals(rate, seconds, seed)
            turns = [arrivals[number :: len(pairs)] for number in range(len(pairs))]
            await asyncio.gather(*(_follow(pair, began, due, waits) for pair, due in zip(pairs, turns, strict=True)))
        took = cpu_s(pids) - before, time.process_time() - own, time.perf_counter() - began
        return Phase(waits, *took, counting.read() if counting else 0)


async def _keep(pair: Pair, stop: float, waits: list[tuple[float, float]]) -> None:
    """One message after another until the time is over."""
    while time.perf_counter() < stop:
        waits.append(await pair.say())


def _arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Instants of a Poisson process."""
    dice, at, found = random.Random(seed), 0.0, []
    while (at := at + dice.expovariate(rate)) < seconds:
        found.append(at)
    return found


async def _follow(pair: Pair, began: float, due: Sequence[float], waits: list[tuple[float, float]]) -> None:
    """Say something whenever it is due; waiting counts from then."""
    for at in due:
        await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
        late = time.perf_counter() - began - at
        acked, shown = await pair.say()
        waits.append((acked + late, shown + late))
