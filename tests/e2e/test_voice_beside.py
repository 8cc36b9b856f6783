"""Others in a call: handed over to a colleague, listened to, whispered to, joined; each ear is measured."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.case_people import alarm, close_escalation, panel, take_alarm
from tests.e2e.conftest import House, axe
from tests.e2e.people import PATIENT_MS, go_on_duty, take_offer
from tests.e2e.voices import come_in_by_voice, end_talk, hear, leave_duty

pytestmark = [pytest.mark.browser, pytest.mark.promise("R8")]


class Call:
    """A visitor and 陈老师 in a call, with their pages."""

    def __init__(self, house: House, talkers: Browser) -> None:
        """Bring them together."""
        self.house, self.talkers = house, talkers
        self.pages = {"visitor": house.caller(talkers), "chen": self.staff("chen")}
        go_on_duty(self.pages["chen"])
        come_in_by_voice(self.pages["visitor"], house.url)
        self.pages["visitor"].get_by_role("button", name="试话筒").click()
        take_offer(self.pages["chen"])
        self.hear(visitor={"chen"}, chen={"visitor"})

    def staff(self, name: str) -> Page:
        """Somebody of the staff at the console, with a voice."""
        return self.house.staff(self.talkers, name, "/console/", with_voice=True)

    def hear(self, **expected: set[str]) -> None:
        """Measure these ears."""
        hear(self.pages, **expected)


@pytest.fixture
def call(voice_house: House, talkers: Browser) -> Iterator[Call]:
    """A call that is going on."""
    yield Call(voice_house, talkers)
    assert voice_house.complaints == []


def attend(supervisor: Page, way: str) -> None:
    """Be beside the talk in this way from now on."""
    supervisor.get_by_role("group", name="在场方式").get_by_role("button", name=way, exact=True).click()


def test_a_supervisor_listens_whispers_joins_and_takes_over_and_the_visitor_hears_only_the_last_two(call: Call) -> None:
    visitor, chen = call.pages["visitor"], call.pages["chen"]
    zhao = call.pages["zhao"] = call.house.staff(call.talkers, "zhao", "/wallboard/", with_voice=True)
    zhao.get_by_role("link", name=re.compile("旁听或接管")).click(timeout=PATIENT_MS)
    zhao.get_by_role("button", name="旁听通话").click(timeout=PATIENT_MS)
    expect(zhao.get_by_text("您在旁听：谁都听不到您")).to_be_visible(timeout=PATIENT_MS)
    expect(chen.get_by_text("赵督导 在旁听，不出声")).to_be_visible()
    call.hear(visitor={"chen"}, chen={"visitor"}, zhao={"visitor", "chen"})

    attend(zhao, "密语")
    expect(zhao.get_by_text("您在密语：只有咨询员听得到您，来访者听不到")).to_be_visible()
    expect(chen.get_by_text("赵督导 在对您说话，来访者听不到")).to_be_visible()
    call.hear(visitor={"chen"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
    expect(visitor.get_by_text(re.compile("赵督导|督导也在"))).to_have_count(0)
    assert axe(zhao) == []

    attend(zhao, "共同对话")
    expect(visitor.get_by_text("督导也在通话里，和咨询员一起陪您。")).to_be_visible()
    call.hear(visitor={"chen", "zhao"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
    assert axe(visitor) == []

    zhao.get_by_role("button", name="离开通话").click()
    expect(visitor.get_by_text("督导也在通话里，和咨询员一起陪您。")).to_have_count(0)
    call.hear(visitor={"chen"}, chen={"visitor"}, zhao=set())

    zhao.get_by_role("button", name="接管").click()
    zhao.get_by_role("dialog").get_by_label("原因").fill("来访者情绪很急，由督导接手。")
    zhao.get_by_role("dialog").get_by_role("button", name="接管").click()
    expect(visitor.get_by_text(re.compile("正在和赵督导通话"))).to_be_visible(timeout=PATIENT_MS)
    call.hear(visitor={"zhao"}, zhao={"visitor"}, chen=set())
    expect(chen.get_by_text(re.compile("已由督导接管"))).to_be_visible()
    end_talk(visitor, zhao)
    leave_duty(chen)
    zhao.context.close()


def test_a_call_is_handed_over_without_hanging_up(call: Call) -> None:
    visitor, chen = call.pages["visitor"], call.pages["chen"]
    lin = call.pages["lin"] = call.staff("lin")
    go_on_duty(lin)
    chen.get_by_role("button", name="转给同事").click()
    chen.get_by_role("dialog").get_by_label("同事").select_option("lin")
    chen.get_by_role("button", name="请对方接手").click()
    lin.get_by_role("button", name="接手", exact=True).click(timeout=PATIENT_MS)
    expect(visitor.get_by_text(re.compile("正在和林老师通话"))).to_be_visible(timeout=PATIENT_MS)
    call.hear(visitor={"lin"}, lin={"visitor"}, chen=set())
    end_talk(visitor, lin)
    leave_duty(lin)
    leave_duty(chen)


def test_a_crisis_worker_talks_as_the_third_and_the_visitor_is_told_who_is_there(call: Call) -> None:
    visitor, chen = call.pages["visitor"], call.pages["chen"]
    zhou = call.pages["zhou"] = call.staff("zhou")
    visitor.get_by_role("button", name="需要马上有人帮我").click()
    take_alarm(zhou)
    panel(zhou, "危机处置").get_by_role("button", name="加入这次对话").click()
    zhou.get_by_role("button", name="加入通话").click(timeout=PATIENT_MS)
    expect(zhou.get_by_text(re.compile("您在三方通话中"))).to_be_visible(timeout=PATIENT_MS)
    expect(visitor.get_by_text("一位同事也在通话里，和咨询员一起陪您。")).to_be_visible()
    expect(chen.get_by_text("周老师 在三方通话中")).to_be_visible()
    call.hear(visitor={"chen", "zhou"}, chen={"visitor", "zhou"}, zhou={"visitor", "chen"})
    assert axe(zhou) == []
    zhou.get_by_role("button", name="离开通话").click()
    call.hear(visitor={"chen"}, chen={"visitor"}, zhou=set())
    zhao = call.staff("zhao")
    alarm(zhao).get_by_role("button", name="加入对话").click(timeout=PATIENT_MS)
    close_escalation(zhao, "已安全", "已经平静,家人在旁边")
    end_talk(visitor, chen)
    leave_duty(chen)
    zhou.context.close()
    zhao.context.close()
