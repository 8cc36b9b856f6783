"""A referral and a follow-up in real browsers: a partner's phone, a link nobody opens, somebody who left in danger."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from launcher.engines import Engines
from tests.e2e.case_people import (
    come_calmly,
    off_duty,
    panel,
    pictures,
    publish,
    quick_house,
    say_goodbye,
    tell_danger,
    unfold,
    write_up,
)
from tests.e2e.conftest import PHONE, House, axe
from tests.e2e.people import PATIENT_MS, go_on_duty, numbers_are_visible, say, sees, take_offer

pytestmark = pytest.mark.browser

NEED = "希望有人陪着去一次医院"


@pytest.fixture(scope="module")
def house(engines: Engines) -> Iterator[House]:
    """A line with short timers."""
    with quick_house(engines, "referral_house") as running:
        yield running


@pytest.fixture(autouse=True)
def empty_desk(browser: Browser) -> Iterator[None]:
    """Every story begins with nobody there."""
    yield
    off_duty(browser)


def talking(browser: Browser, house: House, name: str = "chen") -> tuple[Page, Page]:
    """A counselor and a visitor in a talk."""
    counselor = house.staff(browser, name, "/console/")
    go_on_duty(counselor)
    visitor = house.page(browser, phone=True)
    come_calmly(visitor, house)
    take_offer(counselor)
    say(visitor, "最近整夜睡不着")
    sees(counselor, "最近整夜睡不着")
    return counselor, visitor


def refer(counselor: Page, visitor: Page, *, next_: str = "") -> Locator:
    """Offer, agree to what is needed and to nothing else, send; the console's panel."""
    found = panel(counselor, "转介")
    form = unfold(found, "发起转介")
    form.get_by_label("机构").first.select_option(label="示例市心理医院（演示）")
    if next_:
        form.get_by_label("如果暂不能接收，再问").select_option(label=next_)
    form.get_by_label("希望得到什么帮助").fill(NEED)
    form.get_by_label("怎样称呼").fill("小李")
    for size in (PHONE, ViewportSize(width=1440, height=900)):  # a tablet that is turned keeps what was filled in
        counselor.set_viewport_size(size)
    expect(form.get_by_label("希望得到什么帮助")).to_have_value(NEED)
    form.get_by_role("button", name="请来访者过目并同意").click()
    visitor.get_by_label(NEED).check(timeout=PATIENT_MS)
    visitor.get_by_role("button", name="同意转告勾选的内容").click()
    found.get_by_role("button", name="发出交接包").click(timeout=PATIENT_MS)
    expect(found.get_by_text("已发出，等回执")).to_be_visible(timeout=PATIENT_MS)
    return found


def link_of(found: Locator) -> str:
    """The link that is handed over."""
    found.get_by_role("button", name="取交接链接").click()
    return found.get_by_label("把链接亲手转交给机构").input_value(timeout=PATIENT_MS)


@pytest.mark.promise("R9")
def test_a_partner_takes_it_on_a_phone_and_comes_into_the_talk(browser: Browser, house: House) -> None:
    counselor, visitor = talking(browser, house)
    found = refer(counselor, visitor)
    partner = house.page(browser, phone=True)
    partner.goto(link_of(found))
    expect(partner.get_by_text(NEED)).to_be_visible()
    expect(partner.get_by_text("小李")).to_have_count(0)  # shown to the visitor, and not ticked
    pictures(partner, "partner-packet")
    pictures(counselor, "console-referral", (1440,))
    assert axe(partner) == []
    assert partner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    partner.get_by_label("给热线的话").fill("周四上午都可以")
    partner.get_by_role("button", name="接收", exact=True).click()
    expect(partner.get_by_text("已收到您的回复，谢谢。")).to_be_visible()
    expect(found.get_by_text("对方已接收")).to_be_visible(timeout=PATIENT_MS)
    expect(found.get_by_text("周四上午都可以")).to_be_visible()

    found.get_by_role("button", name="请机构进入对话").click()
    visitor.get_by_role("button", name="好，请进来").click(timeout=PATIENT_MS)
    expect(partner.get_by_role("heading", name="三方对话")).to_be_visible(timeout=PATIENT_MS)
    say(visitor, "您好，我有点怕一个人去")
    expect(partner.get_by_text("您好，我有点怕一个人去")).to_be_visible(timeout=PATIENT_MS)
    expect(partner.get_by_text("最近整夜睡不着")).to_have_count(0)  # said before the partner came in
    partner.get_by_placeholder("想说的话").fill("我在门口接您，不用报全名。")
    partner.get_by_role("button", name="发送").click()
    sees(visitor, "我在门口接您，不用报全名。")
    sees(counselor, "我在门口接您，不用报全名。")
    pictures(partner, "partner-talk")
    assert axe(visitor) == []
    partner.get_by_role("button", name="离开对话").click()
    say(visitor, "谢谢你们")
    sees(counselor, "谢谢你们")
    expect(partner.get_by_text("谢谢你们")).to_have_count(0)
    partner.reload()
    partner.get_by_role("button", name="已到访").click()
    expect(partner.get_by_text("这次转介到此结束。")).to_be_visible()
    partner.reload()
    expect(partner.get_by_text("这个链接已经失效。")).to_be_visible()
    say_goodbye(visitor)
    write_up(counselor, "转介")
    assert house.complaints == []


