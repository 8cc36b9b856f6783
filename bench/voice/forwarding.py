"""What forwarding costs: beside the stock recipe, as calls grow, with recording, over 500 calls, for ten minutes."""

import asyncio
import gc
import itertools
import signal
import statistics
from typing import Any

from bench.text.cpu import cpu_s, rss_bytes
from bench.voice.load import Stretch, Void, in_turn, ratios, speak, stretch
from bench.voice.ours import AT_ONCE, Rig, running
from bench.voice.table import BARS

SIZES = (10, 25, 50, 100, 150)
CHURN, WARM = 500, 100


def told(stretches: list[Stretch]) -> dict[str, Any]:
    """Medians of some stretches, and what was lost in all of them."""
    sent = sum(each.sent for each in stretches)
    return {
        "calls": stretches[0].calls,
        "stretches": len(stretches),
        "cpu_ms_per_call_s": round(statistics.median(each.cpu_ms for each in stretches), 3),
        "core_share": round(statistics.median(each.cpu_s / each.wall_s for each in stretches), 3),
        "load_core_share": round(statistics.median(each.load_s / each.wall_s for each in stretches), 3),
        "lost": round(max(0.0, 1 - sum(each.received for each in stretches) / sent), 6),
        "longest_gap_ms": round(max(each.gap_ms for each in stretches), 1),
        "load_late_ms": round(max(each.late_ms for each in stretches), 1),
    }


def delays(rig: Rig) -> dict[str, float]:
    """One-way delays since they were last cleared."""
    found = rig.arm.delays
    return {"p50_ms": found.quantile_ms(0.5), "p99_ms": found.quantile_ms(0.99), "p999_ms": found.quantile_ms(0.999)}


async def growth(rounds: int, seconds: float) -> list[dict[str, Any]]:
    """One server, ever more calls; each size is measured beside the smaller one before it, so both meet the machine."""
    steps = []
    async with running() as rig:
        for calls in SIZES:
            await rig.grow(calls)
            gc.collect()
            gc.freeze()
            found = [await stretch(rig.arm, seconds) for _ in range(2 * rounds)]
            kept = [each for each in found if each.steady]
            if not kept:
                raise Void(f"the load was starved at {calls} calls")
            steps.append(told(kept) | delays(rig) | {"void": len(found) - len(kept)})
    costs = [step["cpu_ms_per_call_s"] for step in steps]
    rises = max(later / earlier for earlier, later in itertools.pairwise(costs))
    fifty = next(step for step in steps if step["calls"] == 50)
    return [
        BARS["V10"].judged(rises, sizes=steps),
        BARS["V3"].judged(fifty["p50_ms"], calls=50),
        BARS["V4"].judged(fifty["p99_ms"], calls=50),
    ]


async def stock(rounds: int, seconds: float, calls: int = 50, relayed: int = 2) -> list[dict[str, Any]]:
    """Calls a core: ours under 50 calls, aiortc's relay under two, in turn; the relay is full with three."""
    async with running() as ours, running("aiortc") as theirs:
        await ours.grow(calls)
        await theirs.grow(relayed)
        found = await in_turn((ours.arm, theirs.arm), rounds, seconds)
    shares, void = ratios(found["aiortc"], found["passthrough"])
    sides = {name: told(each) for name, each in found.items()}
    return [BARS["V1"].judged(statistics.median(shares), least=min(shares), most=max(shares), void=void, **sides)]


async def recording(rounds: int, seconds: float, calls: int = 50) -> list[dict[str, Any]]:
    """The same server and calls with every call recorded and with none, in turn."""
    on, off = [], []
    async with running() as rig:
        await rig.grow(calls)
        for _ in range(rounds):
            off.append(await stretch(rig.arm, seconds))
            on.append(await _recorded(rig, seconds))
            on.append(await _recorded(rig, seconds))
            off.append(await stretch(rig.arm, seconds))
        noise = rig.noise()
    shares, void = ratios(on, off)
    figure = 100 * (statistics.median(shares) - 1)
    return [BARS["V11"].judged(figure, void=void, recorded=told(on), plain=told(off), complaints=noise[-5:])]


async def _recorded(rig: Rig, seconds: float) -> Stretch:
    """A stretch that is written down; beginning and ending the files is not part of it."""
    rig.process.send_signal(signal.SIGUSR1)
    await speak(rig.arm.peers, 1.5)
    found = await stretch(rig.arm, seconds)
    rig.process.send_signal(signal.SIGUSR2)
    await asyncio.sleep(1.0)
    return found


async def churn() -> list[dict[str, Any]]:
    """500 calls set up, spoken in, hung up: what the memory of the server alone grew after the first hundred."""
    async with running() as rig:
        sizes, before, done = [], cpu_s([rig.process.pid]), 0
        while done < CHURN:
            names = [f"n{done + number}" for number in range(AT_ONCE)]
            peers = await rig.open(names)
            await speak(peers, 0.2)
            for name in names:
                await rig.close_call(name)
            for peer in peers:
                peer.close()
            done += AT_ONCE
            if done >= WARM:
                sizes.append(rss_bytes([rig.process.pid]) / 2**20)
        setup_ms = 1000 * (cpu_s([rig.process.pid]) - before) / CHURN
    grown = 100 * (max(sizes[-5:]) / max(sizes[:5]) - 1)
    return [BARS["V12"].judged(grown, mib_after_100=sizes[0], mib_after_500=sizes[-1], setup_cpu_ms_per_call=setup_ms)]


async def long(calls: int, seconds: float) -> list[dict[str, Any]]:
    """Many calls for a long time: CPU, loss, and the longest silence of any listener."""
    async with running() as rig:
        await rig.grow(calls)
        gc.collect()
        gc.freeze()
        found = await stretch(rig.arm, seconds)
        stalls = [line for line in rig.noise() if "stalled" in line]
        beside = told([found]) | delays(rig) | {"seconds": seconds, "server_stalls": stalls[-20:]}
    return [
        BARS["V5"].judged(100 * found.cpu_s / found.wall_s, **beside),
        BARS["V6"].judged(100 * found.lost),
        BARS["V7"].judged(found.gap_ms, load_late_ms=found.late_ms),
    ]
