"""The command line: `python -m bench voice` runs what is asked for; the last line of stdout is JSON."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from bench.text.cpu import CORES, LOAD
from bench.voice import forwarding, house, janus, page

Found = list[dict[str, Any]]
LONG_CALLS, LONG_S = 150, 600.0


def cases(options: argparse.Namespace) -> dict[str, Callable[[], Found]]:
    """Every measurement by its name."""
    rounds, seconds, times = options.rounds, options.seconds, options.times
    return {
        "stock": lambda: _on_its_core(forwarding.stock(rounds, seconds)),
        "janus": lambda: _on_its_core(janus.compare(rounds, seconds)),
        "growth": lambda: _on_its_core(forwarding.growth(rounds, seconds)),
        "recording": lambda: _on_its_core(forwarding.recording(rounds, seconds)),
        "churn": lambda: _on_its_core(forwarding.churn()),
        "page": lambda: asyncio.run(page.measure(times)),
        "click": lambda: house.click(times),
        "killed": lambda: house.killed(times),
        "frozen": lambda: house.frozen(times),
        "path": lambda: house.path_lost(times),
        "long": lambda: _on_its_core(forwarding.long(LONG_CALLS, options.long_seconds)),
    }


def _on_its_core(measured: Coroutine[Any, Any, Found]) -> Found:
    """Measure with the load away from the servers' core."""
    os.sched_setaffinity(0, {LOAD})
    try:
        return asyncio.run(measured)
    finally:
        os.sched_setaffinity(0, set(CORES))


def main(argv: list[str]) -> None:
    """Run; the exit status is 1 where a floor does not hold."""
    parser = argparse.ArgumentParser(prog="bench voice", description=__doc__)
    parser.add_argument("--json", action="store_true", help="kept for symmetry: the last line is always JSON")
    parser.add_argument("--only", default="", help="which, comma separated; all but `long` where nothing is said")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (ABBA) of each ratio")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of a stretch")
    parser.add_argument("--times", type=int, default=20, help="tries in the browser")
    parser.add_argument("--long-seconds", type=float, default=LONG_S, help="length of `long`, 150 calls")
    options = parser.parse_args(argv)
    known = cases(options)
    wanted = options.only.split(",") if options.only else [name for name in known if name != "long"]
    if unknown := set(wanted) - set(known):
        parser.error(f"--only: {', '.join(sorted(unknown))} is none of {', '.join(known)}")
    found: Found = []
    for name in wanted:
        try:
            told = known[name]()
        except Exception as fault:  # one measurement that breaks off shall not take the others along
            told = [{"bar": name, "broken": True, "skipped": f"broke off: {fault!r}"}]
        for each in told:
            print(_line(each), file=sys.stderr, flush=True)
        found += told
    bars, skipped = ([each for each in found if ("skipped" in each) is no] for no in (False, True))
    print(json.dumps({"bars": bars, "skipped": skipped}))
    if any("broken" in each for each in skipped) or not all(each["holds"] for each in bars):
        sys.exit(1)


def _line(each: dict[str, Any]) -> str:
    if "skipped" in each:
        return f"{each['bar']:4} NOT MEASURED: {each['skipped']}"
    return f"{each['bar']:4} {_verdict(each):12} {each['value']:>8}  {each['what']} | {json.dumps(each)}"


def _verdict(each: dict[str, Any]) -> str:
    return "goal reached" if each["reached"] else "holds" if each["holds"] else "MISSED"
