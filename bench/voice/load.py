"""Load on media servers: calls of two light peers, 50 packets a second each way, and what that cost the server.

CPU is the server's own, all its threads; a call-second is 100 packets in and 100 out. Delays are of this very machine:
from the load through the server to the load, both event loops included, so they bound what the server adds.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from bench.text.cpu import cpu_s
from bench.voice.delays import Delays
from bench.voice.peer import LoadPeer

EVERY_S = 0.02
GROUPS = 10
SETTLE_S = 0.3
LATE_MS = 250.0
"""A load that was ever later than this was starved: what its server cost meanwhile is void, packets came in heaps."""


class Arm(msgspec.Struct):
    """A server under calls: its process, its peers two by two, and what their delays were."""

    name: str
    pid: int
    peers: list[LoadPeer]
    delays: Delays

    @property
    def calls(self) -> int:
        """Calls that are up."""
        return len(self.peers) // 2


class Stretch(msgspec.Struct, frozen=True):
    """A while of talk: CPU seconds of the server and of the load, packets, the longest gap of any listener."""

    calls: int
    wall_s: float
    cpu_s: float
    load_s: float
    sent: int
    received: int
    gap_ms: float
    late_ms: float

    @property
    def steady(self) -> bool:
        """Tell whether the load kept its clock."""
        return self.late_ms <= LATE_MS

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per call-second."""
        return 1000 * self.cpu_s / (self.calls * self.wall_s)

    @property
    def lost(self) -> float:
        """Share of packets that did not arrive."""
        return max(0.0, 1 - self.received / self.sent)


async def speak(peers: Sequence[LoadPeer], seconds: float) -> float:
    """Let everybody talk, spread evenly over each 20 ms; how late the load itself ever was, in seconds."""
    loop = asyncio.get_running_loop()
    begun, late = loop.time(), 0.0
    groups = [peers[start::GROUPS] for start in range(GROUPS)]
    for count in range(int(seconds / EVERY_S)):
        for place, group in enumerate(groups):
            due = begun + count * EVERY_S + place * EVERY_S / GROUPS
            await asyncio.sleep(max(0.0, due - loop.time()))
            late = max(late, loop.time() - due)
            for peer in group:
                peer.speak()
    return late


async def stretch(arm: Arm, seconds: float) -> Stretch:
    """Talk for a while and count."""
    for peer in arm.peers:
        peer.count_anew()
    before, own, begun = cpu_s([arm.pid]), time.process_time(), time.perf_counter()
    late = await speak(arm.peers, seconds)
    used, load, wall = cpu_s([arm.pid]) - before, time.process_time() - own, time.perf_counter() - begun
    await asyncio.sleep(SETTLE_S)
    return Stretch(
        arm.calls,
        wall,
        used,
        load,
        sum(peer.sent for peer in arm.peers),
        sum(peer.received for peer in arm.peers),
        1000 * max(peer.gap_s for peer in arm.peers),
        1000 * late,
    )


async def in_turn(arms: Sequence[Arm], rounds: int, seconds: float) -> dict[str, list[Stretch]]:
    """There and back through all arms (ABBA), so that a machine that slows down meets each of them."""
    found: dict[str, list[Stretch]] = {arm.name: [] for arm in arms}
    for number in range(2 * rounds):
        for arm in arms if number % 2 == 0 else reversed(arms):
            found[arm.name].append(await stretch(arm, seconds))
    return found


def ratios(above: Sequence[Stretch], below: Sequence[Stretch]) -> tuple[list[float], int]:
    """CPU per call of one arm over another's, side by side, where the load kept its clock in both; how many were void.

    Raises Void where most of them are.
    """
    pairs = list(zip(above, below, strict=True))
    steady = [a.cpu_ms / b.cpu_ms for a, b in pairs if a.steady and b.steady]
    if 2 * len(steady) < len(pairs):
        raise Void(f"the load was starved in {len(pairs) - len(steady)} of {len(pairs)} pairs")
    return steady, len(pairs) - len(steady)


class Void(Exception):
    """The machine was too busy for this measurement to mean anything."""
