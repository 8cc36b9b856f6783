"""What is in force, and how the next version is numbered."""

import asyncio
from datetime import date, datetime

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ValidationError
from msgspec import structs

from queueing import store
from queueing.domain.schedule import WEEKDAYS, Schedule, WeeklyRule, Window
from queueing.models import Line, ScheduleVersion
from queueing.policy import DeskPolicy

DAILY = Schedule(rules=(WeeklyRule(days=WEEKDAYS, windows=(Window(600, 1440),), valid_from=date(2026, 1, 1)),))


def make_lines() -> None:
    """Two active lines and one that is off."""
    for name, active in (("main", True), ("night", True), ("old", False)):
        Line.objects.create(id=name, name_zh=name, name_en=name, active=active)


@pytest.mark.django_db
def test_a_line_without_versions_is_closed_and_has_the_defaults() -> None:
    make_lines()
    assert store.current_schedule("main") == store.ScheduleInForce(0, Schedule())
    assert store.current_policy("main") == store.PolicyInForce(0, DeskPolicy())
    assert store.versions() == {"main": store.Versions(0, 0), "night": store.Versions(0, 0)}


@pytest.mark.django_db
def test_publishing_puts_the_next_version_in_force_for_that_line_only(now: datetime) -> None:
    make_lines()
    longer = structs.replace(DAILY, drain_minutes=90)
    assert [store.publish_schedule("main", each, "zhao", now) for each in (DAILY, longer)] == [1, 2]
    assert store.current_schedule("main") == store.ScheduleInForce(2, longer)
    assert store.current_schedule("night").version == 0
    policy = DeskPolicy(ring_text_s=30)
    assert store.publish_policy("night", policy, "zhao", now, "试行") == 1
    assert store.current_policy("night") == store.PolicyInForce(1, policy)
    assert store.versions() == {"main": store.Versions(2, 0), "night": store.Versions(0, 1)}
    assert ScheduleVersion.objects.get(version=1).schedule == DAILY


@pytest.mark.django_db
def test_what_is_refused_changes_nothing(now: datetime) -> None:
    make_lines()
    with pytest.raises(ValidationError):
        store.publish_schedule("main", Schedule(), "zhao", now)
    with pytest.raises(Line.DoesNotExist):
        store.publish_schedule("nowhere", DAILY, "zhao", now)
    assert store.versions()["main"] == store.Versions(0, 0)


@pytest.mark.django_db
def test_only_active_lines_are_listed() -> None:
    make_lines()
    assert [line.id for line in store.lines()] == ["main", "night"]
    assert store.lines()[0] == store.LineFacts("main", "main", "main", True, False)


@pytest.mark.django_db(transaction=True)
async def test_versions_published_at_once_are_numbered_without_gap_or_double(now: datetime) -> None:
    await sync_to_async(make_lines)()
    from accounts.orm import off_loop

    numbers = await asyncio.gather(*(off_loop(store.publish_schedule, "main", DAILY, "zhao", now) for _ in range(8)))
    assert sorted(numbers) == list(range(1, 9))
    assert (await store.acurrent_schedule("main")).version == 8
    assert (await store.aversions())["main"].schedule == 8
    assert [line.id for line in await store.alines()] == ["main", "night"]
    assert (await store.acurrent_policy("main")).version == 0
