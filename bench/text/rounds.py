"""Rounds of phases there and back (ABBA), probes between them, and ratios of what stands side by side."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosed

from bench.text.arm import Rig
from bench.text.cpu import CORES, probe_s, stolen_s
from bench.text.pairs import Pair
from bench.text.phases import Phase, phase

PROBE_MOVES, STEAL_SHARE = 1.15, 0.03
Talking = Mapping[str, tuple[Rig, list[Pair]]]


class Half(msgspec.Struct):
    """One way through all arms: the phases in their order, and the probes before, between and after them."""

    order: tuple[str, ...]
    phases: list[Phase]
    probes: list[tuple[float, float]]

    def of(self, arm: str) -> Phase:
        """An arm's phase."""
        return self.phases[self.order.index(arm)]

    def steady(self, a: str, b: str) -> bool:
        """Tell whether the machine was the same from the first of two phases to the end of the second."""
        first, last = sorted((self.order.index(a), self.order.index(b)))
        loops = [loop for loop, _ in self.probes[first : last + 2]]
        wall = sum(each.wall for each in self.phases[first : last + 1])
        stolen = self.probes[last + 1][1] - self.probes[first][1]
        return max(loops) <= PROBE_MOVES * min(loops) and stolen <= STEAL_SHARE * wall * len(CORES)


async def measure(
    talking: Talking, rounds: int, seconds: float, rate: float | None, *, counted: bool = False
) -> list[Half]:
    """So many rounds, each through all arms and back."""
    halves = []
    for number in range(2 * rounds):
        order = tuple(talking)[:: 1 if number % 2 == 0 else -1]
        half = Half(order, [], [(probe_s(), stolen_s())])
        for name in order:
            rig, pairs = talking[name]
            try:
                half.phases.append(await phase(pairs, rig.pids(), seconds, rate, seed=number, counted=counted))
            except (ConnectionClosed, TimeoutError) as fault:
                raise SystemExit(f"void: {name} did not hold its conversations: {fault!r}") from fault
            half.probes.append((probe_s(), stolen_s()))
        halves.append(half)
    return halves


def arms(halves: Sequence[Half]) -> dict[str, dict[str, float]]:
    """Medians per arm: microseconds, messages a second, how busy; latencies over all messages, in milliseconds."""
    return {name: _arm([half.of(name) for half in halves]) for name in sorted(halves[0].order)}


def _arm(phases: Sequence[Phase]) -> dict[str, float]:
    acks = sorted(ack * 1000 for each in phases for ack, _ in each.waits)
    shown = sorted(show * 1000 for each in phases for _, show in each.waits)
    return {
        "messages": len(acks),
        "cpu_us": round(statistics.median(each.cpu_us for each in phases)),
        "instructions_k": round(statistics.median(each.instructions_k for each in phases)),
        "per_s": round(statistics.median(len(each.waits) / each.wall for each in phases), 1),
        "servers_busy": round(statistics.median(each.cpu / each.wall for each in phases), 2),
        "load_busy": round(statistics.median(each.load / each.wall for each in phases), 2),
        "ack_p50_ms": round(quantile(acks, 0.5), 1),
        "ack_p99_ms": round(quantile(acks, 0.99), 1),
        "shown_p50_ms": round(quantile(shown, 0.5), 1),
        "shown_p99_ms": round(quantile(shown, 0.99), 1),
    }


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share lies; nan where there is none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def ratio(halves: Sequence[Half], other: str, own: str, *, strict: bool = True) -> dict[str, Any]:
    """CPU per message of `other` over `own`, side by side; void where the machine moved in more than half of them.

    Not `strict`, every pair counts: for a floor so low that no noise reaches it.
    """
    heard = [half for half in halves if half.of(own).waits and half.of(other).waits]
    steady = [half for half in heard if half.steady(other, own) or not strict]
    found = [half.of(other).cpu_us / half.of(own).cpu_us for half in steady]
    voided = len(halves) - len(steady)
    told: dict[str, Any] = {"pairs": len(halves), "voided": voided, "void": 2 * voided > len(halves)}
    if found:
        told |= spread(found)
    counted = [half for half in heard if half.of(own).instructions and half.of(other).instructions]
    if counted:  # they are what they are, however unsteady the machine was
        told["instructions"] = spread([half.of(other).instructions_k / half.of(own).instructions_k for half in counted])
    return told


def spread(found: Sequence[float]) -> dict[str, float]:
    """The middle and both ends."""
    return {"median": round(statistics.median(found), 2), "min": round(min(found), 2), "max": round(max(found), 2)}
