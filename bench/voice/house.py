"""Real pages on the whole service: a click, a killed or frozen worker, a path that is silently gone, and then audio.

Sound is what the page's own players play: a tone in each microphone, looked for every 5 ms at the other end.
"""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from typing_extensions import override

from bench.voice.black_hole import BlackHole
from bench.voice.table import BARS
from launcher.browser import find_chromium, why_no_chromium
from launcher.engines import throwaway_engines
from launcher.places import ROOT, python
from launcher.ports import free_port
from tests.e2e.conftest import SWITCHES, VOICE_SWITCHES, House, running
from tests.e2e.people import PATIENT_MS, go_on_duty, take_offer
from tests.e2e.voices import come_in_by_voice, hear

WATCH = Path(__file__).with_name("watch.js").read_text()
WITHIN_S = 20.0
Found = list[dict[str, Any]]


class Watched(House):
    """A house whose pages note when they hear something; where `way` is a port, media of new pages goes through it."""

    way = 0

    def __init__(self, house: House) -> None:
        """Take over a house that runs."""
        super().__init__(house.service, "")
        self.passwords = house.passwords

    @override
    def page(self, browser: Browser, *, phone: bool = False, locale: str = "zh-CN") -> Page:
        """A page that watches what it hears."""
        page = super().page(browser, phone=phone, locale=locale)
        page.add_init_script(f"({WATCH})({self.way})")
        return page


class Workers:
    """Media workers of our own instead of the service's, each known by its media port."""

    def __init__(self, house: House) -> None:
        """None yet; the service's own is held down."""
        self._house = house
        self._running: dict[int, subprocess.Popen[str]] = {}
        house.service.supervisor.hold("voice")

    def fill(self, count: int = 2) -> None:
        """Start workers until there are so many."""
        started = []
        while len(self._running) < count:
            port = free_port()
            command = [python(), "manage.py", "runvoice", "--port", str(port)]
            process = subprocess.Popen(
                command, env=self._house.service.env, cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            self._running[port] = process
            started.append(process)
        for process in started:
            assert process.stdout is not None
            assert "voice worker at" in process.stdout.readline()

    def take_away(self, port: int, number: signal.Signals) -> subprocess.Popen[str]:
        """Signal the worker of this port and count on it no more."""
        process = self._running.pop(port)
        process.send_signal(number)
        return process

    def only(self) -> int:
        """The port of the one worker."""
        (port,) = self._running
        return port

    def stop(self) -> None:
        """End all."""
        for process in self._running.values():
            process.kill()
            process.communicate()


class Stage:
    """Visitor and counselor on their pages."""

    def __init__(self, house: Watched, browser: Browser, workers: Workers) -> None:
        """Not there yet."""
        self.house, self.browser, self.workers = house, browser, workers
        self.visitor: Page
        self.chen: Page

    @property
    def both(self) -> tuple[Page, Page]:
        """The two listeners."""
        return self.visitor, self.chen

    def come_in(self, medium: str = "语音", way: int = 0) -> None:
        """A visitor comes and is taken; by voice they hear each other at once."""
        self.house.way = 0
        self.chen = self.house.staff(self.browser, "chen", "/console/", with_voice=True)
        go_on_duty(self.chen)
        self.house.way = way
        self.visitor = self.house.caller(self.browser)
        come_in_by_voice(self.visitor, self.house.url, medium)
        if medium == "语音":
            self.visitor.get_by_role("button", name="试话筒").click()
        take_offer(self.chen)
        if medium == "语音":
            self.steady()

    def steady(self) -> None:
        """Both hear each other and go on doing so."""
        hear({"visitor": self.visitor, "chen": self.chen}, visitor={"chen"}, chen={"visitor"})

    def after(self, what: str, since: float) -> float:
        """Milliseconds from an instant (ms) until both pages have heard; raises TimeoutError."""
        ends = time.monotonic() + WITHIN_S
        while time.monotonic() < ends:
            heard = [page.evaluate(f"window.{what}({since})") for page in self.both]
            if all(each is not None and each < 1e15 for each in heard):
                return float(max(heard) - since)
            self.visitor.wait_for_timeout(20)
        raise TimeoutError("no sound again")


@contextlib.contextmanager
def _stage(workers: int) -> Iterator[Stage]:
    """The service, a browser, media workers."""
    with contextlib.ExitStack() as stack:
        engines = stack.enter_context(throwaway_engines())
        house = Watched(stack.enter_context(running(engines, "bench_voice")))
        own = Workers(house)
        stack.callback(own.stop)
        own.fill(workers)
        playwright = stack.enter_context(sync_playwright())
        switches = [*SWITCHES, *VOICE_SWITCHES]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=switches)
        stack.callback(browser.close)
        yield Stage(house, browser, own)


