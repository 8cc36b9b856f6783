"""The whole service on engines of its own, and a real browser; the people of the stories.

The fixtures live as long as this folder's tests: Playwright holds an event loop open, which others need for themselves.
"""

import contextlib
import functools
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from launcher.browser import browser_required, find_chromium, why_no_chromium
from launcher.engines import Engines, throwaway_engines
from launcher.places import python
from launcher.service import Service, run_manage
from tests.e2e.people import PATIENT_MS
from tests.e2e.voices import TONES_HZ, give_voice

expect.set_options(timeout=PATIENT_MS)  # five seconds, the library's own, are too short on a machine that stalls
ROOT = Path(__file__).resolve().parents[2]
BEIJING = timezone(timedelta(hours=8))
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
SWITCHES = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]

VOICE_SWITCHES = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--mute-audio",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium; its absence is loud, and a failure where it is required."""
    path = find_chromium()
    if path is None:
        if browser_required():
            pytest.fail(why_no_chromium())
        pytest.skip(why_no_chromium())
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def talkers(browser: Browser) -> Iterator[Browser]:
    """Another Chromium, whose pages may speak and be heard without anybody pressing anything."""
    chromium = browser.browser_type.launch(executable_path=find_chromium(), args=[*SWITCHES, *VOICE_SWITCHES])
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def engines() -> Iterator[Engines]:
    """PostgreSQL and Valkey that nobody else uses, so that a test may kill them."""
    with throwaway_engines() as running:
        yield running


@functools.cache
def furnished(engines: Engines) -> str:
    """Lay out the demo once, in a database that every house begins as a copy of; what seed_demo printed."""
    engines.create_database("furnished")
    service = Service(engines.environment("furnished"), engines.data, engines.log)
    service.migrate()
    return service.seed()


class House:
    """A running service, its sign-ins, and every complaint a page made."""

    def __init__(self, service: Service, signs: str) -> None:
        """`signs` is what seed_demo printed."""
        self.service = service
        self.url = service.url
        self.passwords = dict(re.findall(r"^\w+\s+(\w+)\s+((?:\w{4}-){3}\w{4})", signs, re.MULTILINE))
        self.complaints: list[str] = []

    def page(self, browser: Browser, *, phone: bool = False, locale: str = "zh-CN") -> Page:
        """A new person's page: a browser context of its own, complaints collected."""
        context: BrowserContext = browser.new_context(viewport=PHONE if phone else DESK, locale=locale)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.on("request", lambda request: self._same_house(request.url))
        return page

    def caller(self, talkers: Browser, **how: bool) -> Page:
        """A visitor's phone with a voice; `how` as in `give_voice`."""
        return give_voice(self.page(talkers, phone=True), TONES_HZ["visitor"], **how)

    def _listen(self, message: ConsoleMessage) -> None:
        """Keep errors; a request that was refused on purpose is not one."""
        if message.type == "error" and not re.search(r"Failed to load resource|WebSocket connection", message.text):
            self.complaints.append(message.text)

    def _same_house(self, url: str) -> None:
        """No page may ask anybody else."""
        if not url.startswith((self.url, self.url.replace("http", "ws", 1), "data:", "blob:", "about:")):
            self.complaints.append(f"third party: {url}")

    def staff(self, browser: Browser, name: str, path: str, *, phone: bool = False, with_voice: bool = False) -> Page:
        """Somebody of the staff, signed in and at their page; a voice comes before the first page is loaded."""
        page = self.page(browser, phone=phone)
        if with_voice:
            give_voice(page, TONES_HZ[name])
        page.goto(f"{self.url}{path}")
        page.get_by_label("工号").fill(name)
        page.get_by_label("密码").fill(self.passwords[name])
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{self.url}{path}")
        return page


@contextlib.contextmanager
def running(engines: Engines, name: str, hours: str | None = None, **settings: str) -> Iterator[House]:
    """Run a service on a database of its own, with these settings of the environment."""
    signs = furnished(engines)
    engines.create_database(name, like="furnished")
    data = engines.data / name
    data.mkdir(exist_ok=True)
    service = Service({**engines.environment(name), **settings}, data, engines.log)
    if hours is not None:
        run_manage(service.env, engines.log, "seed_demo", "--hours", hours)
    service.start()
    try:
        service.await_ready()
        yield House(service, signs)
    finally:
        service.stop()


@contextlib.contextmanager
def media_worker(house: House) -> Iterator["subprocess.Popen[str]"]:
    """A second process that carries calls, beside the service's own."""
    process = subprocess.Popen(
        [python(), "manage.py", "runvoice"], env=house.service.env, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert "voice worker at" in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def closed_hours() -> str:
    """Daily hours that do not contain this hour in Beijing."""
    return "14:00-15:00" if datetime.now(BEIJING).hour < 12 else "02:00-03:00"


@pytest.fixture(scope="package")
def open_house(engines: Engines) -> Iterator[House]:
    """A line that is open around the clock."""
    with running(engines, "open_house") as house:
        yield house


@pytest.fixture(scope="package")
def voice_house(engines: Engines) -> Iterator[House]:
    """An open line on a database of its own, for calls."""
    with running(engines, "voice_house") as house:
        yield house


@pytest.fixture(scope="package")
def closed_house(engines: Engines) -> Iterator[House]:
    """A line that is closed now and opens within a day."""
    with running(engines, "closed_house", closed_hours()) as house:
        yield house


def axe(page: Page) -> list[str]:
    """What axe finds wrong with a page, WCAG 2.2 AA."""
    page.evaluate((ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text())
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    found = page.evaluate(f"axe.run(document, {{runOnly: {tags}}})")
    return [f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}" for fault in found["violations"]]
