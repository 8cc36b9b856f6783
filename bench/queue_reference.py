"""What no order of service can beat: closed forms for the queue, in code of its own.

`python -m bench.queue_reference --load 1.3 --slots 12 --imminent 0.02 --seconds 30` prints JSON. With every slot busy
somebody in danger waits for the next departure, so P(wait > t) = P(all busy) * exp(-(c mu - lambda_0) t), where
P(all busy) is of the Erlang-A chain and does not depend on the order.
"""

import argparse
import json
from math import exp


def all_busy(arrivals: float, slots: int, service: float, patience: float) -> float:
    """The chance that all slots are taken; rates per minute, means in minutes."""
    weight, below, above = 1.0, 0.0, 0.0
    n = 0
    while n < slots or weight > 1e-16 * (below + above):
        if n < slots:
            below += weight
        else:
            above += weight
        n += 1
        weight *= arrivals / (min(n, slots) / service + max(n - slots, 0) / patience)
    return above / (below + above)


def limit(
    load: float, slots: int, imminent: float, seconds: float, service: float, patience: float
) -> dict[str, float]:
    """The least share of those in danger who wait longer, without a slot beyond the slots."""
    arrivals = load * slots / service
    busy = all_busy(arrivals, slots, service, patience)
    longer = busy * exp(-(slots / service - imminent * arrivals) * seconds / 60)
    return {"all_busy": round(busy, 5), "longer": round(longer, 5), "within": round(1 - longer, 5)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", type=float, default=1.3)
    parser.add_argument("--slots", type=int, default=12)
    parser.add_argument("--imminent", type=float, default=0.02)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--service-min", type=float, default=30)
    parser.add_argument("--patience-min", type=float, default=20)
    given = parser.parse_args()
    found = limit(given.load, given.slots, given.imminent, given.seconds, given.service_min, given.patience_min)
    print(json.dumps(found))
