"""The demo's line and people."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import StaffMember
from kernel.terms import Role
from queueing import store

pytestmark = pytest.mark.django_db


def seed(*args: str) -> str:
    """Run the command; what it prints."""
    out = StringIO()
    call_command("seed_demo", *args, stdout=out)
    return out.getvalue()


def test_the_first_run_prints_six_sign_ins_that_work_and_the_second_changes_nothing() -> None:
    rows = [line.split() for line in seed().splitlines()]
    assert sorted(role for role, *_ in rows) == [
        "administrator",
        "counselor",
        "counselor",
        "crisis_worker",
        "peer_supporter",
        "supervisor",
    ]
    role, staff_id, password, name = rows[0]
    member = StaffMember.objects.get(staff_id=staff_id)
    assert (member.role, member.display_name) == (role, name)
    assert member.user.check_password(password)
    assert member.lines == ["main"]
    again = seed()
    assert password not in again
    assert store.versions()["main"] == store.Versions(1, 1)
    assert StaffMember.objects.count() == 6
    assert StaffMember.objects.get(role=Role.ADMINISTRATOR).user.is_staff


def test_the_line_is_open_around_the_clock_unless_hours_are_given() -> None:
    seed()
    assert store.current_schedule("main").schedule.rules[0].windows[0].closes == 1440
    seed("--hours", "10:00-22:00")
    seed("--hours", "10:00-22:00")
    seed()
    published = store.current_schedule("main")
    assert published.version == 2
    assert [(w.opens, w.closes) for w in published.schedule.rules[0].windows] == [(600, 1320)]


def test_a_reset_gives_everybody_a_new_password() -> None:
    before = seed()
    after = seed("--reset")
    assert len(after.splitlines()) == 6
    assert not set(before.split()) & {word for word in after.split() if word.count("-") == 3}


@pytest.mark.parametrize("text", ["morning", "", "10:00"])
def test_hours_that_cannot_be_read_are_one_clear_sentence(text: str) -> None:
    with pytest.raises(CommandError, match="--hours"):
        seed("--hours", text)
