"""A second simulator of the queue, in code and data structures of its own: what the desk's order must give.

Text only, one slot a counselor, everybody answers at once, nobody is away: then who is served when follows from the
order alone. Heaps of plain tuples and floats; nothing of the desk is used, not even its words.
`python -m bench.queue_simulator --load 1.3 --slots 12 --days 30` prints waits by class and the share beyond 30 s.
"""

import argparse
import heapq
import json
import random
from collections.abc import Iterable, Iterator
from math import inf

CLASSES = ("imminent", "high", "moderate", "routine")
SHARES = (0.02, 0.08, 0.30, 0.60)
PROMISE_S = (0.0, 600.0, 1800.0, 3600.0)

Arrival = tuple[float, int, float, float]  # seconds, class, patience in seconds, service in seconds
Outcome = tuple[float, bool]  # when it ended for the one who waits, and whether somebody answered


def serve(arrivals: Iterable[Arrival], slots: int, beyond: int = 0) -> list[Outcome]:
    """Serve in order of danger first, then of promised answer, then of coming; whoever gives up leaves the line.

    `beyond` slots are nobody's own: danger is served while not all of both are taken, others while not all `slots` are.
    """
    people = list(arrivals)
    outcome: list[Outcome] = [(inf, False)] * len(people)
    # when, what (0: comes, 1: gives up, 2: slot is free), who
    agenda: list[tuple[float, int, int]] = [(person[0], 0, number) for number, person in enumerate(people)]
    heapq.heapify(agenda)
    line: list[tuple[bool, float, int]] = []
    taken = 0
    while agenda:
        now, what, who = heapq.heappop(agenda)
        if what == 0:
            at, danger, patience, _ = people[who]
            heapq.heappush(line, (danger != 0, at + PROMISE_S[danger], who))
            heapq.heappush(agenda, (at + patience, 1, who))
        elif what == 2:
            taken -= 1
        elif outcome[who][0] == inf:
            outcome[who] = (now, False)
        while line:
            calm, _, first = line[0]
            if outcome[first][0] == inf and taken >= slots + (0 if calm else beyond):
                break
            heapq.heappop(line)
            if outcome[first][0] < inf:
                continue
            outcome[first] = (now, True)
            taken += 1
            heapq.heappush(agenda, (now + people[first][3], 2, first))
    return outcome


def drawn(
    load: float, slots: int, days: int, service_min: float, patience_min: float, seed: int, imminent: float = SHARES[0]
) -> Iterator[Arrival]:
    """Poisson arrivals, exponential service and patience, the project's mix of risks but for the share in danger."""
    dice = random.Random(seed)
    shares = (imminent, *SHARES[1:3], 1 - imminent - sum(SHARES[1:3]))
    at, rate = 0.0, load * slots / (service_min * 60)
    while True:
        at += dice.expovariate(rate)
        if at > days * 86_400:
            return
        kind = dice.choices(range(4), shares)[0]
        yield at, kind, dice.expovariate(1 / (patience_min * 60)), dice.expovariate(1 / (service_min * 60))


def figures(people: list[Arrival], outcome: list[Outcome]) -> dict[str, dict[str, float]]:
    """Waits of the answered by class in seconds, abandonment, and the share of all who waited longer than 30 s."""
    found = {}
    for kind, name in enumerate(CLASSES):
        mine = [(person, end) for person, end in zip(people, outcome, strict=True) if person[1] == kind]
        waits = sorted(end[0] - person[0] for person, end in mine if end[1])
        if waits:
            found[name] = {
                "contacts": len(mine),
                "p50_s": round(waits[len(waits) // 2], 1),
                "p95_s": round(waits[len(waits) * 95 // 100], 1),
                "p99_s": round(waits[len(waits) * 99 // 100], 1),
                "max_s": round(waits[-1], 1),
                "abandonment": round(1 - len(waits) / len(mine), 4),
                "longer_30_s": round(sum(end[0] - person[0] > 30 for person, end in mine) / len(mine), 4),
            }
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", type=float, default=1.3)
    parser.add_argument("--slots", type=int, default=12)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--service-min", type=float, default=30)
    parser.add_argument("--patience-min", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--imminent", type=float, default=SHARES[0])
    parser.add_argument("--beyond", type=int, default=0, help="slots beyond the slots, for danger, whoever is there")
    given = parser.parse_args()
    spans = given.service_min, given.patience_min
    crowd = list(drawn(given.load, given.slots, given.days, *spans, given.seed, given.imminent))
    print(json.dumps(figures(crowd, serve(crowd, given.slots, given.beyond)), indent=1))
