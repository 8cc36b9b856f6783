"""Who is at the door, by cookie, header and ticket."""

from datetime import datetime
from typing import Any

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import store
from accounts.auth import Identity, Shown, identify, origin_matches, read
from accounts.models import StaffMember
from kernel.errors import NotPermitted, Unavailable
from kernel.terms import Actor, Role
from tests.conftest import Hire

pytestmark = pytest.mark.django_db(transaction=True)
CONTACT = "c0123456789abcdef01234567"
Headers = list[tuple[bytes, bytes]]


@pytest.fixture(autouse=True)
def plain_http(settings: Settings) -> None:
    """The house as on one's own machine, with one foreign page allowed."""
    settings.ALLOWED_HOSTS = ["hotline.test"]
    settings.XINQIAO_HTTPS = False
    settings.XINQIAO_ORIGINS = ["https://union.example"]
    settings.XINQIAO_MFA_REQUIRED = False


def headers(origin: str | None = "http://hotline.test", **more: str) -> Headers:
    """What a browser would send."""
    sent = {"host": "hotline.test", **more}
    if origin is not None:
        sent["origin"] = origin
    return [(name.encode(), value.encode()) for name, value in sent.items()]


def session_of(member: StaffMember) -> str:
    """Sign in and give the Cookie header."""
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return f"theme=dark; sessionid={client.cookies['sessionid'].value}"


async def refusal(door: str, sent: Headers, ticket: str | None, now: datetime, **how: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(NotPermitted) as refused:
        await identify(door, sent, ticket, now, **how)
    return refused.value.code


async def test_a_visitor_comes_in_by_cookie_by_header_and_by_ticket(now: datetime) -> None:
    token = await store.aissue_visitor_token(CONTACT, now)
    visitor = Actor(Role.VISITOR, CONTACT)
    ticket = await store.aissue_ticket(visitor, now)
    by_cookie = await identify("contact", headers(cookie=f"xq_contact={token}"), None, now)
    by_header = await identify("contact", headers(None, authorization=f"Bearer {token}"), None, now)
    by_ticket = await identify("contact", headers("https://elsewhere.example"), ticket, now)
    assert by_cookie == Identity(visitor, "", (), Role.VISITOR, "cookie")
    assert (by_header.actor, by_header.via) == (visitor, "header")
    assert (by_ticket.actor, by_ticket.via) == (visitor, "ticket")
    assert await refusal("contact", headers(), ticket, now) == "sign_in"


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://hotline.test.evil.example",
        "http://hotline.test:81",
        "ftp://hotline.test",
    ],
)
async def test_a_cookie_with_a_foreign_or_missing_origin_is_refused(now: datetime, origin: str | None) -> None:
    token = await store.aissue_visitor_token(CONTACT, now)
    sent = headers(origin, cookie=f"xq_contact={token}")
    assert await refusal("contact", sent, None, now) == "forbidden_origin"


async def test_a_plain_get_may_come_without_origin_but_not_with_a_foreign_one(now: datetime) -> None:
    token = await store.aissue_visitor_token(CONTACT, now)
    cookie = f"xq_contact={token}"
    known = await identify("contact", headers(None, cookie=cookie), None, now, origin="if_present")
    assert known.actor.id == CONTACT
    foreign = headers("http://evil.example", cookie=cookie)
    assert await refusal("contact", foreign, None, now, origin="if_present") == "forbidden_origin"


async def test_a_listed_origin_passes_and_two_origins_are_none(now: datetime) -> None:
    token = await store.aissue_visitor_token(CONTACT, now)
    listed = headers("https://union.example", cookie=f"xq_contact={token}")
    assert (await identify("contact", listed, None, now)).actor.id == CONTACT
    twice = [*headers(cookie=f"xq_contact={token}"), (b"Origin", b"http://hotline.test")]
    assert await refusal("contact", twice, None, now) == "forbidden_origin"


async def test_behind_https_a_page_of_plain_http_is_foreign(now: datetime, settings: Settings) -> None:
    settings.XINQIAO_HTTPS = True
    token = await store.aissue_visitor_token(CONTACT, now)
    assert await refusal("contact", headers(cookie=f"xq_contact={token}"), None, now) == "forbidden_origin"
    secure = headers("https://hotline.test", cookie=f"xq_contact={token}")
    assert (await identify("contact", secure, None, now)).actor.id == CONTACT


async def test_a_host_that_is_not_ours_is_refused_even_where_the_origin_agrees(now: datetime) -> None:
    token = await store.aissue_visitor_token(CONTACT, now)
    rebound = [
        (b"host", b"evil.example"),
        (b"origin", b"http://evil.example"),
        (b"cookie", f"xq_contact={token}".encode()),
    ]
    assert await refusal("contact", rebound, None, now) == "forbidden_origin"


