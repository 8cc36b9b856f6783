"""One event brings many: a supervisor opens it, tells visitors, counts a contact with it, and closes it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import House, axe
from tests.e2e.people import PATIENT_MS, answer_intake, come_in, go_on_duty, take_offer

pytestmark = pytest.mark.browser
TITLE = "三号车间停产"


def test_an_incident_from_its_opening_to_its_end(browser: Browser, open_house: House) -> None:
    lead = open_house.staff(browser, "zhao", "/wallboard/")
    lead.get_by_role("button", name="突发事件").click()
    lead.get_by_role("button", name="开启").click()
    expect(lead.get_by_text("请至少写两个字。")).to_be_visible()
    lead.get_by_label("叫什么").fill(TITLE)
    lead.get_by_label("目前知道的").fill("停产到周五，工资照发。今晚八点再说明。")
    lead.get_by_label("同时进入高峰模式").uncheck()
    assert axe(lead) == []
    lead.get_by_role("button", name="开启").click()
    banner = lead.get_by_role("region", name="突发事件")
    expect(banner.get_by_text(TITLE)).to_be_visible(timeout=PATIENT_MS)

    visitor = open_house.page(browser, phone=True)
    visitor.goto(open_house.url)
    expect(visitor.get_by_text("工资照发")).to_be_visible(timeout=PATIENT_MS)
    come_in(visitor, open_house.url)
    answer_intake(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()

    counselor = open_house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    take_offer(counselor)
    counselor.get_by_label("这次来访与哪个突发事件有关").select_option(label=TITLE)
    expect(banner.get_by_text("共计入 1 人次，等候 0，交谈 1")).to_be_visible(timeout=PATIENT_MS)
    assert axe(lead) == []
    assert axe(counselor) == []
    lead.get_by_label("计入突发事件").select_option(label="不归入突发事件")
    expect(counselor.get_by_label("这次来访与哪个突发事件有关")).to_have_value("", timeout=PATIENT_MS)

    lead.get_by_role("button", name="更新说法").click()
    lead.get_by_label("目前知道的").fill("已经复工。")
    lead.get_by_role("button", name="更新", exact=True).click()
    expect(banner.get_by_text("已经复工。")).to_be_visible(timeout=PATIENT_MS)
    lead.get_by_role("button", name=f"结束 {TITLE}").click()
    lead.get_by_role("dialog").get_by_role("button", name="结束").click()
    expect(banner).to_be_hidden(timeout=PATIENT_MS)

    visitor.get_by_role("button", name="结束", exact=True).click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    counselor.get_by_role("radio", name="已疏导").check()
    counselor.get_by_role("button", name="提交记录").click()
    expect(counselor.get_by_text("的记录已提交")).to_be_visible(timeout=PATIENT_MS)
    counselor.get_by_role("button", name="离岗").click()
    expect(counselor.get_by_role("button", name="上岗", exact=True)).to_be_visible(timeout=PATIENT_MS)
    assert open_house.complaints == []
    for page in (lead, visitor, counselor):
        page.context.close()
