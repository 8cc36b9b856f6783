"""A replica is the aggregate, at most a nudge behind, however reads and news interleave."""

import asyncio

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.decider import Address
from kernel.replica import Replica
from tests.kernel.test_feeds import settle
from tests.kernel.toy import DECIDER
from tests.kernel.world import World

AT = Address("tally", "t")
COUNTING = msgspec.structs.replace(DECIDER, initial=0, evolve=lambda count, _event: count + 1)


class Slow(World):
    """A world whose reads can be held back."""

    def __init__(self) -> None:
        """Reads pass."""
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def state(self, at: Address) -> object:
        """The snapshot as of the call, answered when the gate opens."""
        loaded = await self.engine.state(at)
        await self.gate.wait()
        return loaded


@given(st.lists(st.sampled_from(["commit", "tell", "hold", "release", "refresh", "tail"]), max_size=14))
@settings(max_examples=150, deadline=None)
def test_after_a_refresh_the_replica_is_as_new_as_the_last_news(steps: list[str]) -> None:
    async def story() -> None:
        world = Slow()
        replica = Replica(COUNTING, AT)
        tasks = []
        rows = world.engine.append(AT.feed)
        engine = type("Reads", (), {"state": staticmethod(world.state)})
        for step in steps:
            match step:
                case "commit":
                    rows = world.engine.append(AT.feed)
                case "tell":
                    world.registry.deliver(AT.feed, rows)
                case "hold":
                    world.gate.clear()
                case "release":
                    world.gate.set()
                case "refresh":
                    tasks.append(asyncio.create_task(replica.refresh(engine, world.registry)))  # type: ignore[arg-type]
                case "tail":
                    await world.tail()
            await settle()
        world.gate.set()
        await asyncio.gather(*tasks)
        await replica.refresh(engine, world.registry)  # type: ignore[arg-type]
        await world.tail()
        await replica.refresh(engine, world.registry)  # type: ignore[arg-type]
        assert replica.seq == replica.state == len(world.engine.rows[AT.feed])

    asyncio.run(story())
