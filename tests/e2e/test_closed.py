"""Outside the published hours: when it opens next, the 24 h numbers, and danger is let in while anybody is on duty."""

import contextlib
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from launcher.engines import Engines
from launcher.service import run_manage
from tests.e2e.conftest import House, axe, closed_hours
from tests.e2e.people import PATIENT_MS, come_in, go_on_duty, numbers_are_visible, say, sees, take_offer

pytestmark = [pytest.mark.browser, pytest.mark.promise("R7")]


def test_a_closed_line_says_when_it_opens_and_keeps_what_is_written(browser: Browser, closed_house: House) -> None:
    visitor = closed_house.page(browser, phone=True)
    visitor.goto(closed_house.url)
    expect(visitor.get_by_text("现在不在服务时间")).to_be_visible()
    expect(visitor.get_by_text(re.compile(r"下次开放：.*(14:00|02:00|2:00)"))).to_be_visible()
    numbers_are_visible(visitor)
    come_in(visitor, closed_house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name=re.compile("跳过")).click()
    expect(visitor.get_by_role("heading", name="现在没有咨询员值班")).to_be_visible()
    numbers_are_visible(visitor)
    say(visitor, "那我先写在这里。")
    sees(visitor, "那我先写在这里。")
    visitor.reload()
    sees(visitor, "那我先写在这里。")
    visitor.context.close()
    assert closed_house.complaints == []


def test_a_house_without_a_line_says_so_and_shows_the_numbers(browser: Browser, closed_house: House) -> None:
    visitor = closed_house.page(browser, phone=True)
    visitor.route("**/api/v1/lines", lambda route: route.fulfill(json=[]))
    visitor.goto(closed_house.url)
    expect(visitor.get_by_text("这里还没有开通服务")).to_be_visible()
    expect(visitor.get_by_role("button", name="开始聊聊")).to_be_disabled()
    numbers_are_visible(visitor)
    visitor.context.close()
    assert closed_house.complaints == []


@pytest.mark.promise("R8")
@pytest.mark.promise("R9")
def test_words_left_at_a_closed_line_are_read_and_answered_by_whoever_takes_them(
    browser: Browser, closed_house: House
) -> None:
    visitor = closed_house.page(browser, phone=True)
    come_in(visitor, closed_house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name=re.compile("跳过")).click()
    expect(visitor.get_by_role("heading", name="现在没有咨询员值班")).to_be_visible()
    say(visitor, "工资拖了三个月，不知道找谁。")
    expect(visitor.get_by_text("交给下一班的咨询员看")).to_be_visible(timeout=PATIENT_MS)
    counselor = closed_house.staff(browser, "lin", "/console/")
    contact = visitor.request.get(f"{closed_house.url}/api/v1/contacts/current").json()["contact"]
    task = counselor.get_by_role("article", name=f"来访 {contact[-6:]}").filter(has_text="非服务时间的留言")
    task.get_by_role("button", name="我来跟进").click(timeout=PATIENT_MS)
    task.get_by_role("button", name="看留言").click(timeout=PATIENT_MS)
    expect(task.get_by_text("工资拖了三个月，不知道找谁。")).to_be_visible(timeout=PATIENT_MS)
    task.get_by_label("答复").fill("看到您的留言了，明早十点我在。")
    task.get_by_role("button", name="发出答复").click()
    expect(task.get_by_text("已发出")).to_be_visible(timeout=PATIENT_MS)
    assert axe(counselor) == []
    sees(visitor, "看到您的留言了，明早十点我在。")
    expect(visitor.get_by_text("咨询员已经答复，就在上面。")).to_be_visible()
    visitor.context.close()
    counselor.context.close()
    assert closed_house.complaints == []


@contextlib.contextmanager
def opened(house: House, engines: Engines) -> Iterator[None]:
    """The line is open around the clock for a while; afterwards it is closed again, as the other stories want it."""
    run_manage(house.service.env, engines.log, "seed_demo", "--hours", "00:00-24:00")
    yield
    run_manage(house.service.env, engines.log, "seed_demo", "--hours", closed_hours())


def look_again(visitor: Page, key: Locator) -> None:
    """Take the phone out of the pocket until the page has noticed; by itself it looks every half minute."""
    deadline = time.monotonic() + PATIENT_MS / 1000
    while not key.is_visible() and time.monotonic() < deadline:
        visitor.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        visitor.wait_for_timeout(200)
    expect(key).to_be_visible()


def test_a_line_that_opens_takes_whoever_wrote_before_into_the_queue(
    browser: Browser, closed_house: House, engines: Engines
) -> None:
    house = closed_house
    visitor = house.page(browser, phone=True)
    come_in(visitor, house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name=re.compile("跳过")).click()
    say(visitor, "那我先写在这里。")
    expect(visitor.get_by_text("交给下一班的咨询员看")).to_be_visible()
    counselor = house.staff(browser, "wang", "/console/")
    go_on_duty(counselor)
    with opened(house, engines):
        key = visitor.get_by_role("button", name="现在排队")
        look_again(visitor, key)
        key.click()
        take_offer(counselor)
        sees(counselor, "那我先写在这里。")
    visitor.context.close()
    counselor.context.close()
    assert house.complaints == []


def test_somebody_in_danger_is_let_in_while_a_counselor_is_on_duty(browser: Browser, closed_house: House) -> None:
    counselor = closed_house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    visitor = closed_house.page(browser, phone=True)
    come_in(visitor, closed_house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_label("有过", exact=True).check()
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_label("想过，就在这几天").check()
    numbers_are_visible(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    take_offer(counselor)
    expect(counselor.get_by_text("紧急").first).to_be_visible()
    say(counselor, "我在，您现在安全吗？")
    sees(visitor, "我在，您现在安全吗？")
    visitor.context.close()
    counselor.context.close()
    assert closed_house.complaints == []
