"""Every page: nothing wrong for axe, nothing asked of third parties, and a quick way out that leaves nothing behind."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import House, axe
from tests.e2e.people import answer_intake, come_in, numbers_are_visible, say, sees

pytestmark = pytest.mark.browser
CANARY = "金丝雀一号"


def test_axe_finds_nothing_on_any_page(browser: Browser, open_house: House) -> None:
    visitor = open_house.page(browser, phone=True)
    visitor.goto(open_house.url)
    expect(visitor.get_by_role("button", name="开始聊聊")).to_be_visible()
    found = {"landing": axe(visitor)}
    come_in(visitor, open_house.url)
    found["intake"] = axe(visitor)
    answer_intake(visitor, "有过")
    visitor.get_by_role("button", name="下一步").click()
    found["danger"] = axe(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    expect(visitor.get_by_label("写给对方的话")).to_be_visible()
    found["waiting"] = axe(visitor)
    for name, path in (("chen", "/console/"), ("zhao", "/wallboard/")):
        page = open_house.staff(browser, name, path)
        expect(page.get_by_text(re.compile("上岗|四个要紧的数")).first).to_be_attached()
        found[path] = axe(page)
        page.context.close()
    sign_in = open_house.page(browser)
    sign_in.goto(f"{open_house.url}/accounts/login/")
    found["sign-in"] = axe(sign_in)
    assert {place: faults for place, faults in found.items() if faults} == {}
    assert open_house.complaints == []
    visitor.get_by_role("button", name="不等了").click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    visitor.context.close()


def left_behind(page: Page) -> dict[str, object]:
    """What a browser keeps for this origin."""
    kept: dict[str, object] = page.evaluate(
        """async () => ({local: Object.keys(localStorage), session: Object.keys(sessionStorage),
        databases: (await indexedDB.databases()).map(one => one.name), caches: await caches.keys()})"""
    )
    return kept


@pytest.mark.parametrize("way", ["button", "escape"])
def test_quick_exit_leaves_nothing_behind(browser: Browser, open_house: House, way: str) -> None:
    visitor = open_house.page(browser, phone=True)
    visitor.route("https://www.weather.com.cn/**", lambda route: route.fulfill(body="晴"))
    come_in(visitor, open_house.url)
    answer_intake(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    say(visitor, CANARY)
    sees(visitor, CANARY)
    assert "心" not in visitor.title()
    if way == "button":
        visitor.get_by_role("button", name=re.compile("快速离开")).click()
    else:
        for _ in range(3):
            visitor.keyboard.press("Escape")
    visitor.wait_for_url("https://www.weather.com.cn/**")
    visitor.goto(f"{open_house.url}/")
    expect(visitor.get_by_role("button", name="开始聊聊")).to_be_visible()
    assert CANARY not in visitor.content()
    assert left_behind(visitor) == {"local": [], "session": [], "databases": [], "caches": []}
    assert [cookie["name"] for cookie in visitor.context.cookies(open_house.url) if "contact" in cookie["name"]] == []
    visitor.context.close()
    open_house.complaints[:] = [complaint for complaint in open_house.complaints if "weather.com.cn" not in complaint]
    assert open_house.complaints == []


def test_the_numbers_stay_when_the_service_is_away(browser: Browser, open_house: House) -> None:
    visitor = open_house.page(browser, phone=True)
    visitor.goto(open_house.url)
    expect(visitor.get_by_role("button", name="开始聊聊")).to_be_visible()
    visitor.context.set_offline(True)
    come_in_button = visitor.get_by_role("button", name="开始聊聊")
    come_in_button.click()
    visitor.get_by_role("button", name="我知道了，继续").click()
    expect(visitor.get_by_text(re.compile("没有接通|连不上"))).to_be_visible()
    numbers_are_visible(visitor)
    visitor.context.set_offline(False)
    visitor.context.close()
