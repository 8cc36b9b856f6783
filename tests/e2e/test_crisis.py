"""A crisis in real browsers: from the waiting room, in the middle of a talk, and with the counselor gone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from launcher.engines import Engines
from tests.e2e.case_people import (
    alarm,
    close_escalation,
    come_calmly,
    off_duty,
    panel,
    pictures,
    quick_house,
    say_goodbye,
    take_alarm,
    tell_danger,
    unfold,
    write_up,
)
from tests.e2e.conftest import House, axe
from tests.e2e.people import PATIENT_MS, go_on_duty, numbers_are_visible, say, sees, take_offer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(engines: Engines) -> Iterator[House]:
    """A line with short timers."""
    with quick_house(engines, "crisis_house") as running:
        yield running


@pytest.fixture(autouse=True)
def empty_desk(browser: Browser) -> Iterator[None]:
    """Every story begins with nobody there."""
    yield
    off_duty(browser)


@pytest.mark.promise("R3")
def test_a_waiting_visitor_in_danger_is_on_the_supervisors_screen_and_somebody_comes(
    browser: Browser, house: House
) -> None:
    supervisor = house.staff(browser, "zhao", "/console/")
    visitor = house.page(browser, phone=True)
    tell_danger(visitor, house, acted=True)
    expect(alarm(supervisor)).to_contain_text("有即时危险", timeout=5_000)
    numbers_are_visible(visitor)
    expect(visitor.get_by_text("请现在就打 120").first).to_be_visible()
    take_alarm(supervisor)
    expect(alarm(supervisor)).to_contain_text("赵督导 已接手")
    crisis = house.staff(browser, "zhou", "/console/")
    go_on_duty(crisis)
    take_offer(crisis)
    say(crisis, "我是周老师，我在。您现在在哪里？")
    sees(visitor, "我是周老师，我在。您现在在哪里？")
    say(visitor, "在家，药还在桌上")
    sees(crisis, "在家，药还在桌上")
    found = panel(crisis, "危机处置")
    found.get_by_label("主动投入，稳住关系").check()
    found.get_by_label("问清现在在哪里、身边有谁").check()
    expect(found.get_by_text("处置清单 2/4")).to_be_visible(timeout=PATIENT_MS)

    rescue = unfold(found, "主动救援")
    rescue.get_by_label("为什么必须突破保密").fill("已服药,独自在家,说不出话")
    rescue.get_by_label("已与哪位同事商量").select_option(label="赵督导")
    rescue.get_by_role("button", name="已经联系，记录下来").click()
    expect(rescue.get_by_text("救援已联系，等待确认。")).to_be_visible(timeout=PATIENT_MS)
    supervisors = unfold(panel(supervisor, "危机处置"), "督导结束这次升级")
    expect(supervisors.get_by_text("救援还没有确认到达")).to_be_visible(timeout=PATIENT_MS)
    rescue.get_by_label("救援已到达（怎么知道的）").fill("120 回电,人已清醒")
    rescue.get_by_role("button", name="确认到达").click()
    assert axe(crisis) == []
    close_escalation(supervisor, "救援已确认", "120 已接走,家属在场")
    expect(crisis.get_by_text("刚才不容易").first).to_be_visible(timeout=PATIENT_MS)
    say_goodbye(visitor)
    write_up(crisis, "危机干预")
    expect(panel(crisis, "随访与待办").get_by_role("article")).to_have_count(1, timeout=PATIENT_MS)
    assert house.complaints == []


@pytest.mark.promise("R3")
def test_in_the_middle_of_a_talk_a_colleague_comes_in_and_the_plan_is_the_visitors_to_keep(
    browser: Browser, house: House
) -> None:
    counselor = house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    visitor = house.page(browser, phone=True)
    come_calmly(visitor, house)
    take_offer(counselor)
    say(visitor, "我现在站在楼顶边上，往下看")
    expect(panel(counselor, "风险").get_by_text("系统提示得对吗？")).to_be_visible(timeout=PATIENT_MS)
    wallboard = house.staff(browser, "zhao", "/wallboard/")
    expect(alarm(wallboard)).to_be_visible(timeout=PATIENT_MS)
    crisis = house.staff(browser, "zhou", "/console/")
    take_alarm(crisis)
    unfold(panel(counselor, "风险"), "系统提示得对吗").get_by_role("button", name="对", exact=True).first.click()
    expect(counselor.get_by_text("已记下，月度报告里会汇总。")).to_be_visible(timeout=PATIENT_MS)
    panel(crisis, "危机处置").get_by_role("button", name="加入这次对话").click()
    expect(visitor.get_by_text(re.compile("也来到了对话里"))).to_be_visible(timeout=PATIENT_MS)
    say(crisis, "我和陈老师一起陪您，先往里退两步好吗？")
    sees(visitor, "我和陈老师一起陪您，先往里退两步好吗？")
    sees(counselor, "我和陈老师一起陪您，先往里退两步好吗？")

    plan = unfold(panel(counselor, "危机处置"), "安全计划")
    plan.get_by_label("什么时候我知道自己又要难受了").fill("半夜睡不着,越想越多")
    plan.get_by_label("我可以求助的亲友").fill("姐姐,随时能打电话")
    plan.get_by_role("button", name="保存并给来访者看").click()
    visitor.locator("summary", has_text="安全计划").click(timeout=PATIENT_MS)
    expect(visitor.get_by_text("姐姐,随时能打电话")).to_be_visible()
    pictures(counselor, "console-crisis", (1440,))
    expect(alarm(counselor).get_by_role("button", name="加入对话")).to_have_count(0)  # it is theirs already
    pictures(visitor, "visitor-safety-plan")
    pictures(wallboard, "wallboard-alarm")
    with visitor.expect_download() as kept:
        visitor.get_by_role("button", name="存成文字文件").click()
    text = kept.value.path().read_text("utf-8")
    assert "半夜睡不着,越想越多" in text
    assert "12356" in text
    assert axe(visitor) == []
    supervisor = house.staff(browser, "zhao", "/console/")
    alarm(supervisor).get_by_role("button", name="加入对话").click(timeout=PATIENT_MS)
    close_escalation(supervisor, "已安全", "已回到室内,姐姐在路上")
    expect(visitor.get_by_text(re.compile("先离开了，对话还在继续")).first).to_be_visible(timeout=PATIENT_MS)
    expect(crisis.get_by_text("刚才不容易").first).to_be_visible(timeout=PATIENT_MS)
    say_goodbye(visitor)
    expect(visitor.get_by_text("姐姐,随时能打电话")).to_be_visible()
    assert house.complaints == []


@pytest.mark.promise("R3")
def test_the_counselor_vanishes_in_a_crisis_and_the_ladder_climbs_until_somebody_has_it(
    browser: Browser, house: House
) -> None:
    counselor = house.staff(browser, "lin", "/console/")
    go_on_duty(counselor)
    visitor = house.page(browser, phone=True)
    tell_danger(visitor, house, acted=True)
    take_offer(counselor)
    supervisor = house.staff(browser, "zhao", "/console/")
    take_alarm(supervisor)
    expect(alarm(supervisor)).to_contain_text("赵督导 已接手")
    counselor.context.close()
    expect(visitor.get_by_text("刚才的咨询员断线了")).to_be_visible(timeout=PATIENT_MS)
    numbers_are_visible(visitor)
    expect(alarm(supervisor)).to_contain_text("危险中的来访失去了咨询员", timeout=PATIENT_MS)
    expect(alarm(supervisor)).to_contain_text("未接手")
    other = house.staff(browser, "zhou", "/console/")
    expect(alarm(other)).to_be_visible(timeout=PATIENT_MS)
    go_on_duty(other)
    take_offer(other)
    say(other, "我接着陪您，前面的话我都看到了。")
    sees(visitor, "我接着陪您，前面的话我都看到了。")
    take_alarm(supervisor)
    close_escalation(supervisor, "已移交", "周老师已接手,家属已联系")
    say_goodbye(visitor)
    write_up(other, "危机干预")
    assert house.complaints == []
