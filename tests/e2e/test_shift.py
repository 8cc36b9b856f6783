"""A shift: three counselors, twenty visitors, a transfer, a take-over, a word to all, a closing time; and the wallboard
held against a count of its own over the desk's log."""

import base64
import contextlib
import json
import re
import time
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Browser, Page, TimeoutError, expect

from kernel.seal import MasterKeys, Wrapped, unseal
from launcher.engines import Engines
from launcher.log import Log
from launcher.service import run_manage
from tests.e2e.conftest import PHONE, House, axe, running
from tests.e2e.crowd import Caller, Crowd
from tests.e2e.people import PATIENT_MS, go_on_duty, say, sees

pytestmark = pytest.mark.browser
CLOSING = """
from datetime import timedelta
from msgspec.structs import replace
from kernel import clock
from queueing import store
from queueing.domain.schedule import Closure, Reason
now = clock.now()
hours = store.current_schedule("main").schedule
shut = Closure(now + timedelta(seconds=6), now + timedelta(hours=2), Reason("停电检修", "Power works"))
store.publish_schedule("main", replace(hours, closures=(shut,)), "e2e", now, "closing time")
"""


@pytest.fixture(scope="module")
def house(engines: Engines) -> Iterator[House]:
    """A line of its own, so that its log holds this shift and nothing else."""
    with running(engines, "shift_house") as house:
        yield house


def rows(house: House) -> list[tuple[str, dict[str, Any], datetime]]:
    """The desk's log as PostgreSQL holds it, opened with the installation's keys, read by no room."""
    number, _, secret = house.service.env["MASTER_KEYS"].partition(":")
    keys, name = MasterKeys({int(number): base64.b64decode(secret)}), "@desk.main"
    with psycopg.connect(house.service.env["DATABASE_URL"]) as connection:
        select = "SELECT master, period, wrapped FROM kernel_datakey WHERE contact = %s"
        ((master, period, wrapped),) = connection.execute(select, [name]).fetchall()
        key = AESGCM(keys.unwrap(name, Wrapped(master, period, bytes(wrapped))))
        found = connection.execute(
            "SELECT kind, payload, at, seq FROM kernel_logrow WHERE feed = 'desk.main' ORDER BY seq"
        )
        return [
            (kind, json.loads(unseal(key, bytes(payload), f"desk.main|{seq}|{kind}")), at)
            for kind, payload, at, seq in found
        ]


def booked(house: House) -> set[str]:
    """Who was given a place at the next opening."""
    return {event["contact"] for kind, event, _ in rows(house) if kind == "callback.booked"}


class Count:
    """What happened, counted in the plainest way."""

    def __init__(self, log: list[tuple[str, dict[str, Any], datetime]]) -> None:
        """Walk the log once."""
        self.came: dict[str, datetime] = {}
        self.waits: dict[str, float] = {}
        self.left: set[str] = set()
        self.owner: dict[str, str] = {}
        for kind, event, at in log:
            contact = event.get("contact", "")
            if kind == "ticket.issued":
                self.came[contact] = datetime.fromisoformat(event["arrived_at"])
            elif kind == "offer.accepted":
                self.waits.setdefault(contact, (at - self.came[contact]).total_seconds())
                self.owner[contact] = event["counselor"]
            elif kind == "transfer.accepted":
                self.owner[contact] = event["counselor"]
            elif kind == "ticket.withdrawn" and contact not in self.waits:
                self.left.add(contact)
            elif kind in ("seat.freed", "contact.requeued"):
                self.owner.pop(contact, None)

    @property
    def waiting(self) -> int:
        """Came, and neither answered nor gone."""
        return len(self.came) - len(self.waits) - len(self.left)


def counted(house: House, *, left: int) -> Count:
    """Count once the desk has heard of those who left; it is told by a reaction, a moment behind the ack."""
    deadline = time.monotonic() + PATIENT_MS / 1000
    while len((count := Count(rows(house))).left) < left and time.monotonic() < deadline:
        time.sleep(0.1)
    return count


