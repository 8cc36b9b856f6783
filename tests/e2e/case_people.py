"""What the people of a crisis, a referral and a follow-up do on their pages; and a house whose timers are short."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from launcher.engines import Engines
from launcher.service import run_manage
from tests.e2e.conftest import House, running
from tests.e2e.people import PATIENT_MS, come_in

# The same rules with other numbers, published as a supervisor would; nothing in the code knows that this is a test.
QUICK = """
from datetime import time
from msgspec.structs import replace
from kernel import clock
from kernel.terms import RiskLevel
from queueing import store as queueing
from queueing.policy import DeskPolicy
from triage import store
from triage.models import Partner
from triage.policy import LADDER, CasePolicy
seconds = 1 / 3600
rungs = tuple(replace(rung, after_s=after) for rung, after in zip(LADDER, (0, 3, 6, 9)))
hours = {level: (4 * seconds, 24, 72) for level in (RiskLevel.HIGH, RiskLevel.IMMINENT)}
rules = CasePolicy(ladder=rungs, follow_up_h=hours, quiet_from=time.max, quiet_until=time.min,
    referral_unanswered_h=UNANSWERED, referral_tries=1, referral_undecided_h=1)
store.publish_case_policy("main", rules, "e2e", clock.now(), "short timers")
queueing.publish_policy("main", DeskPolicy(grace_text_s=30, counselor_lost_s=10), "e2e", clock.now(), "short timers")
Partner.objects.filter(kind="station").update(visit_days=[1, 2, 3, 4, 5, 6, 7])
"""


def publish(house: House, engines: Engines, unanswered: str) -> None:
    """Publish short timers, and how long a partner has for an answer."""
    rules = QUICK.replace("UNANSWERED", unanswered)
    run_manage(house.service.env, engines.log, "shell", "--no-imports", "-c", rules)


@contextlib.contextmanager
def quick_house(engines: Engines, name: str) -> Iterator[House]:
    """A service whose line has short timers."""
    with running(engines, name) as house:
        publish(house, engines, "24")
        yield house


def tell_danger(visitor: Page, house: House, *, acted: bool = False, plan: str = "没有想过") -> None:
    """Answer that there have been thoughts, and what follows from it."""
    come_in(visitor, house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_label("有过", exact=True).check()
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("group", name=re.compile("怎么做")).get_by_label(plan, exact=True).check()
    visitor.get_by_role("group", name=re.compile("刚刚")).get_by_label("有" if acted else "没有", exact=True).check()
    visitor.get_by_role("button", name=re.compile("好了，找咨询员|去对话页面")).click()


def come_calmly(visitor: Page, house: House) -> None:
    """Skip the questions."""
    come_in(visitor, house.url)
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name=re.compile("跳过")).click()


def alarm(page: Page) -> Locator:
    """The alarm at the top of a console or a wallboard."""
    return page.get_by_role("alert").filter(has_text="紧急")


def take_alarm(page: Page) -> None:
    """Acknowledge the alarm that nobody has."""
    alarm(page).get_by_role("button", name="我来接手").first.click(timeout=PATIENT_MS)


def panel(page: Page, title: str) -> Locator:
    """A panel of the console's right column."""
    return page.locator("section.panel").filter(has=page.get_by_role("heading", name=re.compile(f"^{title}")))


def unfold(where: Locator, summary: str) -> Locator:
    """Open a folded part and answer it."""
    part = where.locator("details").filter(has=where.page.locator("summary", has_text=summary))
    if part.get_attribute("open") is None:
        part.locator("summary").first.click()
    return part


def close_escalation(supervisor: Page, outcome: str, reason: str) -> None:
    """A supervisor ends it with a reason."""
    part = unfold(panel(supervisor, "危机处置"), "督导结束这次升级")
    part.get_by_label("结果").select_option(label=outcome)
    part.get_by_label("结束的理由").fill(reason)
    part.get_by_role("button", name="结束升级").click()
    expect(alarm(supervisor)).to_have_count(0, timeout=PATIENT_MS)


def say_goodbye(visitor: Page) -> None:
    """End the talk from the visitor's side."""
    visitor.get_by_role("button", name=re.compile("^(结束|不等了)$")).click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    expect(visitor.get_by_role("heading", name="这次的对话结束了")).to_be_visible()


def write_up(counselor: Page, disposition: str) -> None:
    """Choose how it ended and submit."""
    counselor.get_by_role("radio", name=disposition).check()
    counselor.get_by_role("button", name="提交记录").click()
    expect(counselor.get_by_role("button", name="提交记录")).to_have_count(0, timeout=PATIENT_MS)


def off_duty(browser: Browser) -> None:
    """Everybody closes their pages, so that the next story begins with an empty desk."""
    for context in browser.contexts:
        context.close()


def pictures(page: Page, name: str, widths: tuple[int, ...] = (1440, 390)) -> None:
    """Keep a picture at a desk's and at a phone's width, where somebody asked for pictures.

    A console draws itself anew at another width, so that what was unfolded is not any more: take it at its own.
    """
    folder = os.environ.get("XINQIAO_PICTURES")
    before = page.viewport_size
    if not folder or before is None:
        return
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size(before)
