"""A media worker dies under a call, and people without UDP or behind a relay still talk."""

import re
import signal
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import House, media_worker
from tests.e2e.people import PATIENT_MS, go_on_duty, say, sees, take_offer
from tests.e2e.voices import come_in_by_voice, end_talk, hear, heard, leave_duty, path_of

pytestmark = [pytest.mark.browser, pytest.mark.promise("R11")]
AGAIN_WITHIN_S = 5.0


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
            assert time.monotonic() - killed < AGAIN_WITHIN_S, "no sound again"
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
