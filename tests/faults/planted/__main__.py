"""`python -m tests.faults.planted [NAME ...]`: tries each planted bug; prints a table and fails where one got away.

Two at a time, on fleets of their own: most of a drill is waiting for what was hurt.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django
import msgspec

from tests.faults.drill import Outcome, Plan, run
from tests.faults.planted.bugs import BUGS

SEED = 20261122
MEET_S, SETTLE_S = 20.0, 8.0  # a bug need not be waited for
AT_ONCE = 2


def caught(name: str, seed: int = SEED) -> tuple[Outcome, dict[str, int]]:
    """Drill with one bug; answers what was found, and the counts that moved because of it."""
    bug = BUGS[name]
    plan = Plan(bug.faults, seed, planted=name, kinds=bug.kinds, meet_s=MEET_S, settle_s=SETTLE_S)
    outcome = run(plan, lambda line: print(f"{name}: {line}", file=sys.stderr, flush=True))
    return outcome, {count: outcome.counts[count] for count in bug.shows if outcome.counts[count]}


def main(names: list[str]) -> int:
    """Try them all, or those that are named."""
    free = []
    print("| planted bug | what it breaks | faults | acknowledged | caught by | everything that moved |")
    print("|---|---|---|---|---|---|")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = {name: pool.submit(caught, name) for name in names or list(BUGS)}
        for name, trial in tried.items():
            outcome, moved = trial.result()
            every = {count: number for count, number in (outcome.counts | {"late": outcome.late}).items() if number}
            free += [] if moved else [name]
            by = ", ".join(f"{count} {number}" for count, number in moved.items()) or "**nothing**"
            rest = ", ".join(f"{count} {number}" for count, number in every.items())
            print(
                f"| `{name}` | {BUGS[name].breaks} | {outcome.faults} | {outcome.acked} | {by} | {rest} |", flush=True
            )
            print(f"{name} {msgspec.json.encode(outcome).decode()}", file=sys.stderr, flush=True)
    print(json.dumps({"planted": len(names or BUGS), "caught": len(names or BUGS) - len(free), "free": free}))
    return 1 if free else 0


if __name__ == "__main__":
    # What is stored is read with the house's own codec, which needs the settings.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    django.setup()
    sys.exit(main(sys.argv[1:]))
