"""A media worker dies under a call, and people without UDP or behind a relay still talk."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kernel.lease import STALE_AFTER
from launcher.engines import Engines
from launcher.ports import free_port
from tests.e2e.conftest import House, media_worker, running
from tests.e2e.people import PATIENT_MS, go_on_duty, say, sees, take_offer
from tests.e2e.voices import come_in_by_voice, end_talk, hear, heard, leave_duty, path_of

pytestmark = [pytest.mark.browser, pytest.mark.promise("R11")]
SECRET = "only-for-this-test-0123456789"


def made(page: Page) -> int:
    """Connections this page has made so far."""
    return int(str(path_of(page)["peers"]))


def test_a_killed_media_worker_is_survived_by_the_call(talkers: Browser, voice_house: House) -> None:
    visitor = voice_house.caller(talkers)
    counselor = voice_house.staff(talkers, "chen", "/console/", with_voice=True)
    go_on_duty(counselor)
    come_in_by_voice(visitor, voice_house.url)
    visitor.get_by_role("button", name="试话筒").click()
    take_offer(counselor)
    pages = {"visitor": visitor, "chen": counselor}
    hear(pages, visitor={"chen"}, chen={"visitor"})
    listeners = ((visitor, "chen"), (counselor, "visitor"))
    assert [made(page) for page, _ in listeners] == [1, 1]
    with media_worker(voice_house):
        killed = time.monotonic()
        voice_house.service.supervisor.kill("voice", signal.SIGKILL)
        # What is heard on a connection made after the kill comes from the other worker.
        while not all(made(page) > 1 and heard(page) == {other} for page, other in listeners):
            assert time.monotonic() - killed < STALE_AFTER.total_seconds(), "no sound before a lease would have ended"
            visitor.wait_for_timeout(20)
        print(f"both hear again {time.monotonic() - killed:.2f} s after the kill")
        hear(pages, visitor={"chen"}, chen={"visitor"})
        expect(visitor.get_by_text(re.compile("正在和陈老师通话"))).to_be_visible(timeout=PATIENT_MS)
        say(visitor, "刚才断了一下，又好了。")
        sees(counselor, "刚才断了一下，又好了。")
        counselor.get_by_role("button", name="挂断，改用文字").click()
        expect(visitor.get_by_text("咨询员结束了通话，可以接着打字聊。")).to_be_visible()
    end_talk(visitor, counselor)
    leave_duty(counselor)
    assert voice_house.complaints == []


@pytest.fixture
def relay_port(tmp_path: Path) -> Iterator[int]:
    """A coturn of one's own on this machine; its absence is loud."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("NOT TESTED: calls through a relay; no `turnserver` on PATH (Debian: coturn)")
    port = free_port()
    told = f"-n --no-cli --no-tls --no-dtls --use-auth-secret --static-auth-secret={SECRET} --realm=e2e"
    places = f"--listening-ip=127.0.0.1 --relay-ip=127.0.0.1 --allow-loopback-peers --listening-port={port}"
    files = f"--log-file=stdout --pidfile={tmp_path}/pid --userdb={tmp_path}/users"
    process = subprocess.Popen(
        [program, *f"{told} {places} {files}".split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield port
    process.terminate()
    process.wait()


def test_a_caller_who_reaches_nothing_but_the_relay_talks_through_it(
    talkers: Browser, engines: Engines, relay_port: int
) -> None:
    urls = f"turn:127.0.0.1:{relay_port}?transport=udp"
    with running(engines, "relay_house", TURN_URLS=urls, TURN_SECRET=SECRET) as house:
        counselor = house.staff(talkers, "chen", "/console/", with_voice=True)
        go_on_duty(counselor)
        visitor = house.caller(talkers, relayed=True)
        come_in_by_voice(visitor, house.url)
        visitor.get_by_role("button", name="试话筒").click()
        take_offer(counselor)
        hear({"visitor": visitor, "chen": counselor}, visitor={"chen"}, chen={"visitor"})
        assert path_of(visitor)["kind"] == "relay"
        assert SECRET not in visitor.content()
        visitor.context.close()
        counselor.context.close()
        assert house.complaints == []


def test_a_frozen_media_worker_is_left_by_both_pages(talkers: Browser, voice_house: House) -> None:
    """Nothing closes and nothing refuses: only the silence tells."""
    visitor = voice_house.caller(talkers)
    counselor = voice_house.staff(talkers, "chen", "/console/", with_voice=True)
    go_on_duty(counselor)
    come_in_by_voice(visitor, voice_house.url)
    visitor.get_by_role("button", name="试话筒").click()
    take_offer(counselor)
    hear({"visitor": visitor, "chen": counselor}, visitor={"chen"}, chen={"visitor"})
    listeners = ((visitor, "chen"), (counselor, "visitor"))
    supervisor = voice_house.service.supervisor
    with media_worker(voice_house):
        frozen = time.monotonic()
        supervisor.kill("voice", signal.SIGSTOP)
        try:
            while not all(made(page) > 1 and heard(page) == {other} for page, other in listeners):
                assert time.monotonic() - frozen < PATIENT_MS / 1000, "no sound again"
                visitor.wait_for_timeout(20)
            print(f"both hear again {time.monotonic() - frozen:.2f} s after the freeze")
        finally:
            supervisor.kill("voice", signal.SIGCONT)
        counselor.get_by_role("button", name="挂断，改用文字").click()
        expect(visitor.get_by_text("咨询员结束了通话，可以接着打字聊。")).to_be_visible()
    end_talk(visitor, counselor)
    leave_duty(counselor)
    assert voice_house.complaints == []