@pytest.mark.promise("R9")
def test_a_referral_nobody_answers_is_passed_on_and_reaches_a_human(
    browser: Browser, engines: Engines, house: House
) -> None:
    publish(house, engines, "3 * seconds")
    counselor, visitor = talking(browser, house, "lin")
    found = refer(counselor, visitor, next_="示例心理危机干预中心（演示）")
    first = link_of(found)
    expect(found.get_by_text("示例心理危机干预中心（演示） ·")).to_be_visible(timeout=PATIENT_MS)
    expect(found.get_by_text("没有机构接收，请另想办法")).to_be_visible(timeout=PATIENT_MS)
    late = house.page(browser, phone=True)
    late.goto(first)
    expect(late.get_by_text("这个链接已经失效。")).to_be_visible()
    supervisor = house.staff(browser, "zhao", "/console/")
    task = panel(supervisor, "随访与待办").get_by_role("article").filter(has_text="没有机构接收")
    expect(task).to_have_count(1, timeout=PATIENT_MS)
    ending = unfold(found, "结束转介")
    ending.get_by_label("结果").select_option(label="另有帮助")
    ending.get_by_label("说明").fill("家人陪同就医")
    ending.get_by_role("button", name="结束转介").click()
    expect(found.get_by_text("没有机构接收，请另想办法")).to_have_count(0, timeout=PATIENT_MS)
    expect(task).to_have_count(0, timeout=PATIENT_MS)
    review = house.staff(browser, "zhao", "/review/")
    silent = review.get_by_role("row").filter(has_text="示例心理危机干预中心（演示）")
    expect(silent).to_have_count(1, timeout=PATIENT_MS)
    expect(review.get_by_role("columnheader", name="未答复")).to_be_visible()
    expect(review.get_by_text("个案与日志逐条核对，一致。")).to_be_visible()
    expect(review.get_by_text("没有悬着的转介。")).to_be_visible()
    expect(review.get_by_role("heading", name="风险提示反馈")).to_be_visible()
    assert axe(review) == []
    pictures(review, "review")
    review.set_viewport_size({"width": 390, "height": 844})
    assert review.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(review) == []
    assert house.complaints == []


@pytest.mark.promise("R9")
def test_somebody_who_left_in_danger_is_asked_after_until_a_person_says_how_it_ended(
    browser: Browser, house: House
) -> None:
    supervisor = house.staff(browser, "zhao", "/console/")
    visitor = house.page(browser, phone=True)
    tell_danger(visitor, house)
    numbers_are_visible(visitor)
    visitor.locator("summary", has_text="需要我们之后联系您吗").click(timeout=PATIENT_MS)
    visitor.get_by_label("号码或账号").fill("微信 demo-001")
    visitor.get_by_role("button", name="愿意被联系").click()
    expect(visitor.get_by_text("已记下：微信 demo-001")).to_be_visible(timeout=PATIENT_MS)
    visitor.context.close()  # the page is closed; the place is kept for thirty seconds, then nobody is there any more
    tasks = panel(supervisor, "随访与待办").get_by_role("article").filter(has_text="留有联系方式")
    expect(tasks.get_by_text("随访到期，请联系")).to_be_visible(timeout=PATIENT_MS + 15_000)
    tasks.get_by_label("指派给").select_option(label="赵督导")
    tasks.get_by_role("button", name="指派", exact=True).click()
    record = unfold(tasks, "记录联系")
    expect(record.get_by_text("微信 demo-001")).to_be_visible(timeout=PATIENT_MS)
    record.get_by_label("这次联系").select_option(label="联系上了")
    record.get_by_label("说明").first.fill("情绪平稳,家人在旁")
    record.get_by_role("button", name="记下这次联系").click()
    expect(tasks.get_by_text("已联系 1 次")).to_be_visible(timeout=PATIENT_MS)
    pictures(supervisor, "console-follow-up", (1440,))
    record.get_by_label("结果").select_option(label="情况平稳")
    record.get_by_label("说明").last.fill("已约定下次来访")
    record.get_by_role("button", name="结束随访").click()
    expect(tasks).to_have_count(0, timeout=PATIENT_MS)
    assert house.complaints == []


def test_a_place_at_a_station_is_booked_by_the_visitor_and_confirmed_by_the_station(
    browser: Browser, house: House
) -> None:
    counselor, visitor = talking(browser, house)
    say_goodbye(visitor)
    visitor.locator("summary", has_text="预约到心灵驿站面谈").click()
    visitor.get_by_label("去哪里").select_option(label="东城职工心灵驿站（演示）")
    slots = visitor.locator("details", has_text="预约到心灵驿站面谈").get_by_role("button")
    slots.last.click()
    expect(visitor.get_by_text("已约好：")).to_be_visible(timeout=PATIENT_MS)
    code = visitor.get_by_text("预约码").inner_text()
    digits = "".join(each for each in code if each.isdigit())[:4]
    assert axe(visitor) == []
    answer = counselor.request.get(f"{house.url}/api/v1/visits/demo-station-east/link")
    station = house.page(browser, phone=True)
    station.goto(answer.json()["link"])
    expect(station.get_by_text(f"预约码 {digits}")).to_be_visible()
    pictures(station, "partner-agenda")
    pictures(visitor, "visitor-appointment")
    assert axe(station) == []
    write_up(counselor, "预约")
    visitor.get_by_role("button", name="取消预约").click()
    expect(visitor.get_by_label("去哪里")).to_be_visible(timeout=PATIENT_MS)
    station.reload()
    expect(station.get_by_text("暂时没有预约。")).to_be_visible()
    assert house.complaints == []
