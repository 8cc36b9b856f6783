"""A visitor and a counselor talk through the server, with tones that are measured where they are heard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import House, axe
from tests.e2e.people import PATIENT_MS, go_on_duty, numbers_are_visible, say, sees, take_offer
from tests.e2e.voices import TONES_HZ, come_in_by_voice, end_talk, give_voice, hear, leave_duty, microphones, path_of

pytestmark = pytest.mark.browser


@pytest.fixture
def counselor(talkers: Browser, voice_house: House) -> Iterator[Page]:
    """陈老师 at the console, with a voice, on duty."""
    page = voice_house.staff(talkers, "chen", "/console/", with_voice=True)
    go_on_duty(page)
    yield page
    leave_duty(page)


def connected(visitor: Page, counselor: Page) -> dict[str, Page]:
    """Wait until both pages say that they talk."""
    expect(visitor.get_by_text(re.compile("正在和.*通话"))).to_be_visible(timeout=PATIENT_MS)
    expect(counselor.get_by_text("通话中", exact=True)).to_be_visible(timeout=PATIENT_MS)
    return {"visitor": visitor, "chen": counselor}


def test_a_call_from_the_first_click_held_muted_and_back_to_writing(
    talkers: Browser, voice_house: House, counselor: Page
) -> None:
    visitor = voice_house.caller(talkers)
    come_in_by_voice(visitor, voice_house.url)
    numbers_are_visible(visitor)
    visitor.get_by_role("button", name="试话筒").click()
    expect(visitor.get_by_text("话筒正常，能听到您。")).to_be_visible()
    assert axe(visitor) == []
    take_offer(counselor)
    pages = connected(visitor, counselor)
    hear(pages, visitor={"chen"}, chen={"visitor"})
    assert axe(visitor) == []
    assert axe(counselor) == []
    say(visitor, "我一边说一边写一句。")
    sees(counselor, "我一边说一边写一句。")

    counselor.get_by_role("button", name="请稍等（保持）").click()
    expect(visitor.get_by_text(re.compile("请您稍等一下"))).to_be_visible()
    hear(pages, visitor={"clip"}, chen=set())
    counselor.get_by_role("button", name="继续通话").click()
    hear(pages, visitor={"chen"}, chen={"visitor"})

    visitor.get_by_role("button", name="静音", exact=True).click()
    hear(pages, visitor={"chen"}, chen=set())
    visitor.get_by_role("button", name="取消静音").click()
    hear(pages, visitor={"chen"}, chen={"visitor"})
    assert path_of(visitor)["protocol"] == "udp"

    visitor.get_by_role("button", name="挂断，改用文字").click()
    expect(visitor.get_by_text("通话结束了，可以接着打字聊。")).to_be_visible()
    hear(pages, visitor=set(), chen=set())
    say(visitor, "挂断之后还能写。")
    sees(counselor, "挂断之后还能写。")
    sees(counselor, "我一边说一边写一句。")
    end_talk(visitor, counselor)
    assert voice_house.complaints == []


def test_from_writing_to_talking_and_no_is_as_easy_as_yes(
    talkers: Browser, voice_house: House, counselor: Page
) -> None:
    visitor = voice_house.caller(talkers)
    come_in_by_voice(visitor, voice_house.url, medium="打字")
    take_offer(counselor)
    say(counselor, "您好，我是陈老师。")
    sees(visitor, "您好，我是陈老师。")
    counselor.get_by_role("button", name="语音通话").click()
    expect(visitor.get_by_text("陈老师想和您语音通话")).to_be_visible()
    assert axe(visitor) == []
    visitor.get_by_role("button", name="先用文字").click()
    expect(counselor.get_by_text("没有改用语音，文字照常。")).to_be_visible()

    visitor.get_by_role("button", name="语音通话").click()
    visitor.get_by_role("button", name="试话筒").click()
    assert axe(visitor) == []
    visitor.get_by_role("button", name="请对方接听").click()
    expect(counselor.get_by_text("来访者想和您语音通话")).to_be_visible()
    assert microphones(visitor) == 1
    counselor.get_by_role("button", name="先用文字").click()
    expect(visitor.get_by_text("这次没有用语音，可以接着打字聊。")).to_be_visible()
    assert microphones(visitor) == 0
    visitor.get_by_role("button", name="语音通话").click()
    visitor.get_by_role("button", name="试话筒").click()
    visitor.get_by_role("button", name="请对方接听").click()
    expect(counselor.get_by_text("来访者想和您语音通话")).to_be_visible()
    assert axe(counselor) == []
    counselor.get_by_role("button", name="接听").click()
    pages = connected(visitor, counselor)
    hear(pages, visitor={"chen"}, chen={"visitor"})
    visitor.reload()
    pages = connected(visitor, counselor)
    hear(pages, visitor={"chen"}, chen={"visitor"})
    sees(visitor, "您好，我是陈老师。")
    counselor.get_by_role("button", name="挂断，改用文字").click()
    expect(visitor.get_by_text("咨询员结束了通话，可以接着打字聊。")).to_be_visible()
    assert microphones(visitor) == microphones(counselor) == 0
    end_talk(visitor, counselor)
    assert voice_house.complaints == []


def test_without_a_microphone_nothing_is_lost(talkers: Browser, voice_house: House, counselor: Page) -> None:
    visitor = voice_house.caller(talkers, refused=True)
    come_in_by_voice(visitor, voice_house.url)
    visitor.get_by_role("button", name="试话筒").click()
    expect(visitor.get_by_text(re.compile("浏览器没有允许使用话筒"))).to_be_visible()
    assert axe(visitor) == []
    say(visitor, "没有话筒，我打字吧。")
    visitor.get_by_role("button", name="还是打字聊").click()
    take_offer(counselor)
    sees(counselor, "没有话筒，我打字吧。")
    say(counselor, "打字一样可以。")
    sees(visitor, "打字一样可以。")
    numbers_are_visible(visitor)
    end_talk(visitor, counselor)
    assert voice_house.complaints == []


def test_a_caller_behind_closed_udp_talks_over_tcp(talkers: Browser, voice_house: House, counselor: Page) -> None:
    visitor = voice_house.caller(talkers, without_udp=True)
    come_in_by_voice(visitor, voice_house.url)
    visitor.get_by_role("button", name="试话筒").click()
    take_offer(counselor)
    pages = connected(visitor, counselor)
    hear(pages, visitor={"chen"}, chen={"visitor"})
    assert path_of(visitor)["protocol"] == "tcp"
    end_talk(visitor, counselor)
    assert voice_house.complaints == []


def test_a_second_tab_waits_for_the_first_and_takes_the_call_when_it_closes(
    talkers: Browser, voice_house: House, counselor: Page
) -> None:
    first = voice_house.caller(talkers)
    come_in_by_voice(first, voice_house.url)
    first.get_by_role("button", name="试话筒").click()
    take_offer(counselor)
    hear(connected(first, counselor), visitor={"chen"}, chen={"visitor"})
    second = give_voice(first.context.new_page(), TONES_HZ["visitor"])
    second.goto(voice_house.url)
    expect(second.get_by_text(re.compile("通话在您的另一个页面里"))).to_be_visible(timeout=PATIENT_MS)
    hear({"first": first, "second": second, "chen": counselor}, first={"chen"}, second=set(), chen={"visitor"})
    assert path_of(first)["peers"] == 1
    first.close()
    hear(connected(second, counselor), visitor={"chen"}, chen={"visitor"})
    end_talk(second, counselor)
    assert voice_house.complaints == []
