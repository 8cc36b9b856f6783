"""Mouth to ear in a real Chromium, through the server and directly, and what an ICE restart costs the listener."""

import asyncio
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route, async_playwright

from bench.voice import ours
from bench.voice.delays import Delays
from bench.voice.load import speak
from bench.voice.peer import LoadPeer
from bench.voice.table import BARS
from chat.voice.control import Arrange, OpenLeg
from kernel.terms import Role
from launcher.browser import find_chromium, why_no_chromium

SCRIPT = Path(__file__).with_name("ears.js").read_text()
ADDRESS = "http://localhost:1/"
SWITCHES = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--mute-audio",
    "--disable-background-networking",
)
WARM_BEEPS = 4


async def _serve(route: Route) -> None:
    """The page itself; there is nothing else to load."""
    await route.fulfill(content_type="text/html", body=f"<!doctype html><script>{SCRIPT}</script>")


@asynccontextmanager
async def _page(program: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        page = await browser.new_page()
        await page.route("**/*", _serve)
        await page.goto(ADDRESS)
        await page.evaluate("ready()")
        yield page
        await browser.close()


class Talk:
    """A call whose ends are in the page."""

    def __init__(self, rig: ours.Rig, page: Page) -> None:
        """Not set up yet."""
        self.rig, self.page, self._orders = rig, page, 0

    async def leg(self, call: str, name: str, role: Role, *, restart: bool = False) -> None:
        """Offer and take the answer."""
        self._orders += 1
        offer = await self.page.evaluate("([name, restart]) => offer(name, restart)", [name, restart])
        reply = await self.rig.line.ask(OpenLeg(10_000 + self._orders, call, role.value, role, offer))
        await self.page.evaluate("([name, sdp]) => take(name, sdp)", [name, reply.answer])

    async def bridge(self, call: str) -> None:
        """Let visitor and counselor hear each other."""
        self._orders += 1
        await self.rig.line.ask(Arrange(20_000 + self._orders, call, 1, ours.ROUTES))


async def _through(talk: Talk, call: str) -> None:
    """Both ends through the server."""
    await talk.page.evaluate("connect('a', true); connect('b', false)")
    await talk.leg(call, "a", Role.VISITOR)
    await talk.leg(call, "b", Role.COUNSELOR)
    await talk.bridge(call)


async def _beeps(page: Page, times: int) -> list[float]:
    """Milliseconds from mouth to ear; the first beeps, while the buffers find their size, are not counted."""
    async with asyncio.timeout(30):
        while not (await page.evaluate("numbers('b')"))["packets"]:  # noqa: ASYNC110 - the page is asked, it does not ring
            await asyncio.sleep(0.05)
    await page.evaluate(f"beeps({WARM_BEEPS})")
    return [1000 * float(each) for each in await page.evaluate(f"beeps({times})")]


async def measure(times: int) -> list[dict[str, Any]]:
    """Both bars of the page."""
    program = find_chromium()
    if program is None:
        return [{"bar": bar, "skipped": why_no_chromium()} for bar in ("V8", "V9")]
    async with _page(program) as page, ours.running() as rig:
        talk = Talk(rig, page)
        return [await _mouth_to_ear(talk, times), await _restarts(talk, times)]


async def _mouth_to_ear(talk: Talk, times: int) -> dict[str, Any]:
    """Directly, through the server, through it, directly: so a machine that slows down meets both."""
    direct: list[float] = []
    through: list[float] = []
    for number, way in enumerate(("direct", "through", "through", "direct")):
        if way == "direct":
            await talk.page.evaluate("direct()")
        else:
            await _through(talk, f"beeps{number}")
        (direct if way == "direct" else through).extend(await _beeps(talk.page, times))
    middle = {name: statistics.median(found) for name, found in (("direct", direct), ("through", through))}
    worst = {name: sorted(found)[int(0.95 * len(found))] for name, found in (("direct", direct), ("through", through))}
    heard = {"direct": len(direct), "through": len(through)}
    return BARS["V8"].judged(middle["through"] - middle["direct"], p50_ms=middle, p95_ms=worst, heard=heard)


async def _restarts(talk: Talk, times: int) -> dict[str, Any]:
    """A page talks with a light peer; the page restarts ICE, the peer measures the longest gap in what it receives."""
    delays = Delays()
    peer = LoadPeer("counselor", delays, stamped=False)
    await talk.page.evaluate("connect('a', true); tone(true)")
    await talk.leg("restart", "a", Role.VISITOR)
    reply = await talk.rig.line.ask(OpenLeg(1, "restart", "counselor", Role.COUNSELOR, peer.offer()))
    await peer.connect(reply.answer)
    await talk.bridge("restart")
    speaking = asyncio.create_task(speak([peer], 3.0 * times + 4))
    await asyncio.sleep(2)
    lost = (await talk.page.evaluate("numbers('a')"))["lost"]
    plain, gaps, moved = await _gap(peer, 1.5), [], 0
    for _ in range(times):
        before = (await talk.page.evaluate("numbers('a')"))["pair"]
        peer.count_anew()
        await talk.leg("restart", "a", Role.VISITOR, restart=True)
        gaps.append(await _gap(peer, 1.2, anew=False))
        moved += (await talk.page.evaluate("numbers('a')"))["pair"] != before
    lost = (await talk.page.evaluate("numbers('a')"))["lost"] - lost
    speaking.cancel()
    peer.close()
    gaps.sort()
    found = {"p50_ms": round(statistics.median(gaps), 1), "without_restart_ms": round(plain, 1), "restarts": times}
    return BARS["V9"].judged(gaps[-1], **found, paths_changed=moved, packets_lost_by_the_page=lost)


async def _gap(peer: LoadPeer, seconds: float, *, anew: bool = True) -> float:
    """The longest gap (ms) in what the peer receives meanwhile."""
    if anew:
        peer.count_anew()
    await asyncio.sleep(seconds)
    return 1000 * peer.gap_s
