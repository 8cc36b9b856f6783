"""Real browsers with a tone in the microphone, through the forwarding engine; what they hear is measured there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from chat.domain.lanes import Party, arrange
from chat.voice.contract import Fact, LegLost
from chat.voice.control import Arrange, AskLoad, OpenLeg
from chat.voice.passthrough import PassthroughEngine
from chat.voice.switchboard import Line
from kernel.errors import Unavailable
from kernel.terms import Attending, Role
from launcher.browser import browser_required, find_chromium, why_no_chromium
from tests.chat.voice import media_process
from tests.chat.voice.browsers import sit_down, write_tone
from tests.chat.voice.peers import PATIENT_S, Heard, steadily

pytestmark = pytest.mark.browser
TONES = {"visitor": 400.0, "chen": 1000.0, "zhao": 2200.0}
ROLES = {"visitor": Role.VISITOR, "chen": Role.COUNSELOR, "zhao": Role.SUPERVISOR}


class Room:
    """A call with browsers in it."""

    def __init__(self, pages: dict[str, Page], engine: PassthroughEngine, facts: list[Fact]) -> None:
        """Nobody is connected."""
        self.pages = pages
        self.engine = engine
        self.facts = facts
        self.revision = 0

    async def call(self, name: str, *, tcp_only: bool = False, restart: bool = False) -> None:
        """Offer, and take the answer; with `tcp_only` as if no UDP came through."""
        page = self.pages[name]
        answer = await self.engine.open_leg(
            "call", name, ROLES[name], await page.evaluate(f"offer({str(restart).lower()})")
        )
        if tcp_only:
            answer = "".join(line for line in answer.splitlines(keepends=True) if " udp " not in line)
        await page.evaluate("(sdp) => take(sdp)", answer)

    async def place(self, *parties: Party, holder: str, held: bool = False) -> None:
        """Arrange these people."""
        self.revision += 1
        await self.engine.arrange("call", self.revision, arrange(parties, holder=holder, held=held))

    async def hear(self, **expected: set[str]) -> None:
        """Each page hears exactly these tones, and still does a moment later."""

        async def heard() -> Heard:
            return {name: set(await self.pages[name].evaluate("(tones) => hears(tones)", TONES)) for name in expected}

        await steadily(heard, expected)


@pytest_asyncio.fixture
async def room(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """Browsers for the named people, and an engine."""
    program = find_chromium()
    if program is None:
        if browser_required():
            pytest.fail(why_no_chromium())
        pytest.skip(why_no_chromium())
    names: tuple[str, ...] = request.param
    facts: list[Fact] = []
    engine = PassthroughEngine(facts.append)
    await engine.start()
    async with async_playwright() as playwright:
        opened: list[tuple[Browser, Page]] = await asyncio.gather(
            *(sit_down(playwright, program, write_tone(tmp_path / f"{name}.wav", TONES[name])) for name in names)
        )
        yield Room(dict(zip(names, (page for _, page in opened), strict=True)), engine, facts)
        for browser, _ in opened:
            await browser.close()
    await engine.stop()


VISITOR, CHEN = Party("visitor", Role.VISITOR), Party("chen", Role.COUNSELOR)


def supervisor(how: Attending) -> Party:
    """督导 on the line."""
    return Party("zhao", Role.SUPERVISOR, how)


@pytest.mark.parametrize("room", [("visitor", "chen", "zhao")], indirect=True)
async def test_browsers_talk_hold_are_whispered_to_and_handed_over(room: Room) -> None:
    await room.call("visitor")
    await room.call("chen")
    await room.place(VISITOR, CHEN, holder="chen")
    await room.hear(visitor={"chen"}, chen={"visitor"})
    await room.place(VISITOR, CHEN, holder="chen", held=True)
    await room.hear(visitor=set(), chen=set())
    await room.call("zhao")
    await room.place(VISITOR, CHEN, supervisor(Attending.MONITOR), holder="chen")
    await room.hear(visitor={"chen"}, chen={"visitor"}, zhao={"visitor", "chen"})
    await room.place(VISITOR, CHEN, supervisor(Attending.WHISPER), holder="chen")
    await room.hear(visitor={"chen"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
    await room.place(VISITOR, CHEN, supervisor(Attending.BARGE), holder="chen")
    await room.hear(visitor={"chen", "zhao"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
    await room.place(VISITOR, Party("zhao", Role.SUPERVISOR), holder="zhao")
    await room.hear(visitor={"zhao"}, chen=set(), zhao={"visitor"})
    numbers = await room.pages["visitor"].evaluate("numbers()")
    assert numbers["protocol"] == "udp"
    assert numbers["lost"] <= numbers["packets"] / 50


@pytest.mark.parametrize("room", [("visitor", "chen")], indirect=True)
async def test_a_caller_without_udp_talks_over_tcp_and_ice_restarts_under_the_call(room: Room) -> None:
    await room.call("visitor", tcp_only=True)
    await room.call("chen")
    await room.place(VISITOR, CHEN, holder="chen")
    await room.hear(visitor={"chen"}, chen={"visitor"})
    assert (await room.pages["visitor"].evaluate("numbers()"))["protocol"] == "tcp"
    before = await room.pages["visitor"].evaluate("numbers()")
    await room.call("visitor", restart=True)
    await room.hear(visitor={"chen"}, chen={"visitor"})
    after = await room.pages["visitor"].evaluate("numbers()")
    assert after["pair"] != before["pair"]
    assert after["protocol"] == "udp"
    assert not [fact for fact in room.facts if isinstance(fact, LegLost)]


async def until_gone(line: Line) -> None:
    """Ask until nobody answers."""
    try:
        while True:
            await line.ask(AskLoad(0), 0.5)
    except Unavailable:
        return


@pytest.mark.parametrize("room", [("visitor", "chen")], indirect=True)
async def test_a_killed_worker_is_survived_on_another_under_the_same_call(room: Room) -> None:
    workers = [media_process.start(), media_process.start()]
    lines = [Line(address, media_process.SECRET) for _, address in workers]
    try:

        async def call(line: Line, revision: int) -> None:
            for name, page in room.pages.items():
                offer = await page.evaluate("offer(false)")
                reply = await line.ask(OpenLeg(revision, "call", name, ROLES[name], offer))
                await page.evaluate("(sdp) => take(sdp)", reply.answer)
            await line.ask(Arrange(revision, "call", revision, arrange((VISITOR, CHEN), holder="chen")))

        await call(lines[0], 1)
        await room.hear(visitor={"chen"}, chen={"visitor"})
        killed = asyncio.get_running_loop().time()
        workers[0][0].kill()
        await until_gone(lines[0])
        await call(lines[1], 3)
        async with asyncio.timeout(PATIENT_S):
            while not (await room.pages["visitor"].evaluate("numbers()")).get("packets"):
                await asyncio.sleep(0.01)
        print(f"audio again after {asyncio.get_running_loop().time() - killed:.3f} s")
        await room.hear(visitor={"chen"}, chen={"visitor"})
    finally:
        for line in lines:
            line.close()
        for process, _ in workers:
            media_process.end(process)
