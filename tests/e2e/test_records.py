"""Staff read the books in real pages: with a reason, through the gate, and behind glass only in pairs (R8)."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import House, axe
from tests.e2e.people import answer_intake, come_in, say, sees

pytestmark = [pytest.mark.browser, pytest.mark.promise("R8")]
WORDS = "这句话要有理由才能看"
CARD = "4111 1111 1111 1111"


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    if folder := os.environ.get("XINQIAO_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def verified_visitor(browser: Browser, house: House) -> tuple[Page, str]:
    """Somebody who said something and showed a card; and the contact's id."""
    visitor = house.page(browser, phone=True)
    come_in(visitor, house.url)
    answer_intake(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    say(visitor, WORDS)
    sees(visitor, WORDS)
    contact = visitor.evaluate("fetch('/api/v1/contacts/current').then((told) => told.json())")["contact"]
    visitor.goto(f"{house.url}/kept/")
    visitor.get_by_text("出示会员身份").click()
    visitor.get_by_label("号码").fill("4111 1111 1111 1112")
    visitor.get_by_role("button", name="出示", exact=True).click()
    expect(visitor.get_by_text("这个号码不对")).to_be_visible()
    visitor.get_by_label("号码").fill(CARD)
    visitor.get_by_role("button", name="出示", exact=True).click()
    expect(visitor.get_by_text("已核验：工会会员服务卡")).to_be_visible()
    assert axe(visitor) == []
    return visitor, contact


def look(page: Page, contact: str, what: str, why: str) -> None:
    """Fill in the form and open."""
    page.get_by_label("来访编号").fill(contact)
    page.get_by_label("看什么").select_option(what)
    page.get_by_label("为什么").select_option(why)
    page.get_by_role("button", name="打开并记录").click()


def test_words_need_a_reason_and_an_identity_needs_two_people(browser: Browser, open_house: House) -> None:
    visitor, contact = verified_visitor(browser, open_house)
    zhao = open_house.staff(browser, "zhao", "/records/")
    look(zhao, contact, "transcript", "complaint")
    expect(zhao.get_by_text("请填写依据文号")).to_be_visible()
    look(zhao, contact, "transcript", "supervision")
    expect(zhao.get_by_text(WORDS)).to_be_visible()
    expect(zhao.get_by_text("已记入查阅日志")).to_be_visible()
    assert axe(zhao) == []
    picture(zhao, "records-1440")
    zhao.get_by_role("button", name="看完了，关上").click()
    expect(zhao.get_by_text(WORDS)).to_have_count(0)
    look(zhao, contact, "identity", "break_glass")
    expect(zhao.get_by_text("需要先申请紧急查阅")).to_be_visible()
    zhao.get_by_label("依据文号").fill("110-77")
    zhao.get_by_role("button", name="申请紧急查阅").click()
    expect(zhao.get_by_text("已申请。")).to_be_visible()

    admin = open_house.staff(browser, "admin", "/records/")
    look(admin, contact, "record", "audit")
    expect(admin.get_by_text("身份已核验")).to_be_visible()
    admin.get_by_role("button", name="同意（半小时）").click()
    expect(admin.get_by_text("已同意，到")).to_be_visible()
    assert axe(admin) == []
    picture(admin, "records-admin-1440")
    admin.context.close()

    look(zhao, contact, "identity", "break_glass")
    expect(zhao.get_by_text(CARD.replace(" ", ""))).to_be_visible()
    zhao.context.close()
    visitor.reload()
    expect(visitor.get_by_text(re.compile("督导 . 号")).first).to_be_visible()
    expect(visitor.get_by_text("有两名工作人员批准了一次紧急查阅")).to_be_visible()
    picture(visitor, "kept-looked-390")
    visitor.context.close()
    assert open_house.complaints == []
