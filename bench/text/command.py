"""The command line: which arms, which regimes; a table on stderr, one JSON object on the last line of stdout."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from bench.text import checks, rounds
from bench.text.arm import Arm, Rig
from bench.text.cpu import LOAD
from bench.text.ejabberd import Ejabberd
from bench.text.node import Node
from bench.text.ours import Ours
from bench.text.tutorial import Tutorial

ARMS: tuple[Arm, ...] = (Ours("daphne"), Ours("uvicorn"), Tutorial(), Node(), Ejabberd())
OWN = ("daphne", "uvicorn")


def main(argv: list[str]) -> None:
    """Run; the exit status is 1 where a figure had to be called void."""
    parser = argparse.ArgumentParser(prog="bench text", description=__doc__)
    parser.add_argument("--json", action="store_true", help="kept for symmetry: the last line is always JSON")
    parser.add_argument("--arms", default=",".join(arm.name for arm in ARMS), help="which, separated by commas")
    parser.add_argument("--pairs", type=int, default=64, help="conversations, two sockets each")
    parser.add_argument("--rounds", type=int, default=5, help="rounds per regime, each there and back")
    parser.add_argument("--seconds", type=float, default=2.5, help="length of a phase")
    parser.add_argument("--regimes", default="saturated,50,100", help="saturated, or messages a second")
    parser.add_argument(
        "--slow-commits", action="store_true", help="also wait 2 ms in each commit, as a slow disk would"
    )
    parser.add_argument(
        "--instructions", action="store_true", help="count instructions in user space, where perf may; times suffer"
    )
    options = parser.parse_args(argv)
    found = run(options, [arm for arm in ARMS if arm.name in options.arms.split(",")])
    print(json.dumps(found))
    if found["void"]:
        sys.exit(1)


def run(options: Any, wanted: Sequence[Arm]) -> dict[str, Any]:
    """Start every arm that can be had, measure, stop."""
    found: dict[str, Any] = {"options": vars(options), "versions": checks.versions(), "skipped": {}, "settings": {}}
    rigs: dict[str, Rig] = {}
    with contextlib.ExitStack() as stack:
        for arm in wanted:
            if why := arm.absent():
                found["skipped"][arm.name] = why
                print(f"SKIPPED {arm.name}: {why}", file=sys.stderr, flush=True)
                continue
            print(f"starting {arm.name}", file=sys.stderr, flush=True)
            rigs[arm.name] = stack.enter_context(arm.running(options.pairs))
            if options.slow_commits:
                checks.slow_commits(rigs[arm.name])
            found["settings"][arm.name] = checks.settings(rigs[arm.name])
        os.sched_setaffinity(0, {LOAD})
        return found | asyncio.run(_measure(rigs, options))


async def _measure(rigs: dict[str, Rig], options: Any) -> dict[str, Any]:
    """Every regime, then the check that every message that counted is in the database, once."""
    found: dict[str, Any] = {"regimes": {}, "void": []}
    before = {name: rig.stored() for name, rig in rigs.items()}
    sent = dict.fromkeys(rigs, 0)
    async with contextlib.AsyncExitStack() as stack:
        talking = {name: (rig, await stack.enter_async_context(rig.talks(options.pairs))) for name, rig in rigs.items()}
        for regime in options.regimes.split(","):
            rate = None if regime == "saturated" else float(regime)
            halves = await rounds.measure(talking, options.rounds, options.seconds, rate, counted=options.instructions)
            for half in halves:
                for name in rigs:
                    sent[name] += len(half.of(name).waits)
            told = found["regimes"][regime] = _told(halves)
            found["void"] += [
                f"{regime}: {name}, too unsteady" for name, each in told["ratios"].items() if each["void"]
            ]
            _table(regime, told)
        found["told_later"] = {
            name: sum(e.told_later for p in pairs for e in p.ends) for name, (_, pairs) in talking.items()
        }
    found["sent"] = sent
    found["rows"] = {name: (rig.stored() - before[name]) / rig.rows_per_message for name, rig in rigs.items()}
    found["void"] += [f"{name}: rows are not messages" for name in rigs if found["rows"][name] != sent[name]]
    return found


def _told(halves: list[rounds.Half]) -> dict[str, Any]:
    """Figures per arm, and each of the others over each of ours."""
    names = halves[0].order
    own = [name for name in OWN if name in names]
    pairs = [(other, mine) for mine in own for other in sorted(names) if other not in own]
    if own == list(OWN):
        pairs.append(OWN)
    ratios = {f"{other}/{mine}": rounds.ratio(halves, other, mine) for other, mine in pairs}
    return {"arms": rounds.arms(halves), "ratios": ratios}


def _table(regime: str, told: dict[str, Any]) -> None:
    """Show what was found."""
    print(f"\n{regime}", file=sys.stderr)
    for name, arm in told["arms"].items():
        print(f"  {name:10}" + "".join(f" {key} {value:>8}" for key, value in arm.items()), file=sys.stderr)
    for name, each in told["ratios"].items():
        print(f"  {name:22} {each}", file=sys.stderr, flush=True)