@pytest.mark.parametrize("sent", [headers(), headers(cookie="xq_contact=wrong"), headers(cookie='a="')])
async def test_who_shows_nothing_valid_must_sign_in(now: datetime, sent: Headers) -> None:
    assert await refusal("contact", sent, None, now) == "sign_in"
    assert await refusal("console", sent, None, now) == "sign_in"


async def test_staff_come_in_by_session_with_name_lines_and_grade(chen: StaffMember, now: datetime) -> None:
    cookie = await sync_to_async(session_of)(chen)
    known = await identify("console", headers(cookie=cookie), None, now)
    who = Identity(Actor(Role.COUNSELOR, "chen"), "陈老师", ("main",), Role.COUNSELOR, "cookie")
    assert msgspec.structs.replace(known, session="", proof="") == who
    assert known.session in cookie
    assert known.proof
    ticket = await store.aissue_ticket(known.actor, now)
    assert (await identify("console", headers(None), ticket, now)).via == "ticket"


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("role", "door", "passes"),
    [
        (Role.COUNSELOR, "console", True),
        (Role.COUNSELOR, "supervision", False),
        (Role.PEER_SUPPORTER, "supervision", False),
        (Role.SUPERVISOR, "supervision", True),
        (Role.ADMINISTRATOR, "supervision", True),
        (Role.ADMINISTRATOR, "console", False),
        (Role.COUNSELOR, "admin", False),
        (Role.ADMINISTRATOR, "staff", True),
    ],
)
async def test_each_role_passes_its_own_doors(hire: Hire, now: datetime, role: Role, door: str, passes: bool) -> None:
    cookie = await sync_to_async(lambda: session_of(hire("someone", role)))()
    if passes:
        assert (await identify(door, headers(cookie=cookie), None, now)).grade is role
    else:
        assert await refusal(door, headers(cookie=cookie), None, now) == "forbidden_role"


@pytest.mark.promise("R8")
async def test_a_visitor_s_ticket_opens_no_staff_door(now: datetime) -> None:
    ticket = await store.aissue_ticket(Actor(Role.VISITOR, CONTACT), now)
    assert await refusal("console", headers(), ticket, now) == "forbidden_role"


async def test_dismissal_ends_session_and_ticket_at_once(chen: StaffMember, now: datetime) -> None:
    cookie = await sync_to_async(session_of)(chen)
    ticket = await store.aissue_ticket(Actor(Role.COUNSELOR, "chen"), now)
    chen.user.is_active = False
    await chen.user.asave()
    assert await refusal("console", headers(cookie=cookie), None, now) == "sign_in"
    assert await refusal("console", headers(), ticket, now) == "sign_in"


async def test_a_new_password_ends_the_sessions_of_the_old_one(chen: StaffMember, now: datetime) -> None:
    cookie = await sync_to_async(session_of)(chen)
    chen.user.set_password("a quite new password")
    await chen.user.asave()
    assert await refusal("console", headers(cookie=cookie), None, now) == "sign_in"


async def test_without_a_second_factor_nobody_works_where_one_is_required(
    chen: StaffMember, now: datetime, settings: Settings
) -> None:
    settings.XINQIAO_MFA_REQUIRED = True
    cookie = await sync_to_async(session_of)(chen)
    assert await refusal("console", headers(cookie=cookie), None, now) == "sign_in"


async def test_an_account_without_a_role_has_no_door(now: datetime, hire: Hire) -> None:
    def orphan() -> str:
        member = hire("orphan")
        cookie = session_of(member)
        member.delete()
        return cookie

    cookie = await sync_to_async(orphan)()
    assert await refusal("staff", headers(cookie=cookie), None, now) == "forbidden_role"


@pytest.mark.promise("R11")
async def test_a_database_that_fails_is_unavailable_and_not_a_refusal(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def broken(*_: object) -> None:
        raise OperationalError("secret detail")

    monkeypatch.setattr(store, "contact_of_token", broken)
    with pytest.raises(Unavailable) as fault:
        await identify("contact", headers(cookie="xq_contact=x"), None, now)
    assert "secret" not in str(fault.value)


@given(
    raw=st.lists(st.tuples(st.sampled_from([b"cookie", b"Origin", b"host", b"authorization"]), st.binary(max_size=60)))
)
def test_no_header_however_broken_raises(raw: Headers) -> None:
    shown = read(raw)
    assert isinstance(shown, Shown)
    assert origin_matches(shown) in {True, False}
