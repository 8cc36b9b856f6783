"""Policies are published in versions that never reach into the past, and with a preview of what they purge."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts import lines
from kernel import clock
from kernel.terms import Medium, Role
from recordings_policy import store
from recordings_policy.domain.retention import Closing
from recordings_policy.models import RecordPolicyVersion
from recordings_policy.policy_form import PolicyForm
from tests.conftest import Hire
from tests.recordings_policy.people import DAY, HASH, T0, policy

pytestmark = pytest.mark.django_db


def publish(days_from_now: int = 0, medium: Medium = Medium.VOICE, **changes: object) -> RecordPolicyVersion:
    """Publish the next version at T0."""
    return store.publish_policy(policy(medium, **changes), T0 + days_from_now * DAY, "sun", T0)


def test_a_line_without_versions_has_no_rules() -> None:
    assert store.rules_in_force("main", T0) == ()


def test_the_newest_version_in_force_rules_until_the_next_begins() -> None:
    publish()
    publish(10, retention_ceiling_days=60)
    publish(0, Medium.TEXT)
    text, voice = store.rules_in_force("main", T0 + DAY)
    assert (text.policy.medium, text.version, text.effective_until) == (Medium.TEXT, 1, None)
    assert (voice.version, voice.effective_until) == (1, T0 + 10 * DAY)
    _, voice = store.rules_in_force("main", T0 + 10 * DAY)
    assert (voice.version, voice.effective_until, voice.policy.retention_ceiling_days) == (2, None, 60)
    assert store.rules_in_force("main", T0 - timedelta(seconds=1)) == ()


def test_no_version_reaches_into_the_past_nor_before_one_already_published() -> None:
    assert publish(-30).effective_from == T0
    assert publish(10).effective_from == T0 + 10 * DAY
    assert publish(5).effective_from == T0 + 10 * DAY


def test_a_version_that_makes_no_sense_is_not_saved() -> None:
    with pytest.raises(ValidationError):
        publish(retention_floor_days=91)
    with pytest.raises(ValidationError):
        RecordPolicyVersion(
            line="main", medium="voice", version=1, effective_from=T0, content={"line": 3}, created_at=T0
        ).save()
    assert not RecordPolicyVersion.objects.exists()


def test_the_database_refuses_to_change_a_version() -> None:
    publish()
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE recordings_policy_recordpolicyversion SET version = 9")


def test_a_version_is_told_once_when_published_and_once_when_it_rules() -> None:
    publish(10)
    for day, due in ((0, 1), (1, 0), (9, 0), (10, 1), (11, 0)):
        versions = store.rollouts_due(T0 + day * DAY)
        assert len(versions) == due, day
        store.rolled_out(versions, T0 + day * DAY)


@pytest.fixture
def line_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line to choose."""
    monkeypatch.setattr(lines, "choices", lambda: [("main", "主线(main)")])


def form(**changes: object) -> PolicyForm:
    """What an administrator enters."""
    promises = [{"purpose": "recording", "version": "rec-2", "language": "zh-Hans", "text_hash": HASH}]
    entered = {
        "line": "main",
        "medium": "text",
        "effective_from": "2026-03-02 09:00",
        "record": "on",
        "retention_floor_days": "10",
        "retention_ceiling_days": "20",
        "who_may_consent": ["visitor"],
        "purposes": ["recording"],
        "promises": promises,
    }
    return PolicyForm(data={key: _plain(value) for key, value in (entered | changes).items()})


def _plain(value: object) -> object:
    return str(value).replace("'", '"') if isinstance(value, list) and value and isinstance(value[0], dict) else value


@pytest.mark.usefixtures("line_main")
def test_the_form_shows_what_would_be_purged_before_it_publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = [Closing(clock.now() - age * DAY, held) for age, held in ((25, False), (26, True), (1, False))]
    monkeypatch.setattr(store, "closings", lambda _line, _medium: iter(closed))
    first = form()
    assert not first.is_valid()
    assert "立即清除 2 份（其中 1 份因法律保全暂不清除）" in str(first.errors["confirmed"])
    assert form(confirmed="on").is_valid()


@pytest.mark.usefixtures("line_main")
def test_the_form_names_what_makes_no_sense_and_cannot_be_read() -> None:
    assert "最短保存天数不能超过最长保存天数" in str(form(retention_floor_days="30").errors)
    assert "promises" in form(promises=[{"purpose": "nonsense"}]).errors
    assert form().is_valid()


@pytest.mark.usefixtures("line_main")
def test_an_administrator_publishes_on_the_admin_page_and_reads_the_books(
    client: Client, hire: Hire, settings: Any
) -> None:
    settings.XINQIAO_MFA_REQUIRED = False
    client.force_login(hire("sun", Role.ADMINISTRATOR).user)
    add = "/admin/recordings_policy/recordpolicyversion/add/"
    assert "最短保存" in client.get(add).content.decode()
    entered = dict(form().data) | {"effective_from_0": "2020-01-01", "effective_from_1": "09:00"}
    assert client.post(add, entered).status_code == 302
    row = RecordPolicyVersion.objects.get()
    assert (row.version, row.created_by) == (1, "sun")
    assert row.effective_from == row.created_at, "never into the past"
    for page in ("recordpolicyversion", f"recordpolicyversion/{row.pk}/change", "accesslog", "purgereceipt"):
        assert client.get(f"/admin/recordings_policy/{page}/").status_code == 200


def test_a_counselor_sees_none_of_it(client: Client, hire: Hire, settings: Any) -> None:
    settings.XINQIAO_MFA_REQUIRED = False
    client.force_login(hire("chen", Role.COUNSELOR).user)
    assert client.get("/admin/recordings_policy/accesslog/").status_code in (302, 403)
