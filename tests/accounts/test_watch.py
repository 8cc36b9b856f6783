"""Whoever is dismissed, changed, signed out or idle loses the sockets that are open, and nobody else does (R8)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import AsyncClient, Client
from pytest_django import Settings

from accounts import store
from accounts.auth import Identity, identify
from accounts.models import SignInSeen, StaffMember
from accounts.orm import off_loop
from accounts.watch import Verdict, Watch, verdicts
from kernel import clock
from kernel.errors import NotPermitted
from kernel.terms import Role

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.promise("R8"),
    pytest.mark.usefixtures("no_second_factor"),
]
NOW = clock.now()


@pytest.fixture(autouse=True)
def plain(settings: Settings) -> None:
    """As on one's own machine."""
    settings.XINQIAO_HTTPS, settings.ALLOWED_HOSTS = False, ["testserver"]
    settings.STAFF_IDLE = timedelta(minutes=30)


def signed_in(member: StaffMember) -> Client:
    """A browser with a session."""
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def guest(client: Client, door: str = "console") -> Identity:
    """Who the door takes this browser for."""
    cookie = client.cookies["sessionid"].value
    headers = [(b"host", b"testserver"), (b"origin", b"http://testserver"), (b"cookie", f"sessionid={cookie}".encode())]
    return asyncio.run(identify(door, headers, None, clock.now()))


def judged(who: Identity) -> Verdict:
    """What is said of somebody now."""
    return verdicts([who], clock.now())[who]


def new_password(member: StaffMember, _client: Client) -> None:
    """Somebody draws another password."""
    member.user.set_password("another one")
    member.user.save()


CHANGES: dict[str, tuple[Callable[[StaffMember, Client], Any], Verdict]] = {
    "nothing": (lambda _m, _c: None, Verdict.STAYS),
    "dismissed": (lambda m, _c: type(m.user).objects.filter(pk=m.user_id).update(is_active=False), Verdict.OVER),
    "role taken": (lambda m, _c: StaffMember.objects.update(role=Role.PEER_SUPPORTER.value), Verdict.CHANGED),
    "line taken": (lambda m, _c: StaffMember.objects.update(lines=[]), Verdict.CHANGED),
    "signed out": (lambda _m, c: c.session.delete(c.cookies["sessionid"].value), Verdict.OVER),
    "expired": (lambda _m, _c: Session.objects.update(expire_date=NOW - timedelta(hours=1)), Verdict.OVER),
    "new password": (new_password, Verdict.OVER),
    "a name": (lambda m, _c: StaffMember.objects.update(display_name="小陈"), Verdict.STAYS),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_has_its_verdict(chen: StaffMember, change: str) -> None:
    client = signed_in(chen)
    who = guest(client)
    happen, expected = CHANGES[change]
    happen(chen, client)
    assert judged(who) is expected


def test_a_colleague_stays_when_somebody_is_dismissed(chen: StaffMember, zhao: StaffMember) -> None:
    one, other = guest(signed_in(chen)), guest(signed_in(zhao))
    type(chen.user).objects.filter(pk=chen.user_id).update(is_active=False)
    assert verdicts([one, other], clock.now()) == {one: Verdict.OVER, other: Verdict.STAYS}


def test_one_look_serves_everybody_of_a_process(chen: StaffMember, django_assert_max_num_queries: Any) -> None:
    who = guest(signed_in(chen))

    async def story() -> None:
        watch = Watch()
        for _ in range(50):
            watch.enter(who)
        told = await asyncio.gather(*(watch.verdict(who) for _ in range(50)))
        assert set(told) == {Verdict.STAYS}
        for _ in range(50):
            watch.leave(who)
        assert not watch._here

    with django_assert_max_num_queries(2):
        asyncio.run(story())


def test_who_did_nothing_for_half_an_hour_signs_in_again_but_a_wallboard_stays_on_its_wall(zhao: StaffMember) -> None:
    client = signed_in(zhao)
    key = client.cookies["sessionid"].value
    guest(client, "staff")
    store.touch(key, clock.now() - timedelta(minutes=29))
    guest(client, "staff")
    store.touch(key, clock.now() - timedelta(minutes=31))
    guest(client, "supervision")
    with pytest.raises(NotPermitted, match="sign_in"):
        guest(client, "staff")
    assert not SessionStore().exists(key)
    assert not SignInSeen.objects.exists()
    with pytest.raises(NotPermitted, match="sign_in"):
        guest(client, "supervision")


def test_the_pages_of_staff_end_an_idle_sign_in_too(zhao: StaffMember) -> None:
    client = signed_in(zhao)
    assert client.get("/admin/").status_code == 200
    store.touch(client.cookies["sessionid"].value, clock.now() - timedelta(minutes=31))
    assert client.get("/admin/").status_code == 302
    assert not Session.objects.exists()


async def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(chen: StaffMember) -> None:
    client = AsyncClient()
    await client.aforce_login(chen.user, backend="django.contrib.auth.backends.ModelBackend")
    key, before = client.cookies["sessionid"].value, clock.now() - timedelta(minutes=5)
    await off_loop(store.touch, key, before)
    assert (await client.get("/api/v1/me")).status_code == 200
    assert (await off_loop(SignInSeen.objects.get)).seen_at == before
    here = {"origin": "http://testserver"}
    assert (await client.post("/api/v1/tickets?door=console", headers=here)).status_code == 201
    assert (await off_loop(SignInSeen.objects.get)).seen_at > before


def test_what_is_long_over_is_forgotten(chen: StaffMember) -> None:
    store.touch("old", clock.now() - timedelta(days=3))
    store.touch("new", clock.now())
    asyncio.run(off_loop(store.sweep, clock.now()))
    assert [row.session_key for row in SignInSeen.objects.all()] == ["new"]
