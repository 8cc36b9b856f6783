"""A visitor sees what is kept, keeps a code, comes back elsewhere with it, and has everything erased (R6, R8)."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from launcher.engines import Engines
from tests.e2e.conftest import House, axe
from tests.e2e.people import answer_intake, come_in, numbers_are_visible, say, sees
from tests.recordings_policy.canaries import hits

pytestmark = [pytest.mark.browser, pytest.mark.promise("R6"), pytest.mark.promise("R8")]
WORDS = "这句话只说给咨询员听"


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    if folder := os.environ.get("XINQIAO_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def talked(browser: Browser, house: House) -> Page:
    """Somebody who said something, ended, and follows the link to what is kept."""
    visitor = house.page(browser, phone=True)
    come_in(visitor, house.url)
    answer_intake(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    say(visitor, WORDS)
    sees(visitor, WORDS)
    visitor.get_by_role("button", name="不等了").click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    visitor.get_by_role("link", name=re.compile("查询码")).click()
    expect(visitor.get_by_role("heading", name="关于我，留了什么")).to_be_visible()
    return visitor


def test_from_the_end_of_a_talk_to_its_erasure(browser: Browser, open_house: House, engines: Engines) -> None:
    visitor = talked(browser, open_house)
    expect(visitor.get_by_role("heading", name="留下了什么")).to_be_visible()
    expect(visitor.get_by_text("最晚在")).to_be_visible(timeout=20_000)
    expect(visitor.get_by_text("还没有工作人员打开过")).to_be_visible()
    assert WORDS not in visitor.content()
    assert axe(visitor) == []
    visitor.get_by_role("button", name="生成查询码").click()
    code = visitor.locator(".kept-code").inner_text()
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    picture(visitor, "kept-390")
    visitor.context.close()

    later = open_house.page(browser)
    later.goto(f"{open_house.url}/kept/")
    numbers_are_visible(later)
    assert "心" not in later.title()
    later.get_by_role("button", name="查看").click()
    expect(later.get_by_text("请先填写查询码")).to_be_visible()
    later.get_by_label("查询码").fill("7K3M-9QXE-2HTN-4RWA")
    later.get_by_role("button", name="查看").click()
    expect(later.get_by_text("没有找到")).to_be_visible()
    picture(later, "kept-code-1440")
    assert axe(later) == []
    later.get_by_label("查询码").fill(code.lower().replace("-", " "))
    later.get_by_role("button", name="查看").click()
    expect(later.get_by_text("您本人（凭查询码）")).to_be_visible()
    later.get_by_role("button", name="申请删除全部内容").click()
    assert axe(later) == []
    later.get_by_role("button", name="确定删除").click()
    expect(later.get_by_text("您在")).to_be_visible()
    expect(later.get_by_text("您本人（凭查询码）")).to_be_visible()
    picture(later, "kept-1440")
    later.get_by_role("button", name="English").click()
    expect(later.get_by_text("You asked for erasure on")).to_be_visible()
    picture(later, "kept-en-1440")
    later.context.close()
    assert open_house.complaints == []
    # Tables, write-ahead log, Valkey's files, the service's own log, whatever was temporary: not a word of it.
    assert (engines.data / "log" / "xinqiao.log").stat().st_size
    assert hits([engines.data], (WORDS,)) == []