def figure(board: Page, name: str, value: str, of: str) -> None:
    """A figure as the board writes it, once it has been counted anew: the value, and of how many."""
    shown = board.locator(".figure", has_text=name)
    expect(shown.locator("dd > strong")).to_have_text(value, timeout=PATIENT_MS)
    expect(shown.locator("dd > span")).to_have_text(of)


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def board_agrees(board: Page, count: Count) -> None:
    """Every number on the board is the one counted here."""
    came, answered, left = len(count.came), len(count.waits), len(count.left)
    expect(board.locator(".tile-number").first).to_have_text(str(count.waiting))
    figure(board, "放弃率", f"{round(100 * left / came)}%", f"共 {came} 人次")
    judged = answered + left
    soon = sum(wait <= 300 for wait in count.waits.values())
    figure(board, "5 分钟内接通", f"{round(100 * soon / judged)}%", f"共 {judged} 人次")
    figure(board, "平均等候", clock(sum(count.waits.values()) / answered), f"共 {answered} 人次")
    ordered = sorted(count.waits.values())
    figure(board, "95% 的人等候不超过", clock(ordered[-(-95 * answered // 100) - 1]), f"共 {answered} 人次")


def take_all(counselors: Collection[Page], slots: int = 2) -> None:
    """Everybody accepts what rings until all hands are full; whom it rang for in vain meanwhile comes back."""
    deadline = time.monotonic() + 3 * PATIENT_MS / 1000
    while idle := [page for page in counselors if hands_of(page) < slots]:
        assert time.monotonic() < deadline, f"{len(idle)} still have a free hand"
        for page in idle:
            answer = page.get_by_role("button", name=re.compile("^(接待|继续上岗)")).first
            if answer.is_visible():
                with contextlib.suppress(TimeoutError):  # it stopped ringing before the hand was there
                    answer.click(timeout=2_000)
            page.wait_for_timeout(100)


def hands_of(counselor: Page) -> int:
    """How many talks are on a counselor's screen."""
    return counselor.locator("section", has=counselor.locator("#list-active")).locator("button.row").count()


def number_of(crowd: Crowd, caller: Caller) -> int:
    """The number a visitor holds."""
    return int(crowd.hears(caller, "contact.queued")["event"]["number"])


def held_by(house: House, callers: list[Caller], counselor: str) -> Caller:
    """Somebody in this counselor's hands."""
    owner = Count(rows(house)).owner
    return next(caller for caller in callers if owner.get(caller.contact) == counselor)


@pytest.mark.promise("R2")
def test_a_shift(browser: Browser, engines: Engines, house: House) -> None:
    with Crowd(house.url) as crowd:
        board = house.staff(browser, "zhao", "/wallboard/")
        desks = {name: house.staff(browser, name, "/console/") for name in ("chen", "lin", "wang")}
        for page in desks.values():
            go_on_duty(page)
        callers = [crowd.comes("yes" if n in (4, 11, 17) else "none") for n in range(20)]
        take_all(desks.values())
        expect(board.locator(".tile-number").first).to_have_text("14", timeout=PATIENT_MS)
        expect(board.locator(".tile-number").nth(3)).to_have_text("3")

        everybody_is_told(board, desks)
        handed = a_transfer(house, crowd, callers, desks["chen"], desks["lin"])
        taken, lead = a_take_over(browser, house, crowd, callers, desks["wang"])
        gone = next(caller for caller in callers if caller.contact not in Count(rows(house)).waits)
        crowd.ends(gone)
        one_talk_is_written_up(crowd, handed, desks["lin"])

        count = counted(house, left=1)
        assert (len(count.came), len(count.left)) == (20, 1)
        assert count.owner[taken.contact] == "zhao"
        board_agrees(board, count)
        for page in (board, *desks.values(), lead):
            assert axe(page) == []
            page.set_viewport_size(PHONE)
            assert axe(page) == []
            page.set_viewport_size({"width": 1440, "height": 900})

        the_hours_end(house, engines.log, crowd, callers, board)
        assert house.complaints == []
        for page in (board, *desks.values(), lead):
            page.context.close()


def everybody_is_told(board: Page, desks: dict[str, Page]) -> None:
    """A word to all, which everybody says they have seen."""
    board.get_by_role("button", name="告诉所有人").click()
    board.get_by_label("要说的话").fill("三点开短会，请轮流参加。")
    board.get_by_role("button", name="发出").click()
    for number, page in enumerate(desks.values(), 1):
        page.get_by_role("button", name="看到了").click(timeout=PATIENT_MS)
        expect(board.get_by_text(f"{number} / 3 人看到了")).to_be_visible(timeout=PATIENT_MS)


def a_transfer(house: House, crowd: Crowd, callers: list[Caller], chen: Page, lin: Page) -> Caller:
    """Chen hands one over to Lin; the visitor has told everything once."""
    caller = held_by(house, callers, "chen")
    crowd.say(caller, "夜班连着上了九天。")
    chen.locator("button.row", has_text=f"{number_of(crowd, caller)} 号").click()
    sees(chen, "夜班连着上了九天。")
    chen.get_by_role("button", name="转给同事").click()
    chen.get_by_role("dialog").get_by_role("combobox").select_option("lin")
    chen.get_by_role("button", name="请对方接手").click()
    lin.get_by_role("button", name="接手").click(timeout=PATIENT_MS)
    sees(lin, "夜班连着上了九天。")
    crowd.hears(caller, "counselor.joined", counselor="lin")
    say(lin, "我是林老师，刚才的话我都看到了。")
    crowd.hears(caller, "message.posted", text="我是林老师，刚才的话我都看到了。")
    return caller


def a_take_over(browser: Browser, house: House, crowd: Crowd, callers: list[Caller], wang: Page) -> tuple[Caller, Page]:
    """A supervisor reads along, whispers, takes part and takes over; the visitor is shown the last two only."""
    caller = held_by(house, callers, "wang")
    number = number_of(crowd, caller)
    wang.locator("button.row", has_text=f"{number} 号").click()
    lead = house.staff(browser, "zhao", "/wallboard/")
    lead.get_by_role("link", name=f"旁听或接管 {number}", exact=True).click(timeout=PATIENT_MS)
    expect(lead.get_by_text("您在旁听。")).to_be_visible(timeout=PATIENT_MS)
    expect(wang.get_by_text("赵督导 正在旁听")).to_be_visible(timeout=PATIENT_MS)
    lead.get_by_role("button", name="密语").click()
    lead.get_by_label("只给同事看…").fill("先问问现在安不安全")
    lead.get_by_role("button", name="悄悄说").click()
    expect(wang.get_by_text("先问问现在安不安全")).to_be_visible(timeout=PATIENT_MS)
    lead.get_by_role("button", name="共同对话").click()
    crowd.hears(caller, "participant.joined", grade="supervisor")
    say(lead, "您好，我是督导，也在这里。")
    crowd.hears(caller, "message.posted", text="您好，我是督导，也在这里。")
    lead.get_by_role("button", name="接管").click()
    lead.get_by_label("原因").fill("需要督导")
    lead.get_by_role("dialog").get_by_role("button", name="接管").click()
    crowd.hears(caller, "counselor.joined", counselor="zhao")
    expect(wang.get_by_text("已由督导接管")).to_be_visible(timeout=PATIENT_MS)
    told = {frame["event"]["type"] for frame in caller.peer.frames if frame["op"] == "event"}
    assert not told & {"whisper.posted", "session.attended"}
    assert "安不安全" not in json.dumps(caller.peer.frames, ensure_ascii=False)
    return caller, lead


def one_talk_is_written_up(crowd: Crowd, caller: Caller, lin: Page) -> None:
    """The visitor ends, the counselor says how it ended."""
    crowd.ends(caller)
    lin.locator("button.row", has_text=f"{number_of(crowd, caller)} 号").click()
    lin.get_by_role("radio", name="已疏导").check()
    lin.get_by_role("button", name="提交记录").click()
    expect(lin.get_by_text("的记录已提交")).to_be_visible(timeout=PATIENT_MS)


def the_hours_end(house: House, log: Log, crowd: Crowd, callers: list[Caller], board: Page) -> None:
    """At the end of the hours who waits out of danger keeps the place for the next opening; danger stays.

    The hours end by a closure, which is published to the second; a rule's minutes end in the same list of instants.
    """
    run_manage(house.service.env, log, "shell", "--no-imports", "-c", CLOSING)
    expect(board.locator(".hours")).to_contain_text("非服务时间", timeout=PATIENT_MS)
    count = Count(rows(house))
    still = [caller for caller in callers if caller.contact not in {*count.waits, *count.left}]
    danger = {event["contact"] for kind, event, _ in rows(house) if event.get("risk") in ("high", "imminent")}
    waiting = {caller.contact for caller in still} - danger
    # The board shows the close of its own timetable; the desk closes at the clock's next tick.
    deadline = time.monotonic() + PATIENT_MS / 1000
    while not waiting <= (put_off := booked(house)) and time.monotonic() < deadline:
        board.wait_for_timeout(200)
    assert waiting <= put_off, "who waits keeps the place"
    assert not put_off & danger, "danger is never put off"
    for caller in still:
        if caller.contact in put_off:
            crowd.hears(caller, "contact.deflected", reason="closed")
