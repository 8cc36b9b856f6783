"""Lines and versions: written once, checked before they are written."""

from datetime import datetime

import msgspec
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from queueing.models import Line, PolicyVersion, ScheduleVersion
from queueing.policy import DeskPolicy
from queueing.policy_check import BOUNDS, policy_problems

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    """职工心理服务热线."""
    return Line.objects.create(id="main", name_zh="职工心理服务热线", name_en="Workers' line")


def version(line: Line, content: object, now: datetime, number: int = 1) -> ScheduleVersion:
    """A version that is not saved yet."""
    return ScheduleVersion(line=line, version=number, content=content, created_at=now, created_by="zhao")


def test_a_schedule_that_overlaps_is_refused_in_both_languages(line: Line, now: datetime) -> None:
    rule = {"days": ["mon"], "windows": [{"opens": 600, "closes": 720}, {"opens": 700, "closes": 800}]}
    content = {"rules": [{**rule, "valid_from": "2026-01-01"}]}
    with pytest.raises(ValidationError) as refused:
        version(line, content, now).save()
    assert "重叠" in str(refused.value.messages)
    assert not ScheduleVersion.objects.exists()


@pytest.mark.parametrize("content", [{}, {"rules": "daily"}, {"rules": [], "surprise": 1}, []])
def test_content_that_is_no_schedule_is_refused(line: Line, now: datetime, content: object) -> None:
    with pytest.raises(ValidationError):
        version(line, content, now).save()


def test_a_published_version_neither_changes_nor_goes(line: Line, now: datetime) -> None:
    content = {"rules": [{"days": ["mon"], "windows": [{"opens": 600, "closes": 720}], "valid_from": "2026-01-01"}]}
    row = version(line, content, now)
    row.save()
    row.note = "changed my mind"
    with pytest.raises(ValidationError):
        row.save()
    with pytest.raises(ValidationError):
        row.delete()
    again = version(line, content, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_a_policy_out_of_bounds_is_refused_with_every_problem(line: Line, now: datetime) -> None:
    content = {**msgspec.to_builtins(DeskPolicy()), "ring_text_s": 1, "slots_limit": 99, "target_high_s": 3600}
    row = PolicyVersion(line=line, version=1, content=content, created_at=now, created_by="zhao")
    with pytest.raises(ValidationError) as refused:
        row.save()
    said = " ".join(refused.value.messages)
    assert "文字派单响铃" in said
    assert "每人同时文字上限" in said
    assert "风险越高" in said


def test_every_promise_has_a_name_and_bounds_and_the_defaults_keep_them() -> None:
    assert set(BOUNDS) == {field.name for field in msgspec.structs.fields(DeskPolicy)}
    assert policy_problems(DeskPolicy()) == ()


@pytest.mark.parametrize("bad", ["Main", "1st", "a b", "x" * 33, "热线"])
def test_a_line_s_id_is_fit_for_a_feed_s_name(bad: str) -> None:
    with pytest.raises(ValidationError):
        Line(id=bad, name_zh="x", name_en="x").full_clean()
