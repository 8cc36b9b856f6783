"""A worker writes in Chinese and a counselor answers; a supervisor sees it happen; whatever dies, it goes on."""

import re
import signal

import pytest
from playwright.sync_api import Browser, Page, expect

from launcher.engines import Engines
from tests.e2e.conftest import House
from tests.e2e.people import (
    PATIENT_MS,
    answer_intake,
    come_in,
    go_on_duty,
    numbers_are_visible,
    say,
    sees,
    take_offer,
    transcript,
)

pytestmark = pytest.mark.browser


def leave_duty(counselor: Page) -> None:
    """Go home, so that the next story starts with an empty desk."""
    counselor.get_by_role("button", name="离岗").click()
    expect(counselor.get_by_role("button", name="上岗", exact=True)).to_be_visible()
    counselor.context.close()


def write_up(counselor: Page) -> None:
    """Choose how it ended and submit."""
    counselor.get_by_role("radio", name="已疏导").check()
    counselor.get_by_role("button", name="提交记录").click()
    expect(counselor.get_by_text("还没有选中的来访")).to_be_visible(timeout=PATIENT_MS)


def test_a_conversation_from_the_first_click_to_the_wrap_up(browser: Browser, open_house: House) -> None:
    wallboard = open_house.staff(browser, "zhao", "/wallboard/")
    visitor = open_house.page(browser, phone=True)
    come_in(visitor, open_house.url)
    numbers_are_visible(visitor)
    answer_intake(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    expect(visitor.get_by_text("您是下一位")).to_be_visible()
    numbers_are_visible(visitor)
    say(visitor, "等的时候先写一句")
    expect(wallboard.get_by_role("table").first.get_by_role("row")).to_have_count(2, timeout=PATIENT_MS)

    counselor = open_house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    take_offer(counselor)
    sees(counselor, "等的时候先写一句")
    expect(visitor.get_by_text(re.compile("陈老师")).first).to_be_visible()
    say(counselor, "您好，我是陈老师，我在听。")
    sees(visitor, "您好，我是陈老师，我在听。")
    say(visitor, "最近跑单到半夜，睡不着。")
    sees(counselor, "最近跑单到半夜，睡不着。")
    expect(wallboard.get_by_text("现在没有人等候。")).to_be_visible(timeout=PATIENT_MS)
    expect(wallboard.get_by_text("陈老师").first).to_be_visible()

    visitor.reload()
    for text in ("等的时候先写一句", "您好，我是陈老师，我在听。", "最近跑单到半夜，睡不着。"):
        sees(visitor, text)
    say(visitor, "刚才断了一下。")
    sees(counselor, "刚才断了一下。")
    counselor.reload()
    counselor.get_by_role("button", name=re.compile("号")).first.click()
    sees(counselor, "刚才断了一下。")
    numbers_are_visible(visitor)

    visitor.get_by_role("button", name="结束", exact=True).click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    expect(visitor.get_by_role("heading", name="这次的对话结束了")).to_be_visible()
    numbers_are_visible(visitor)
    write_up(counselor)
    leave_duty(counselor)
    wallboard.context.close()
    visitor.context.close()
    assert open_house.complaints == []


def test_the_talk_survives_the_death_of_web_valkey_and_clock(
    browser: Browser, open_house: House, engines: Engines
) -> None:
    counselor = open_house.staff(browser, "lin", "/console/")
    go_on_duty(counselor)
    visitor = open_house.page(browser, phone=True)
    come_in(visitor, open_house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name=re.compile("跳过")).click()
    take_offer(counselor)
    said: list[str] = []

    def exchange(word: str) -> None:
        for speaker, listener, text in ((visitor, counselor, f"我说{word}"), (counselor, visitor, f"我听{word}")):
            say(speaker, text)
            sees(listener, text)
            said.append(text)

    exchange("开始")
    processes = open_house.service.supervisor
    for owner, name in ((processes, "web"), (engines.supervisor, "valkey"), (processes, "clock")):
        deaths = owner.deaths(name)
        owner.kill(name, signal.SIGKILL)
        assert owner.wait_for_death(name, deaths + 1, 10)
        exchange(f"在{name}倒下之后")
    for page in (visitor, counselor):
        for text in said:
            sees(page, text)
        bubbles = transcript(page).locator(".bubble-text").all_inner_texts()
        shown = [text for bubble in bubbles for text in said if bubble.endswith(text)]
        assert shown == said
    visitor.get_by_role("button", name="结束", exact=True).click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    write_up(counselor)
    leave_duty(counselor)
    visitor.context.close()
    assert open_house.complaints == []
