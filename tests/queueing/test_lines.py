"""What the visitor's page is told of a line: voice may have hours of its own."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from kernel import clock
from kernel.terms import Medium
from queueing import store
from queueing.domain.schedule import WEEKDAYS, Schedule, WeeklyRule, Window
from queueing.models import Line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("R7")]
SINCE = date(2026, 1, 1)
WRITING = WeeklyRule(days=WEEKDAYS, windows=(Window(0, 1440),), valid_from=SINCE, medium=Medium.TEXT)
EVENINGS = WeeklyRule(days=WEEKDAYS, windows=(Window(1140, 1260),), valid_from=SINCE, medium=Medium.VOICE)
MORNING = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
SEVEN, NINE = (datetime(2026, 11, 23, hour, tzinfo=ZoneInfo("Asia/Shanghai")) for hour in (19, 21))


async def told(at: datetime, monkeypatch: pytest.MonkeyPatch, *, voice: bool = True) -> tuple[object, ...]:
    """Whether voice is open at an instant, until when, and from when."""
    monkeypatch.setattr(clock, "now", lambda: at)
    await Line.objects.acreate(id="main", name_zh="热线", name_en="Line", voice=voice)
    schedule = Schedule(rules=(WRITING, EVENINGS))
    await sync_to_async(store.publish_schedule)("main", schedule, "zhao", MORNING)
    (line,) = (await AsyncClient().get("/api/v1/lines")).json()
    assert (line["open"], line["admits"], line["text"]) == (True, True, True)
    instants = (line[name] and datetime.fromisoformat(line[name]) for name in ("voice_closes_at", "voice_opens_at"))
    return line["voice_open"], *instants


async def test_in_the_morning_one_writes_and_is_told_when_voice_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await told(MORNING, monkeypatch) == (False, None, SEVEN)


async def test_at_seven_voice_is_open_until_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await told(SEVEN, monkeypatch) == (True, NINE, None)


async def test_a_line_without_voice_has_no_hours_of_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await told(SEVEN, monkeypatch, voice=False) == (False, None, None)
