"""T8 and T9: many messages at once, and a broker that dies: what was acknowledged has to be shown."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench.text.ours import OurRig
from bench.text.pairs import Pair, Said
from bench.text.tutorial import TutorialRig

EACH, SHOWN_WITHIN_S, IN_THE_MIDDLE_S = 20, 20.0, 0.15
TRAFFIC_PER_S, TRAFFIC_S, KILL_AT_S, LATE_S = 50.0, 10.0, 3.0, 5.0


def kill_broker(rig: OurRig | TutorialRig) -> None:
    """Valkey dies; its supervisor starts it again."""
    rig.ships.signal("valkey", signal.SIGKILL)


async def burst(pairs: Sequence[Pair], hurt: Callable[[], None] | None = None) -> dict[str, Any]:
    """Everybody says twenty things at once; counts what was acknowledged, and of it what nobody was shown."""
    putting = asyncio.gather(*(_all(pair) for pair in pairs))
    if hurt is not None:
        await asyncio.sleep(IN_THE_MIDDLE_S)
        hurt()
    began = time.monotonic()
    said = [one for each in await putting for one in each]
    marks = [mark for one in said for mark in (one.acked, one.shown)]
    await asyncio.wait(marks, timeout=SHOWN_WITHIN_S)
    return {
        "sent": len(said),
        "acked": sum(one.acked.done() for one in said),
        "acked_not_shown": sum(one.acked.done() and not one.shown.done() for one in said),
        "seconds": round(time.monotonic() - began, 1),
    }


async def _all(pair: Pair) -> list[Said]:
    return [await pair.put() for _ in range(EACH)]


async def broker_dies(rig: OurRig | TutorialRig, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Steady traffic while Valkey is killed; counts sockets closed and messages shown late or never."""
    said: list[Said] = []
    began, killed = time.monotonic(), False
    while (now := time.monotonic() - began) < TRAFFIC_S:
        if now > KILL_AT_S and not killed:
            kill_broker(rig)
            killed = True
        pair = pairs[len(said) % len(pairs)]
        if all(end.socket.close_code is None for end in pair.ends):
            said.append(await pair.put())
        await asyncio.sleep(max(0.0, began + len(said) / TRAFFIC_PER_S - time.monotonic()))
    await asyncio.sleep(LATE_S)
    return {
        "sent": len(said),
        "acked": sum(one.acked.done() for one in said),
        "not_shown_in_5s": sum(_late(one) for one in said),
        "sockets": 2 * len(pairs),
        "sockets_closed": sum(end.socket.close_code is not None for pair in pairs for end in pair.ends),
    }


def _late(said: Said) -> bool:
    """Acknowledged, and shown more than 5 s later or never."""
    return said.acked.done() and (not said.shown.done() or said.shown.result() - said.acked.result() > LATE_S)
