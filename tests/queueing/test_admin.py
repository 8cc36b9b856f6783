"""Publishing hours and promises as a supervisor does it."""

import pytest
from django.test import Client
from msgspec import structs

from accounts.models import StaffMember
from kernel.terms import Role
from queueing import store
from queueing.models import Line
from queueing.policy import DeskPolicy
from tests.conftest import Hire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_second_factor")]
HOURS = "/admin/queueing/scheduleversion/"
POLICY = "/admin/queueing/policyversion/"


@pytest.fixture
def line() -> Line:
    """职工心理服务热线."""
    return Line.objects.create(id="main", name_zh="职工心理服务热线", name_en="Workers' line", voice=True)


def as_person(member: StaffMember) -> Client:
    """Sign in."""
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def week(**changes: str) -> dict[str, str]:
    """The form of a line that is open daily."""
    form = {day: "10:00-22:00" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    form |= {"effective": "2020-01-01", "last_admission_minutes": "30", "drain_minutes": "60", "note": "试行"}
    for rows in ("dated", "closures", "extensions"):
        form |= {f"{rows}-TOTAL_FORMS": "1", f"{rows}-INITIAL_FORMS": "0"}
    return form | changes


def test_a_supervisor_looks_first_and_publishes_then(zhao: StaffMember, line: Line) -> None:
    client = as_person(zhao)
    assert "不开放" in client.get(f"{HOURS}add/").content.decode()
    looked = client.post(f"{HOURS}add/", week(preview="1"))
    assert looked.content.decode().count("10:00–22:00") == 28  # fourteen days, text and voice
    assert store.current_schedule("main").version == 0
    published = client.post(f"{HOURS}add/", week(publish="1"))
    assert published.headers["Location"] == HOURS
    assert store.current_schedule("main").version == 1
    row = line.scheduleversion_set.get()
    assert (row.created_by, row.note) == ("zhao", "试行")
    seen = client.get(f"{HOURS}{row.pk}/change/").content.decode()
    assert "10:00–22:00" in seen
    assert 'name="_save"' not in seen


def test_a_schedule_with_problems_is_not_published_and_says_why(zhao: StaffMember, line: Line) -> None:
    page = as_person(zhao).post(f"{HOURS}add/", week(publish="1", mon="10:00-12:00, 11:00-13:00"))
    assert "时段在 11:00 处重叠" in page.content.decode()
    assert store.current_schedule("main").version == 0


def test_a_closure_without_a_reason_is_refused_since_visitors_read_it(zhao: StaffMember, line: Line) -> None:
    closure = {"closures-0-begins_at": "2030-01-01T10:00", "closures-0-ends_at": "2030-01-01T12:00"}
    page = as_person(zhao).post(f"{HOURS}add/", week(publish="1", **closure))
    assert "请写明暂停服务的原因" in page.content.decode()


def test_where_there_are_several_lines_one_is_chosen_first(zhao: StaffMember, line: Line) -> None:
    Line.objects.create(id="night", name_zh="夜间热线", name_en="Night line")
    client = as_person(zhao)
    assert "夜间热线" in client.get(f"{HOURS}add/").content.decode()
    client.post(f"{HOURS}add/?line=night", week(publish="1"))
    assert (store.current_schedule("night").version, store.current_schedule("main").version) == (1, 0)


def test_promises_are_published_within_their_bounds(zhao: StaffMember, line: Line) -> None:
    client = as_person(zhao)
    form = {name: str(value) for name, value in structs.asdict(DeskPolicy()).items()}
    page = client.post(f"{POLICY}add/", form | {"ring_text_s": "1"})
    assert page.status_code == 200
    assert "ring_text_s" in page.context["form"].errors
    crossed = client.post(f"{POLICY}add/", form | {"target_high_s": "3600"})
    assert "风险越高" in crossed.content.decode()
    client.post(f"{POLICY}add/", form | {"ring_text_s": "25", "note": "响铃久一点"})
    assert store.current_policy("main") == store.PolicyInForce(1, DeskPolicy(ring_text_s=25))
    row = line.policyversion_set.get()
    assert "文字派单响铃: 25" in client.get(f"{POLICY}{row.pk}/change/").content.decode()


@pytest.mark.promise("R8")
@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.PEER_SUPPORTER, Role.CRISIS_WORKER])
@pytest.mark.parametrize("path", [HOURS, f"{HOURS}add/", POLICY, f"{POLICY}add/", "/admin/queueing/line/add/"])
def test_counselors_publish_nothing(hire: Hire, line: Line, role: Role, path: str) -> None:
    answer = as_person(hire("someone", role)).post(path, week(publish="1"))
    assert answer.status_code in {302, 403}
    assert store.versions()["main"] == store.Versions(0, 0)


def test_a_version_is_neither_changed_nor_deleted_in_the_admin(zhao: StaffMember, line: Line) -> None:
    client = as_person(zhao)
    client.post(f"{HOURS}add/", week(publish="1"))
    row = line.scheduleversion_set.get()
    assert client.post(f"{HOURS}{row.pk}/change/", {"note": "x"}).status_code == 403
    assert client.post(f"{HOURS}{row.pk}/delete/").status_code == 403


def test_a_line_keeps_its_id(zhao: StaffMember, line: Line) -> None:
    client = as_person(zhao)
    client.post("/admin/queueing/line/main/change/", {"id": "other", "name_zh": "新名", "name_en": "New", "text": "on"})
    renamed = Line.objects.get()
    assert (renamed.id, renamed.name_zh, renamed.active) == ("main", "新名", False)


@pytest.mark.parametrize("path", [HOURS, f"{HOURS}add/", f"{POLICY}add/", "/admin/"])
def test_admin_pages_have_nothing_inline(zhao: StaffMember, line: Line, path: str) -> None:
    import re

    body = as_person(zhao).get(path).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|application/json))", body)
