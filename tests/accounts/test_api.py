"""Who am I, and tickets, over HTTP."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from pytest_django import Settings

from accounts import store
from accounts.auth import identify
from accounts.models import StaffMember
from kernel import clock
from queueing.models import Line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_second_factor")]
HERE = {"origin": "http://testserver"}


@pytest.fixture(autouse=True)
def plain_http(settings: Settings) -> None:
    """As on one's own machine."""
    settings.XINQIAO_HTTPS = False


async def signed_in(member: StaffMember) -> AsyncClient:
    """A browser with a session."""
    client = AsyncClient()
    await client.aforce_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


async def test_me_names_person_role_and_lines(chen: StaffMember) -> None:
    await sync_to_async(Line.objects.create)(id="main", name_zh="热线", name_en="Line")
    answer = await (await signed_in(chen)).get("/api/v1/me")
    me: dict[str, Any] = answer.json()
    assert (me["id"], me["name"], me["role"]) == ("chen", "陈老师", "counselor")
    assert me["lines"] == [{"id": "main", "name": {"zh": "热线", "en": "Line"}}]
    assert (me["mfa_required"], me["mfa_enrolled"], me["home"]) == (False, False, "/console/")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_who_is_not_signed_in_is_told_so() -> None:
    answer = await AsyncClient().get("/api/v1/me")
    assert (answer.status_code, answer.json()) == (401, {"code": "sign_in"})


@pytest.mark.promise("R8")
async def test_a_ticket_is_minted_for_our_own_pages_only_and_opens_one_door_once(chen: StaffMember) -> None:
    client = await signed_in(chen)
    foreign = await client.post("/api/v1/tickets?door=console", headers={"origin": "http://evil.example"})
    silent = await client.post("/api/v1/tickets?door=console")
    assert (foreign.status_code, silent.status_code) == (403, 403)
    minted = await client.post("/api/v1/tickets?door=console", headers=HERE)
    guest = await identify("console", [], minted.json()["ticket"], clock.now())
    assert (guest.actor.id, guest.via) == ("chen", "ticket")


async def test_a_visitor_with_a_bearer_gets_a_ticket_without_an_origin() -> None:
    token = await store.aissue_visitor_token("c0123456789abcdef01234567", clock.now())
    minted = await AsyncClient().post("/api/v1/tickets", headers={"authorization": f"Bearer {token}"})
    guest = await identify("contact", [], minted.json()["ticket"], clock.now())
    assert guest.actor.id == "c0123456789abcdef01234567"
