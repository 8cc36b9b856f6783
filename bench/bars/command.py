"""The command line: `python -m bench bars` runs them all, `--short` what CI runs; the last line of stdout is JSON."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from types import SimpleNamespace
from typing import Any

from bench.bars import burst, durability, idle, memory, storm
from bench.bars.table import BARS, ELSEWHERE
from bench.text import command as text
from bench.text import rounds
from bench.text.cpu import LOAD
from bench.text.ours import OurRig, Ours
from bench.text.pairs import Pair
from bench.text.tutorial import Tutorial, TutorialRig

CASES = ("speed", "burst", "idle", "broker", "durability", "memory", "storm")
SHORT_PAIRS, SHORT_IDLE, SHORT_S, SHORT_ROUNDS = 32, 150, 2.0, 2


def main(argv: list[str]) -> None:
    """Run; the exit status is 1 where a floor does not hold."""
    parser = argparse.ArgumentParser(prog="bench bars", description=__doc__)
    parser.add_argument("--json", action="store_true", help="kept for symmetry: the last line is always JSON")
    parser.add_argument("--only", default=",".join(CASES), help=f"which of {', '.join(CASES)}")
    parser.add_argument("--short", action="store_true", help="T1, T7, T8 and T13 in small, within 90 s")
    parser.add_argument("--server", default="", help="daphne or uvicorn; uvicorn where it is installed")
    parser.add_argument("--pairs", type=int, default=64, help="conversations")
    parser.add_argument("--idle", type=int, default=1000, help="idle conversations")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each ratio")
    parser.add_argument("--seconds", type=float, default=2.5, help="length of a phase")
    options = parser.parse_args(argv)
    options.server = options.server or ("uvicorn" if not Ours("uvicorn").absent() else "daphne")
    found = short(options.server) if options.short else full(options)
    for each in found["bars"]:
        print(f"{each['bar']:4} {_verdict(each):12} {each['value']:>8}  {each['what']}", file=sys.stderr)
    print(json.dumps(found))
    if not all(each["holds"] for each in found["bars"]):
        sys.exit(1)


def _verdict(each: dict[str, Any]) -> str:
    return "goal reached" if each["reached"] else "floor holds" if each["holds"] else "BELOW FLOOR"


def full(options: Any) -> dict[str, Any]:
    """Every case that was asked for."""
    wanted, found = options.only.split(","), []
    if "speed" in wanted:
        found += _speed(options)
    live = [case for case in wanted if case in ("burst", "idle", "broker", "durability", "storm")]
    if live:
        with Ours(options.server).running(options.pairs) as rig:
            found += asyncio.run(_live(rig, live, options))
    if "burst" in wanted or "broker" in wanted:
        found += _stock(options, wanted)
    if "memory" in wanted:
        told = memory.memory(options.server, min(options.idle, 400))
        found.append(BARS["T11"].judged(told.pop("ratio"), **told))
    bars = [each for each in found if each["bar"] in BARS]
    beside = [each for each in found if each["bar"] not in BARS]
    return {"server": options.server, "bars": bars, "beside": beside, "elsewhere": ELSEWHERE}


def _speed(options: Any) -> list[dict[str, Any]]:
    """T1 to T6 out of the text bench, all arms that can be had."""
    wanted = {**vars(options), "slow_commits": False, "regimes": "saturated,50"}
    told = text.run(SimpleNamespace(**wanted), text.ARMS)
    if told["void"]:
        print(f"VOID: {told['void']}", file=sys.stderr)
    fast, slow = told["regimes"]["saturated"]["ratios"], told["regimes"]["50"]
    sources = [
        ("T1", fast, "tutorial/uvicorn"),
        ("T1d", fast, "tutorial/daphne"),
        ("T2", slow["ratios"], "tutorial/uvicorn"),
        ("T3", fast, "ejabberd/uvicorn"),
        ("T3d", fast, "ejabberd/daphne"),
        ("T5", fast, "node/uvicorn"),
    ]
    steady = [(bar, of[name]) for bar, of, name in sources if "median" in of.get(name, ())]
    found = [BARS[bar].judged(each["median"], **each) for bar, each in steady]
    arms = slow["arms"]
    if {"tutorial", "uvicorn"} <= set(arms):
        p99 = {name: arm["shown_p99_ms"] for name, arm in arms.items()}
        found.append(BARS["T6"].judged(p99["tutorial"] / p99["uvicorn"], p99_ms=p99))
    return [*found, {"bar": "text", **told}]


async def _live(rig: OurRig, cases: list[str], options: Any) -> list[dict[str, Any]]:
    """What one running fleet of ours can show."""
    found: list[dict[str, Any]] = []
    async with rig.talks(options.pairs) as pairs:
        os.sched_setaffinity(0, {LOAD})
        if "durability" in cases:
            told = await durability.durability(rig, pairs, options.rounds, options.seconds)
            found.append(BARS["T16"].judged(told.pop("ratio"), **told))
        if "idle" in cases:
            found += await _idle(rig, pairs, options.idle, options.seconds)
        if "storm" in cases:
            mine, theirs = await storm.ours(rig), await asyncio.to_thread(storm.stock)
            found.append(BARS["T12"].judged(theirs / mine, us_per_return=[round(mine), round(theirs)]))
        if "burst" in cases:
            found.append(_burst("T8", await burst.burst(pairs)))
            found.append(_burst("T8k", await burst.burst(pairs, lambda: burst.kill_broker(rig))))
        if "broker" in cases:
            told = await burst.broker_dies(rig, pairs)
            found.append(BARS["T9"].judged(told["sockets_closed"], **told))
            found.append(BARS["T9s"].judged(told["not_shown_in_5s"], acked=told["acked"]))
    return found


def _burst(bar: str, told: dict[str, Any]) -> dict[str, Any]:
    return BARS[bar].judged(told["acked_not_shown"], **told)


async def _idle(
    rig: OurRig, pairs: list[Pair], number: int, seconds: float, *, short: bool = False
) -> list[dict[str, Any]]:
    grown, cut = await idle.growth(rig, pairs, number, seconds)
    return [
        BARS["T7"].judged(grown.pop("ratio"), short=short, **grown),
        # In small, on a machine that may be busy or slow: nothing stays, however long that takes within the bound.
        BARS["T13"].judged(cut["left" if short else "left_after_5s"], **cut),
    ]


def _stock(options: Any, wanted: list[str]) -> list[dict[str, Any]]:
    """What the same does to stock Channels; nothing to hold, only to compare."""

    async def suffer(rig: TutorialRig) -> list[dict[str, Any]]:
        found = []
        if "burst" in wanted:
            async with rig.talks(options.pairs) as pairs:
                found.append({"bar": "stock burst", **await burst.burst(pairs)})
        if "broker" in wanted:
            async with rig.talks(options.pairs) as pairs:
                found.append({"bar": "stock broker", **await burst.broker_dies(rig, pairs)})
        return found

    with Tutorial().running(options.pairs) as rig:
        return asyncio.run(suffer(rig))


def short(server: str) -> dict[str, Any]:
    """T1, T7, T8 and T13 in small: two fleets, short phases."""
    with contextlib.ExitStack() as stack:
        rigs = {
            server: stack.enter_context(Ours(server).running(SHORT_PAIRS)),
            "tutorial": stack.enter_context(Tutorial().running(SHORT_PAIRS)),
        }
        return {"server": server, "bars": asyncio.run(_short(server, rigs))}


async def _short(server: str, rigs: dict[str, Any]) -> list[dict[str, Any]]:
    """The ratio first, while nothing else has happened to either."""
    rig, stock = rigs[server], rigs["tutorial"]
    async with rig.talks(SHORT_PAIRS) as pairs, stock.talks(SHORT_PAIRS) as rooms:
        os.sched_setaffinity(0, {LOAD})
        talking = {server: (rig, pairs), "tutorial": (stock, rooms)}
        halves = await rounds.measure(talking, SHORT_ROUNDS, SHORT_S, None)
        ratio = rounds.ratio(halves, "tutorial", server, strict=False)
        found = [BARS["T1" if server == "uvicorn" else "T1d"].judged(ratio["median"], short=True, **ratio)]
        sent = sum(len(half.of(server).waits) for half in halves)
        if rig.stored() != sent:
            raise SystemExit(f"void: {rig.stored()} rows for {sent} messages")
        found += await _idle(rig, pairs, SHORT_IDLE, SHORT_S, short=True)
        return [*found, _burst("T8", await burst.burst(pairs))]
