"""The roster as a supervisor keeps it: shifts, own days, advice, and the evening's check."""

import io
import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from accounts.models import StaffMember
from kernel import clock
from queueing import store
from queueing.domain.calendar import DayClass
from queueing.domain.schedule import DayKey, Schedule, WeeklyRule, Window
from queueing.models import CalendarDay, Line, Shift
from queueing.roster_store import calendar, calendar_stamp, shifts, shifts_of
from tests.queueing.test_admin import as_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_second_factor")]
ROSTER = "/admin/queueing/shift/"
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def line() -> Line:
    """A line that is open daily from ten to noon."""
    made = Line.objects.create(id="main", name_zh="热线", name_en="Line")
    rule = WeeklyRule(days=tuple(DayKey)[:7], windows=(Window(600, 720),), valid_from=date(2020, 1, 1))
    store.publish_schedule("main", Schedule(rules=(rule,)), "zhao", clock.now())
    return made


def form(begins: datetime, ends: datetime, **changes: str) -> dict[str, str]:
    """What the admin's form sends."""
    texts: dict[str, str] = {}
    for name, at in (("begins_at", begins), ("ends_at", ends)):
        local = at.astimezone(BEIJING)
        texts |= {f"{name}_0": local.strftime("%Y-%m-%d"), f"{name}_1": local.strftime("%H:%M")}
    return {"line": "main", "staff_id": "chen", "note": "", **texts, **changes}


def test_a_supervisor_puts_somebody_on_the_roster_and_takes_a_slip_out_again(
    zhao: StaffMember, chen: StaffMember, line: Line
) -> None:
    client, begins = as_person(zhao), clock.now().replace(second=0, microsecond=0) + timedelta(days=1)
    made = client.post(f"{ROSTER}add/", form(begins, begins + timedelta(hours=8)))
    assert made.status_code == 302, made.content.decode()[:500]
    (shift,) = shifts("main", begins, begins + timedelta(days=1))
    assert (shift.counselor, shift.begins_at) == ("chen", begins)
    assert shifts_of("chen", begins, begins + timedelta(hours=1)) == (shift,)
    twice = client.post(f"{ROSTER}add/", form(begins + timedelta(hours=1), begins + timedelta(hours=2)))
    assert "这个人这段时间已有班次" in twice.content.decode()
    for wrong, words in (
        (form(begins, begins), "结束时间应晚于开始时间"),
        (form(begins, begins + timedelta(hours=17)), "一班不超过 16 小时"),
        (form(begins, begins + timedelta(hours=1), staff_id="nobody"), "这个工号不在这条服务线上"),
    ):
        assert words in client.post(f"{ROSTER}add/", wrong).content.decode()
    row = Shift.objects.get()
    assert client.post(f"{ROSTER}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Shift.objects.exists()


def test_a_counselor_reads_no_roster_in_the_admin(chen: StaffMember, line: Line) -> None:
    assert as_person(chen).get(ROSTER).status_code in (302, 403)


def test_the_page_of_advice_says_so_where_nothing_is_known_yet(zhao: StaffMember, line: Line) -> None:
    page = as_person(zhao).get(f"{ROSTER}advice/?line=main&day=2026-11-30").content.decode()
    assert "暂时给不出建议" in page
    assert "排班建议" in as_person(zhao).get(ROSTER).content.decode()
    out = io.StringIO()
    call_command("staffing", line="main", day=date(2026, 11, 30), stdout=out)
    assert json.loads(out.getvalue())["half_hours"] == []


def test_the_evenings_check_fails_loudly_while_tomorrow_has_nobody(chen: StaffMember, line: Line) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="fewer than 1 people"):
        call_command("check_coverage", line="main", days=2, stdout=out)
    assert json.loads(out.getvalue())[0]["have"] == 0
    today = clock.now().astimezone(BEIJING).replace(hour=9, minute=0, second=0, microsecond=0)
    for day in range(4):
        begins = today + timedelta(days=day)
        Shift.objects.create(line=line, staff_id="chen", begins_at=begins, ends_at=begins + timedelta(hours=4))
    out = io.StringIO()
    call_command("check_coverage", line="main", days=2, stdout=out)
    assert json.loads(out.getvalue()) == []


@pytest.mark.promise("R7")
def test_a_day_the_union_sets_itself_wins_over_the_notice(zhao: StaffMember, line: Line) -> None:
    day = date(2026, 10, 1)
    assert calendar(day, day + timedelta(days=1))[day].day_class is DayClass.HOLIDAY
    before = calendar_stamp()
    sent = {"day": "2026-10-01", "day_class": "workday", "name_zh": "照常服务", "name_en": ""}
    assert as_person(zhao).post("/admin/queueing/calendarday/add/", sent).status_code == 302
    assert CalendarDay.objects.get().name_zh == "照常服务"
    assert calendar(day, day + timedelta(days=1))[day].day_class is DayClass.WORKDAY
    assert calendar_stamp() != before, "the gate is told"
