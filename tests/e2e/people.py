"""What the people of the stories do on their pages, in words of the pages."""

import re

from playwright.sync_api import Locator, Page, expect

PATIENT_MS = 45_000


def come_in(visitor: Page, url: str) -> None:
    """Open the page, read the notice, go on."""
    visitor.goto(url)
    visitor.get_by_role("button", name=re.compile("开始聊聊|先把想说的写下来")).click()
    visitor.get_by_role("button", name="我知道了，继续").click()
    expect(visitor.get_by_role("heading", name="先了解一点点")).to_be_visible()


def answer_intake(visitor: Page, thoughts: str = "没有") -> None:
    """Answer the short questions."""
    visitor.get_by_label("为我自己").check()
    visitor.get_by_label("工作压力").check()
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_label(thoughts, exact=True).check()


def say(page: Page, text: str) -> None:
    """Write and send."""
    box = page.get_by_label("写给对方的话")
    box.fill(text)
    box.press("Enter")


def transcript(page: Page) -> Locator:
    """The conversation."""
    return page.get_by_role("log")


def sees(page: Page, text: str) -> None:
    """The conversation shows this once."""
    # A bubble begins with who speaks, for screen readers.
    words = transcript(page).get_by_text(re.compile(f"{re.escape(text)}$"))
    expect(words).to_have_count(1, timeout=PATIENT_MS)


def go_on_duty(counselor: Page) -> None:
    """Be ready for contacts."""
    counselor.get_by_role("button", name="上岗", exact=True).click()
    expect(counselor.get_by_text("上岗中").first).to_be_visible()


def take_offer(counselor: Page) -> None:
    """Accept what rings."""
    counselor.get_by_role("button", name="接待").click(timeout=PATIENT_MS)


def numbers_are_visible(page: Page) -> None:
    """The four numbers, each a link that dials."""
    for number in ("12356", "120", "110", "12351"):
        expect(page.locator(f'a[href="tel:{number}"]').first).to_be_visible()
