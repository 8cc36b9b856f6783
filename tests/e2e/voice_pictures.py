"""Pictures of a call, from the choice at the door to the way back to writing; part of `tests.e2e.screenshots`."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESK, PHONE, House
from tests.e2e.people import PATIENT_MS, go_on_duty, say, sees, take_offer
from tests.e2e.voices import come_in_by_voice

Picture = Callable[[Page, str], None]


def both(page: Page, picture: Picture, name: str) -> None:
    """One state on a phone and on a desk."""
    for width, size in ((1440, DESK), (390, PHONE)):
        page.set_viewport_size(size)
        picture(page, f"{name}-{width}")


def take_calls(talkers: Browser, house: House, picture: Picture) -> None:
    """Play a call and take pictures of it."""
    silent = house.caller(talkers, refused=True)
    come_in_by_voice(silent, house.url)
    silent.get_by_role("button", name="试话筒").click()
    both(silent, picture, "visitor-voice-refused")
    silent.get_by_role("button", name="不等了").click()
    silent.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()

    visitor = house.caller(talkers)
    visitor.goto(house.url)
    visitor.get_by_label("语音", exact=True).check()
    both(visitor, picture, "visitor-voice-choice")
    come_in_by_voice(visitor, house.url)
    both(visitor, picture, "visitor-voice-ready")
    visitor.get_by_role("button", name="试话筒").click()
    expect(visitor.get_by_text("话筒正常，能听到您。")).to_be_visible()
    both(visitor, picture, "visitor-voice-heard")
    counselor = house.staff(talkers, "chen", "/console/", with_voice=True)
    go_on_duty(counselor)
    take_offer(counselor)
    expect(visitor.get_by_text(re.compile("正在和.*通话"))).to_be_visible(timeout=PATIENT_MS)
    say(visitor, "我在外面，这里有点吵，先打几个字。")
    sees(counselor, "我在外面，这里有点吵，先打几个字。")
    visitor.wait_for_timeout(4_000)
    both(visitor, picture, "visitor-voice-asked-to-record")
    visitor.get_by_role("button", name="不录音", exact=True).click()
    both(visitor, picture, "visitor-voice-live")
    both(counselor, picture, "console-voice-live")
    counselor.set_viewport_size(DESK)
    take_company(talkers, house, counselor, visitor, picture)
    counselor.get_by_role("button", name="请稍等（保持）").click()
    expect(visitor.get_by_text(re.compile("请您稍等一下"))).to_be_visible()
    both(visitor, picture, "visitor-voice-held")
    picture(counselor, "console-voice-held-1440")
    counselor.get_by_role("button", name="继续通话").click()
    counselor.get_by_role("button", name="挂断，改用文字").click()
    both(visitor, picture, "visitor-voice-ended")
    visitor.get_by_role("button", name="语音通话").click()
    picture(visitor, "visitor-voice-try-390")
    visitor.get_by_role("button", name="试话筒").click()
    visitor.get_by_role("button", name="请对方接听").click()
    expect(counselor.get_by_text("来访者想和您语音通话")).to_be_visible()
    both(counselor, picture, "console-voice-ringing")
    counselor.set_viewport_size(DESK)
    counselor.get_by_role("button", name="先用文字").click()
    counselor.get_by_role("button", name="语音通话").click()
    expect(visitor.get_by_text("陈老师想和您语音通话")).to_be_visible()
    both(visitor, picture, "visitor-voice-asked")


def take_company(talkers: Browser, house: House, counselor: Page, visitor: Page, picture: Picture) -> None:
    """A supervisor comes beside the call: whispering, then heard by both."""
    supervisor = house.staff(talkers, "zhao", "/wallboard/", with_voice=True)
    supervisor.get_by_role("link", name=re.compile("旁听或接管")).click(timeout=PATIENT_MS)
    supervisor.get_by_role("button", name="旁听通话").click(timeout=PATIENT_MS)
    ways = supervisor.get_by_role("group", name="在场方式")
    ways.get_by_role("button", name="密语", exact=True).click()
    supervisor.get_by_text(re.compile("您在密语：只有咨询员听得到您")).wait_for()
    picture(supervisor, "console-voice-whisper-1440")
    picture(counselor, "console-voice-whispered-1440")
    supervisor.set_viewport_size(DESK)
    ways.get_by_role("button", name="共同对话", exact=True).click()
    visitor.get_by_text("督导也在通话里，和咨询员一起陪您。").wait_for()
    picture(visitor, "visitor-voice-barge-390")
    supervisor.get_by_role("button", name="离开", exact=True).click()
    supervisor.context.close()
