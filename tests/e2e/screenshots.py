"""Takes the pictures in docs/screenshots with the real service: `python3 -m tests.e2e.screenshots` in the environment
of `python3 dev.py test` (a Chromium on PATH, the pages built)."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from launcher.browser import find_chromium, why_no_chromium
from launcher.engines import throwaway_engines
from tests.e2e.care_pictures import take_care, take_left_words
from tests.e2e.conftest import DESK, PHONE, SWITCHES, VOICE_SWITCHES, House, closed_hours, running
from tests.e2e.people import answer_intake, come_in, go_on_duty, say, sees, take_offer
from tests.e2e.voice_pictures import take_calls

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "screenshots"


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Take one picture when the page has come to rest."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(800)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", full_page=whole)


def waiting(browser: Browser, house: House, thoughts: str = "没有") -> Page:
    """A visitor in the waiting room."""
    visitor = house.page(browser, phone=True)
    come_in(visitor, house.url)
    answer_intake(visitor, thoughts)
    if thoughts != "没有":
        visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name="好了，找咨询员").click()
    return visitor


def beside(lead: Page, counselor: Page) -> None:
    """A supervisor comes beside a talk and whispers."""
    lead.set_viewport_size(DESK)
    lead.get_by_role("link", name=re.compile("旁听或接管")).first.click()
    lead.get_by_text("您在旁听。").wait_for()
    lead.get_by_role("button", name="密语").click()
    lead.get_by_label("只给同事看…").fill("先问问现在安不安全，我在旁边。")
    lead.get_by_role("button", name="悄悄说").click()
    counselor.get_by_text("先问问现在安不安全").wait_for()
    picture(counselor, "console-beside-1440")
    picture(lead, "console-supervisor-1440")


def take(browser: Browser, house: House) -> None:
    """Play a short evening and take pictures of it."""
    visitor = house.page(browser, phone=True)
    visitor.goto(house.url)
    visitor.get_by_role("button", name="开始聊聊").wait_for()
    picture(visitor, "visitor-landing-390")
    wide = house.page(browser)
    wide.goto(house.url)
    wide.get_by_role("button", name="开始聊聊").wait_for()
    picture(wide, "visitor-landing-1440")
    come_in(visitor, house.url)
    picture(visitor, "visitor-intake-390")
    answer_intake(visitor)
    picture(visitor, "visitor-safety-390")
    visitor.get_by_role("button", name="好了，找咨询员").click()
    visitor.get_by_text(re.compile("您是下一位|前面还有")).wait_for()
    picture(visitor, "visitor-waiting-390")

    counselor = house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    counselor.get_by_role("button", name="接待").wait_for()
    picture(counselor, "console-offer-1440")
    take_offer(counselor)
    say(counselor, "您好，我是陈老师。您慢慢说，我在听。")
    sees(visitor, "您好，我是陈老师。您慢慢说，我在听。")
    say(visitor, "跑单跑到半夜，回家躺下就是睡不着。")
    say(visitor, "心里堵得慌，也不知道跟谁说。")
    sees(counselor, "心里堵得慌，也不知道跟谁说。")
    say(counselor, "谢谢您愿意说出来。这样多久了？")
    sees(visitor, "谢谢您愿意说出来。这样多久了？")
    picture(visitor, "visitor-talk-390")
    others = [waiting(browser, house), waiting(browser, house, "有过"), waiting(browser, house, "说不清")]
    counselor.get_by_role("button", name=re.compile("婉拒|暂不")).click()
    picture(counselor, "console-1440")
    wallboard = house.staff(browser, "zhao", "/wallboard/")
    wallboard.get_by_role("table").first.wait_for()
    wallboard.locator(".figure").first.wait_for()
    picture(wallboard, "wallboard-1440", whole=True)
    wallboard.set_viewport_size(PHONE)
    picture(wallboard, "wallboard-390", whole=True)
    beside(wallboard, counselor)
    counselor.set_viewport_size(PHONE)
    picture(counselor, "console-390")
    sign_in = house.page(browser)
    sign_in.goto(f"{house.url}/accounts/login/")
    picture(sign_in, "sign-in-1440")
    for page in (*others, visitor, counselor, wallboard):
        page.context.close()


def closed(browser: Browser, house: House) -> None:
    """The door of a closed line, and what is written there."""
    page = house.page(browser, phone=True)
    page.goto(house.url)
    page.get_by_text("现在不在服务时间").wait_for()
    picture(page, "visitor-closed-390")
    take_left_words(browser, house, picture)


def main() -> None:
    """Start everything, take the pictures, stop everything; `python3 -m tests.e2e.screenshots talk care` takes some."""
    path = find_chromium()
    if path is None:
        sys.exit(why_no_chromium())
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = set(sys.argv[1:])
    scenes: tuple[tuple[str, str | None, Callable[[Browser, House], None]], ...] = (
        ("talk", None, take),
        ("care", None, lambda browser, house: take_care(browser, house, picture)),
        ("calls", None, lambda browser, house: take_calls(browser, house, picture)),
        ("closed", closed_hours(), closed),
    )
    with throwaway_engines() as engines, sync_playwright() as playwright:
        for name, hours, scene in scenes:
            if wanted and name not in wanted:
                continue
            switches = [*SWITCHES, *VOICE_SWITCHES] if name == "calls" else SWITCHES
            browser = playwright.chromium.launch(executable_path=path, args=switches)
            with running(engines, f"pictures_{name}", hours) as house:
                scene(browser, house)
            browser.close()


if __name__ == "__main__":
    main()
