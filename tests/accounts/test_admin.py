"""Staff in the admin: who may, and what is shown once."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import StaffMember
from kernel.terms import Role
from queueing.models import Line
from tests.conftest import Hire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_second_factor")]
LIST = "/admin/accounts/staffmember/"


def as_person(member: StaffMember) -> Client:
    """Sign in."""
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.promise("R8")
@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.PEER_SUPPORTER, Role.CRISIS_WORKER, Role.SUPERVISOR])
def test_only_administrators_keep_staff(hire: Hire, role: Role) -> None:
    assert as_person(hire("someone", role)).get(LIST).status_code in {302, 403}


def test_an_administrator_adds_a_person_and_sees_the_password_once(admin_person: StaffMember) -> None:
    Line.objects.create(id="main", name_zh="热线", name_en="Line")
    client = as_person(admin_person)
    assert "热线(main)" in client.get(f"{LIST}add/").content.decode()
    form = {
        "staff_id": "li",
        "display_name": "李老师",
        "role": "counselor",
        "languages": ["zh-Hans"],
        "lines": ["main"],
        "skills": "youth 2027-06-30\nlaw",
        "active": "on",
    }
    added = client.post(f"{LIST}add/", form)
    text = " ".join(str(message) for message in get_messages(added.wsgi_request))
    found = re.search(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", text)
    member = StaffMember.objects.get(staff_id="li")
    assert found
    assert member.user.check_password(found[0])
    assert member.lines == ["main"]
    assert member.skills == {"youth": "2027-06-30", "law": None}
    assert "law\nyouth 2027-06-30" in client.get(f"{LIST}{member.pk}/change/").content.decode()
    assert found[0] not in client.get(LIST).content.decode() or found[0] not in client.get(LIST).content.decode()


def test_a_taken_name_and_a_line_that_is_none_are_refused(admin_person: StaffMember, chen: StaffMember) -> None:
    client = as_person(admin_person)
    form = {"staff_id": "chen", "display_name": "x", "role": "counselor", "languages": ["zh-Hans"], "lines": ["no"]}
    page = client.post(f"{LIST}add/", form)
    assert page.status_code == 200
    assert set(page.context["adminform"].form.errors) >= {"staff_id", "lines"}


def test_the_staff_id_never_changes_and_leaving_ends_sign_in(admin_person: StaffMember, chen: StaffMember) -> None:
    Line.objects.create(id="main", name_zh="热线", name_en="Line")
    form = {"staff_id": "other", "display_name": "陈", "role": "counselor", "languages": ["en"], "lines": ["main"]}
    as_person(admin_person).post(f"{LIST}{chen.pk}/change/", form)
    chen.refresh_from_db()
    chen.user.refresh_from_db()
    assert (chen.staff_id, chen.display_name, chen.user.is_active) == ("chen", "陈", False)


def test_nobody_is_deleted(admin_person: StaffMember, chen: StaffMember) -> None:
    assert as_person(admin_person).post(f"{LIST}{chen.pk}/delete/").status_code == 403


def test_a_lost_device_is_removed_and_a_new_password_drawn(admin_person: StaffMember, chen: StaffMember) -> None:
    Authenticator.objects.create(user=chen.user, type="totp", data={})
    client = as_person(admin_person)
    before = chen.user.password
    for action in ("drop_second_factor", "draw_password"):
        client.post(LIST, {"action": action, "_selected_action": [chen.pk]})
    chen.user.refresh_from_db()
    assert not Authenticator.objects.exists()
    assert chen.user.password != before
