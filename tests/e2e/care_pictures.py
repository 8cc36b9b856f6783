"""Pictures of what is beside a talk: an incident, a crisis, a referral and its partner, what is kept and who reads it,
words left at a closed line; part of `tests.e2e.screenshots`."""

import re

from playwright.sync_api import Browser, Page

from tests.e2e.case_people import come_calmly, panel, unfold
from tests.e2e.conftest import DESK, PHONE, House
from tests.e2e.people import answer_intake, come_in, go_on_duty, say, sees, take_offer
from tests.e2e.voice_pictures import Picture, both

NEED = "希望有人陪着去一次医院"


def take_care(browser: Browser, house: House, picture: Picture) -> None:
    """Play a bad evening and take pictures of it."""
    counselor = house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    lead = house.staff(browser, "zhao", "/wallboard/")
    take_incident(lead, picture)
    visitor = house.page(browser, phone=True)
    come_calmly(visitor, house)
    take_offer(counselor)
    say(visitor, "最近整夜睡不着")
    sees(counselor, "最近整夜睡不着")
    counselor.get_by_label("这次来访与哪个突发事件有关").select_option(label="三号车间停产")
    take_referral(browser, house, counselor, visitor, picture)
    lead.get_by_text("等候 0，交谈 1").wait_for()
    lead.set_viewport_size(DESK)
    picture(lead, "wallboard-incident-1440")
    take_crisis(counselor, visitor, picture)
    take_books(house, browser, visitor, picture)
    for page in (visitor, counselor, lead):
        page.context.close()


def take_incident(lead: Page, picture: Picture) -> None:
    """A supervisor opens an incident."""
    lead.get_by_role("button", name="突发事件").click()
    lead.get_by_label("叫什么").fill("三号车间停产")
    lead.get_by_label("目前知道的").fill("停产到周五，工资照发。今晚八点再说明。")
    lead.set_viewport_size(PHONE)
    picture(lead, "incident-390")
    lead.set_viewport_size(DESK)
    lead.get_by_role("button", name="开启").click()
    lead.get_by_role("region", name="突发事件").get_by_text("三号车间停产").wait_for()


def take_referral(browser: Browser, house: House, counselor: Page, visitor: Page, picture: Picture) -> None:
    """A counselor refers, the visitor ticks what may be told, the partner answers on a phone."""
    found = panel(counselor, "转介")
    form = unfold(found, "发起转介")
    form.get_by_label("机构").first.select_option(label="示例市心理医院（演示）")
    form.get_by_label("希望得到什么帮助").fill(NEED)
    form.get_by_label("怎样称呼").fill("小李")
    form.get_by_role("button", name="请来访者过目并同意").click()
    visitor.get_by_label(NEED).check()
    picture(visitor, "visitor-referral-390")
    visitor.get_by_role("button", name="同意转告勾选的内容").click()
    found.get_by_role("button", name="发出交接包").click()
    found.get_by_role("button", name="取交接链接").click()
    partner = house.page(browser, phone=True)
    partner.goto(found.get_by_label("把链接亲手转交给机构").input_value())
    partner.get_by_text(NEED).wait_for()
    picture(partner, "partner-390")
    partner.set_viewport_size(DESK)
    picture(partner, "partner-1440")
    partner.context.close()


def take_crisis(counselor: Page, visitor: Page, picture: Picture) -> None:
    """The visitor presses the key and says where they are; the case is open beside the talk."""
    visitor.get_by_role("button", name="需要马上有人帮我").click()
    say(visitor, "我已经站在楼顶边上了。")
    sees(counselor, "我已经站在楼顶边上了。")
    counselor.get_by_role("alert").get_by_role("button", name="我来接手").click()
    case = panel(counselor, "危机处置")
    case.get_by_text("处置清单").wait_for()
    case.scroll_into_view_if_needed()
    picture(counselor, "console-case-1440")
    picture(visitor, "visitor-crisis-390")


def take_books(house: House, browser: Browser, visitor: Page, picture: Picture) -> None:
    """What is kept, as the visitor reads it; and a look at it, as a supervisor does."""
    contact = visitor.evaluate(
        "fetch('/api/v1/contacts/current').then(found => found.json()).then(each => each.contact)"
    )
    reader = house.staff(browser, "zhao", "/records/")
    reader.get_by_label("来访编号").fill(contact)
    reader.get_by_label("看什么").select_option("case")
    reader.get_by_role("button", name="打开并记录").click()
    reader.get_by_text("填写接入登记").or_(reader.get_by_text("来访开始")).first.wait_for()
    both(reader, picture, "records")
    reader.context.close()
    visitor.goto(f"{house.url}/kept/")
    visitor.get_by_role("heading", name="谁看过").wait_for()
    both(visitor, picture, "kept")


def take_left_words(browser: Browser, house: House, picture: Picture) -> None:
    """Words to a closed line, and whoever follows them up."""
    visitor = house.page(browser, phone=True)
    come_in(visitor, house.url)
    answer_intake(visitor)
    visitor.get_by_role("button", name=re.compile("好了，找咨询员")).click()
    visitor.get_by_role("heading", name="现在没有咨询员值班").wait_for()
    picture(visitor, "visitor-closed-room-390")
    say(visitor, "工资拖了三个月，不知道找谁。")
    visitor.get_by_text("交给下一班的咨询员看").wait_for()
    counselor = house.staff(browser, "lin", "/console/")
    task = counselor.get_by_role("article").last
    task.get_by_role("button", name="我来跟进").click()
    task.get_by_role("button", name="看留言").click()
    task.get_by_label("答复").fill("看到您的留言了，明早十点我在。")
    picture(counselor, "console-left-words-1440")
    for page in (visitor, counselor):
        page.context.close()