def told(bar: str, found: list[float], **beside: Any) -> Found:
    """The 95th percentile (nearest rank) of some tries."""
    ordered = sorted(found)
    p95 = ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)]
    figures = {"p50_ms": ordered[len(ordered) // 2], "most_ms": ordered[-1], "times": len(ordered)}
    return [BARS[bar].judged(p95, **figures, **beside)]


def _with_browser(bar: str, measure: Callable[[], Found]) -> Found:
    """Measure, or say why not."""
    return measure() if find_chromium() else [{"bar": bar, "skipped": why_no_chromium()}]


def click(times: int) -> Found:
    """From the counselor's click on 接听 to the first audio of both sides; the visitor's microphone is open by then."""
    return _with_browser("V13", lambda: _click(times))


def _click(times: int) -> Found:
    found: list[float] = []
    with _stage(1) as stage:
        stage.come_in("打字")
        for _ in range(times + 1):
            stage.visitor.get_by_role("button", name="语音通话").click()
            stage.visitor.get_by_role("button", name="试话筒").click()
            stage.visitor.get_by_role("button", name="请对方接听").click()
            answer = stage.chen.get_by_role("button", name="接听")
            at = answer.evaluate(
                "(button) => { const now = Date.now(); button.click(); return now; }", timeout=PATIENT_MS
            )
            found.append(stage.after("__heardAnew", at))
            stage.chen.get_by_role("button", name="挂断，改用文字").click()
            expect(stage.visitor.get_by_text("咨询员结束了通话，可以接着打字聊。")).to_be_visible(timeout=PATIENT_MS)
    return told("V13", found[1:], first_ms=found[0])


def killed(times: int) -> Found:
    """kill -9 of the worker that carries the call, another one standing by."""
    return _with_browser("V14", lambda: _taken_away("V14", signal.SIGKILL, times))


def frozen(times: int) -> Found:
    """The worker stops and nothing closes: only the silence tells."""
    return _with_browser("V16", lambda: _taken_away("V16", signal.SIGSTOP, times))


def _taken_away(bar: str, number: signal.Signals, times: int) -> Found:
    found: list[float] = []
    with _stage(2) as stage:
        stage.come_in()
        for _ in range(times):
            port = int(stage.visitor.evaluate("window.__port()"))
            at = 1000 * time.time()
            process = stage.workers.take_away(port, number)
            found.append(stage.after("__heardAnew", at))
            process.kill()
            process.communicate()
            stage.workers.fill()
            stage.steady()
    return told(bar, found)


def path_lost(times: int) -> Found:
    """The visitor's packets, both ways, vanish; whatever is sent from a new port arrives."""
    return _with_browser("V15", lambda: _path_lost(times))


def _path_lost(times: int) -> Found:
    found: list[float] = []
    hole = BlackHole()
    with contextlib.closing(hole), _stage(1) as stage:
        hole.target = stage.workers.only()
        stage.come_in(way=hole.port)
        for _ in range(times):
            at = 1000 * time.time()
            hole.cut()
            found.append(stage.after("__heardAgain", at))
            stage.steady()
        connections = stage.visitor.evaluate("window.__peers.length")
    return told("V15", found, connections_made_by_the_visitor=connections)
