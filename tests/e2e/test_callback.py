"""Rather a call than the screen: asked for, the place kept while nobody is there, called, spoken, written up."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import House, axe
from tests.e2e.people import PATIENT_MS, answer_intake, come_in, go_on_duty

pytestmark = pytest.mark.browser
TELEPHONE = "138 0000 1234"


@pytest.mark.promise("R9")
def test_a_callback_from_the_wish_to_the_record(browser: Browser, open_house: House) -> None:
    visitor = open_house.page(browser, phone=True)
    come_in(visitor, open_house.url)
    answer_intake(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    visitor.get_by_text("可以让我们打电话给您").click()
    visitor.get_by_role("button", name="请打给我").click()
    expect(visitor.get_by_text("这个号码好像不完整")).to_be_visible()
    visitor.get_by_label("电话号码").fill(TELEPHONE)
    visitor.get_by_role("button", name="请打给我").click()
    expect(visitor.get_by_text("约好了，会打电话给您")).to_be_visible(timeout=PATIENT_MS)
    expect(visitor.get_by_text("会打到尾号 1234 的电话")).to_be_visible()
    assert axe(visitor) == []
    visitor.goto("about:blank")  # the telephone is in the pocket

    counselor = open_house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    counselor.get_by_role("button", name="接待").click(timeout=PATIENT_MS)
    panel = counselor.get_by_role("region", name="请回电话")
    expect(panel.locator('a[href="tel:13800001234"]')).to_be_visible(timeout=PATIENT_MS)
    panel.get_by_role("button", name="联系上了").click()
    counselor.get_by_role("button", name="结束对话").click()
    counselor.get_by_role("dialog").get_by_role("button", name=re.compile("^结束")).click()
    counselor.get_by_role("radio", name="已疏导").check()
    counselor.get_by_role("button", name="提交记录").click()
    expect(counselor.get_by_text("的记录已提交")).to_be_visible(timeout=PATIENT_MS)

    visitor.goto(open_house.url)
    expect(visitor.get_by_text("这次的对话结束了")).to_be_visible(timeout=PATIENT_MS)
    counselor.get_by_role("button", name="离岗").click()
    expect(counselor.get_by_role("button", name="上岗", exact=True)).to_be_visible(timeout=PATIENT_MS)
    assert open_house.complaints == []
    for page in (visitor, counselor):
        page.context.close()
