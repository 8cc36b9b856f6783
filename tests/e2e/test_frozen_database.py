"""PostgreSQL stops answering in the middle of a talk: the page says so, keeps the words, and sends them in order."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from launcher.engines import Engines
from tests.e2e.conftest import House
from tests.e2e.people import PATIENT_MS, come_in, go_on_duty, numbers_are_visible, say, sees, take_offer, transcript
from tests.faults.fleet import children

pytestmark = [pytest.mark.browser, pytest.mark.promise("R11")]
FROZEN_S = 9.0  # longer than one deadline of the store


@contextmanager
def frozen(engines: Engines) -> Iterator[None]:
    """Stop PostgreSQL and all of its processes for at least FROZEN_S."""
    pid = engines.supervisor.pid("postgres")
    assert pid is not None
    stopped = [pid, *children(pid)]
    for each in stopped:
        os.kill(each, signal.SIGSTOP)
    until = time.monotonic() + FROZEN_S
    try:
        yield
        while time.monotonic() < until:
            time.sleep(0.1)
    finally:
        for each in stopped:
            os.kill(each, signal.SIGCONT)


def test_words_written_while_the_database_is_frozen_are_kept_and_arrive_in_order(
    browser: Browser, open_house: House, engines: Engines
) -> None:
    counselor = open_house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    visitor = open_house.page(browser, phone=True)
    come_in(visitor, open_house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name="跳过").first.click()
    take_offer(counselor)
    say(counselor, "我在听。")
    sees(visitor, "我在听。")
    words = [f"第{number}句，库停着的时候写的" for number in range(1, 5)]
    banner = visitor.get_by_text("正在重新连接，您写的话都保留着。")
    with frozen(engines):
        for text in words:
            say(visitor, text)
        expect(banner).to_be_visible(timeout=8_000)
        for text in words:
            sees(visitor, text)
        numbers_are_visible(visitor)
        say(counselor, "我也还在。")
        expect(counselor.get_by_text("正在重新连接，您写的话都保留着。")).to_be_visible(timeout=8_000)
    for text in words:
        sees(counselor, text)
    sees(visitor, "我也还在。")
    expect(banner).to_be_hidden(timeout=PATIENT_MS)
    for page in (visitor, counselor):
        shown = transcript(page).locator(".bubble-text").all_inner_texts()
        assert [text for bubble in shown for text in words if bubble.endswith(text)] == words
    visitor.get_by_role("button", name="结束", exact=True).click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    counselor.get_by_role("radio", name="已疏导").check()
    counselor.get_by_role("button", name="提交记录").click()
    expect(counselor.get_by_text("还没有选中的来访")).to_be_visible(timeout=PATIENT_MS)
    counselor.get_by_role("button", name="离岗").click()
    expect(counselor.get_by_role("button", name="上岗", exact=True)).to_be_visible()
    visitor.context.close()
    counselor.context.close()
    assert open_house.complaints == []
