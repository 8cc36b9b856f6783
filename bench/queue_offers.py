"""From the instant an offer is feasible until it is in the log and told on, on a real PostgreSQL.

`python -m bench.queue_offers` needs DATABASE_URL (migrated) and the other settings; prints JSON. A thousand wait, two
hundred counselors sit and are full; one slot after another comes free. Then the opening: two hundred wait, a hundred
counselors say ready one after another.
"""

import asyncio
import json
import os
import time
from datetime import timedelta

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from kernel import clock, ids  # noqa: E402 - Django first
from kernel.codec import Keyring  # noqa: E402
from kernel.decider import Address  # noqa: E402
from kernel.engine import Engine  # noqa: E402
from kernel.seal import MasterKeys  # noqa: E402
from kernel.store import Store  # noqa: E402
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role  # noqa: E402
from queueing import messages as m  # noqa: E402
from server import wiring  # noqa: E402

STAFF, WAITING, FREED = 200, 1000, 100


async def desk(waiting: int, staff: int, *, full: bool) -> tuple[Engine, Address]:
    """A line of its own with so many who wait; where `full`, everybody holds one and has no other slot."""
    store = Store(wiring.conninfo())
    await store.open()
    engine = Engine(store, wiring.DECIDERS, Keyring(store, MasterKeys(settings.MASTER_KEYS)))  # the desk alone
    at, now = Address("desk", f"b{ids.process_id()}"), clock.now()

    async def say(command: object, by: Actor = SYSTEM) -> None:
        await engine.submit(at, command, by, clock.now(), ids.command_id())  # type: ignore[arg-type]

    span = m.OpenInterval(now - timedelta(hours=1), now + timedelta(hours=9), now + timedelta(hours=8), Medium.TEXT)
    await say(m.PublishHours((span,), "1"))
    for number in range(staff):
        name = f"k{number:03}"
        await say(m.EnterSeat(name, name, Role.COUNSELOR))
        if full:
            await say(m.ReadySeat(1), Actor(Role.COUNSELOR, name))
            await say(m.RequestTicket(f"h{number:03}", Medium.TEXT, RiskLevel.ROUTINE, now))
            loaded = await engine.state(at)
            assert loaded is not None
            (offer,) = loaded.state.tickets[f"h{number:03}"].offers
            await say(m.AcceptOffer(offer.offer), Actor(Role.COUNSELOR, offer.counselor))
    for number in range(waiting):
        risk = list(RiskLevel)[number % 3]
        await say(m.RequestTicket(f"w{number:04}", Medium.TEXT, risk, now))
    return engine, at


async def freed() -> dict[str, float]:
    """Slots come free one after another; each rings for whoever is next."""
    engine, at = await desk(WAITING, STAFF, full=True)
    taken = []
    for number in range(FREED):
        loaded = await engine.state(at)
        before = loaded.seq if loaded else 0
        began = time.perf_counter()
        after = await engine.submit(at, m.FreeSeat(f"h{number:03}"), SYSTEM, clock.now(), ids.command_id())
        taken.append(time.perf_counter() - began)
        assert after >= before + 2, "freed and rung"
    await engine.settled()
    await engine.store.close()
    taken.sort()
    return {"p50_ms": round(1000 * taken[len(taken) // 2], 1), "p99_ms": round(1000 * taken[len(taken) * 99 // 100], 1)}


async def opening() -> dict[str, float]:
    """A hundred counselors say ready at once, as their sockets would."""
    engine, at = await desk(200, 100, full=False)
    began = time.perf_counter()
    await asyncio.gather(
        *(
            engine.submit(at, m.ReadySeat(2), Actor(Role.COUNSELOR, f"k{n:03}"), clock.now(), ids.command_id())
            for n in range(100)
        )
    )
    taken = time.perf_counter() - began
    loaded = await engine.state(at)
    offers = sum(len(ticket.offers) for ticket in loaded.state.tickets.values()) if loaded else 0
    await engine.settled()
    await engine.store.close()
    return {"offers": offers, "seconds": round(taken, 2)}


if __name__ == "__main__":
    found = {"freed": asyncio.run(freed()), "opening": asyncio.run(opening()), "cores": os.cpu_count()}
    print(json.dumps(found, indent=1))
