"""A call on an engine: people with tones join it, and what each of them hears is measured at their end."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chat.domain.lanes import Party, arrange
from chat.voice.contract import Fact, MediaEngine
from chat.voice.passthrough import PassthroughEngine
from chat.voice.reference import AiortcEngine
from kernel.terms import Attending, Role
from tests.chat.voice.peers import PATIENT_S, Heard, Peer, stay_on_loopback, steadily

TONES = {"visitor": 400.0, "chen": 1000.0, "lin": 1600.0, "zhao": 2200.0}
CLIP_HZ = 277.0
ROLES = {"visitor": Role.VISITOR, "chen": Role.COUNSELOR, "lin": Role.CRISIS_WORKER, "zhao": Role.SUPERVISOR}


class Stage:
    """One call with its people."""

    def __init__(self, engine: MediaEngine, facts: list[Fact]) -> None:
        """Nobody is here yet."""
        self.engine = engine
        self.facts = facts
        self.people: dict[str, Peer] = {}
        self.revision = 0

    async def join(self, *names: str) -> None:
        """Connect people, all at once."""
        async with asyncio.timeout(PATIENT_S):
            await asyncio.gather(*(self._join(name) for name in names))

    async def _join(self, name: str) -> None:
        peer = self.people[name] = Peer(name, TONES[name])
        await peer.take(await self.engine.open_leg("call", name, ROLES[name], await peer.offer()))

    async def place(self, holder: str, *, held: bool = False, **attending: Attending) -> None:
        """Arrange everybody who is here, or who talks, around the holder of the contact."""
        parties = [Party(name, ROLES[name], attending.get(name)) for name in self.people if name != "zhao"]
        parties += [Party(name, ROLES[name], how) for name, how in attending.items()]
        self.revision += 1
        await self.engine.arrange("call", self.revision, arrange(parties, holder=holder, held=held))

    async def leave(self, name: str) -> None:
        """Close somebody's leg."""
        await self.engine.close_leg("call", name)
        await self.people.pop(name).stop()

    async def hear(self, **expected: set[str]) -> None:
        """Each of these people hears exactly these voices, now and a moment later; `clip` is the hold clip."""
        tones = TONES | {"clip": CLIP_HZ}
        for peer in self.people.values():
            for ear in peer.ears:
                ear.forget()

        async def heard() -> Heard:
            return {name: self.people[name].hears(tones) for name in expected}

        await steadily(heard, expected)

    def told(self, kind: type[Fact], leg: str) -> bool:
        """Whether this fact was told of this leg."""
        return any(isinstance(fact, kind) and fact.leg == leg for fact in self.facts)

    async def stop(self) -> None:
        """Everybody goes home."""
        async with asyncio.timeout(PATIENT_S):
            await asyncio.gather(*(peer.stop() for peer in self.people.values()))
            await self.engine.stop()


async def build(kind: str) -> Stage:
    """A running engine and an empty stage."""
    facts: list[Fact] = []
    engine: MediaEngine = PassthroughEngine(facts.append) if kind == "passthrough" else AiortcEngine(facts.append)
    await engine.start()
    return Stage(engine, facts)


@pytest_asyncio.fixture(params=["passthrough", "aiortc"])
async def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each engine."""
    stay_on_loopback(monkeypatch)
    built = await build(request.param)
    yield built
    await built.stop()


@pytest_asyncio.fixture
async def fast_stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on the passthrough engine."""
    stay_on_loopback(monkeypatch)
    built = await build("passthrough")
    yield built
    await built.stop()
