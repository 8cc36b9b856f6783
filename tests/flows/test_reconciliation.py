"""A month of referrals over HTTP: what the partners said adds up to what was sent; who answers for a line may look."""

import asyncio
import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import AsyncClient
from pytest_django import Settings

from accounts.models import StaffMember
from kernel.decider import Address
from kernel.terms import Actor, Role
from server import feedback
from tests.flows.test_referral import NEED, SAFETY, partners, referring
from triage import messages as m
from triage.policy import HOUSE

__all__ = ["partners"]
PEOPLE = {"zhao": Role.SUPERVISOR, "far": Role.SUPERVISOR, "lin": Role.COUNSELOR, "sun": Role.CRISIS_WORKER}


async def signed_in(name: str) -> AsyncClient:
    """A member of staff with a browser of their own."""
    client = AsyncClient()
    user = await get_user_model().objects.aget(username=name)
    await client.aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.promise("R9")
@pytest.mark.usefixtures("no_second_factor", "partners")
def test_what_the_partners_said_adds_up_to_what_was_sent(hire: Any, settings: Settings) -> None:
    settings.XINQIAO_HTTPS = False
    for name, role in PEOPLE.items():
        hire(name, role, lines=("other",) if name == "far" else ("main",))

    async def story() -> None:
        async with referring() as house:
            visitor, secret = await house.referred()
            month = f"{house.now.astimezone(HOUSE):%Y-%m}"
            path = f"/api/v1/review/referrals?month={month}"
            await StaffMember.objects.filter(staff_id="zhao").aupdate(lines=[house.line])
            zhao = await signed_in("zhao")
            before = (await zhao.get(path)).json()["found"]
            assert [(one["contact"], one["partner"], one["outcome"]) for one in before["open"]] == [
                (visitor.id, "hospital", "waiting")
            ]
            await house.post("partner/answer", {"token": secret, "answer": "declined"})
            await house.give(
                Address("case", visitor.id),
                m.CloseReferral(1, m.ReferralEnding.CONNECTED, "已联系上"),
                Actor(Role.COUNSELOR, "chen"),
            )
            answer = await zhao.get(path)
            found = answer.json()["found"]
            assert [(one["partner"], one["sent"], one["outcomes"]) for one in found["partners"]] == [
                ("hospital", 1, {"declined": 1}),
                ("station", 1, {"closed": 1}),
            ]
            assert (found["open"], found["differing"], found["erased"]) == ([], [], 0)
            assert answer.json()["names"]["station"]["zh-Hans"] == "城东心灵驿站"
            assert answer.headers["Cache-Control"] == "no-store"
            assert NEED not in answer.content.decode()
            assert SAFETY not in answer.content.decode()
            far = (await (await signed_in("far")).get(path)).json()["found"]
            assert (far["partners"], far["open"]) == ([], [])

    asyncio.run(story())


@pytest.mark.usefixtures("no_second_factor", "transactional_db")
def test_only_those_who_answer_for_lines_look_back_and_only_at_months(hire: Any, settings: Settings) -> None:
    settings.XINQIAO_HTTPS = False
    for name, role in PEOPLE.items():
        hire(name, role)

    async def story() -> None:
        async with referring():
            for name, status in (("zhao", 200), ("lin", 403), ("sun", 403)):
                client = await signed_in(name)
                for path in ("referrals", "screening"):
                    assert (await client.get(f"/api/v1/review/{path}")).status_code == status, (name, path)
            zhao = await signed_in("zhao")
            assert (await zhao.get("/api/v1/review/screening?month=2026-13")).status_code == 422
            empty = json.loads((await zhao.get("/api/v1/review/screening?month=2026-02")).content)
            assert empty == {"month": "2026-02", "rules": [], "by_people": 0, "erased": 0}
            assert (await AsyncClient().get("/api/v1/review/screening")).status_code == 401
            assert feedback.bounds("2026-02")[0].tzinfo is HOUSE

    asyncio.run(story())
