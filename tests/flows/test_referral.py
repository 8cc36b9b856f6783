"""A referral on real PostgreSQL: agreed to, opened by a one-time link, answered; or ignored until a human has it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.test import AsyncClient

from accounts.orm import off_loop
from kernel.decider import Address
from kernel.terms import Actor, Role
from recordings_policy import messages as records
from recordings_policy.policy import Channel, Purpose
from server import paging, wiring
from tests.flows.conftest import House
from tests.triage.channels.recording import Recording
from triage import messages as m
from triage import store
from triage.channels.adapters import signature
from triage.courier import Courier
from triage.domain.state import Page
from triage.models import Partner

NEED, SAFETY = "希望有人陪着去一次医院", "已约定安全计划"


@pytest.fixture
def partners(transactional_db: None) -> None:
    """A hospital that may know two things, and a station that may know one."""
    hook = "https://partner.invalid/hook"
    Partner.objects.create(
        partner_id="hospital", name_zh="第六医院", kind="hospital", boundary=["need"], channel="webhook", told_at=hook
    )
    Partner.objects.create(partner_id="station", name_zh="城东心灵驿站", kind="station", boundary=["need"])


class Referring(House):
    """A house with a courier and a partner's browser."""

    def __init__(self, engine: Any) -> None:
        """Nothing has been sent."""
        super().__init__(engine)
        self.sent = Recording()
        self.browser = AsyncClient()
        ways = store.Ways(paging.link_key(), "https://xinqiao.invalid/partner/")
        doubles = {"webhook": self.sent, "console": self.sent}
        self.courier = Courier(engine, (), partial(store.apartner_way, ways), doubles)  # type: ignore[arg-type]

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
        """What the partner's page or system sends."""
        answer = await self.browser.post(
            f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
        )
        return answer.status_code, json.loads(answer.content or b"null")

    async def referred(self) -> tuple[Actor, str]:
        """A visitor agreed to one of two fields, and the packet was sent; the visitor and the link's secret."""
        await self.opens()
        chen = await self.on_duty("chen")
        visitor = await self.comes()
        case = Address("case", visitor.id)
        boundary = (m.Field.NEED, m.Field.SAFETY)
        both = (m.Partner("hospital", "第六医院", boundary), m.Partner("station", "城东心灵驿站", boundary))
        await self.give(case, m.OfferReferral(both, {m.Field.NEED: NEED, m.Field.SAFETY: SAFETY}), chen)
        given = records.GiveConsent(Purpose.REFERRAL, "1", "0" * 64, Channel.PAGE)
        await self.give(Address("record", visitor.id), given, visitor)
        await self.give(case, m.AgreeReferral(1, (m.Field.NEED, m.Field.SAFETY)), visitor)
        await self.give(case, m.SendReferral(1), chen)
        await self.courier.carry(self.now)
        return visitor, self.sent.notices[-1].link.partition("#")[2]


@asynccontextmanager
async def referring() -> AsyncIterator[Referring]:
    """One process, its pages included."""
    try:
        yield Referring((await wiring.hub()).engine)
    finally:
        await wiring.stop()
        await off_loop(connections.close_all)


@pytest.mark.promise("R9")
def test_a_partner_reads_and_answers_by_a_link_without_an_account(partners: None) -> None:
    async def story() -> None:
        async with referring() as house:
            visitor, secret = await house.referred()
            assert NEED not in repr(house.sent.tried)
            assert visitor.id not in repr(house.sent.tried)
            code, shown = await house.post("partner/open", {"token": secret})
            assert (code, shown["packet"]) == (200, {"need": NEED})  # safety lies outside the hospital's boundary
            answer = {"token": secret, "answer": "accepted", "note": "周四上午", "id": "a1"}
            assert (await house.post("partner/answer", answer))[0] == 200
            assert (await house.post("partner/answer", answer))[0] == 200
            told = await house.told(f"case.{visitor.id}")
            assert told.count("referral.answered") == 1
            assert "referral.opened" in told
            assert (await house.post("partner/answer", {"token": secret, "answer": "finished"}))[0] == 200
            assert (await house.post("partner/open", {"token": secret}))[0] == 410
            assert (await house.post("partner/open", {"token": "x" * 43}))[0] == 404

    asyncio.run(story())


@pytest.mark.promise("R8")
def test_a_withdrawn_consent_shuts_the_packet(partners: None) -> None:
    async def story() -> None:
        async with referring() as house:
            visitor, secret = await house.referred()
            await house.give(Address("record", visitor.id), records.WithdrawConsent(Purpose.REFERRAL), visitor)
            assert (await house.post("partner/open", {"token": secret}))[0] == 410

    asyncio.run(story())


def test_a_partners_system_answers_by_signed_webhook_once(partners: None) -> None:
    async def story() -> None:
        async with referring() as house:
            visitor, secret = await house.referred()
            hook = {"id": "7", "token": secret, "answer": "accepted"}
            key = store.secret_of(paging.link_key(), "partner", "hospital")
            body = json.dumps(hook).encode()
            for at, status in ((house.now, 200), (house.now, 200), (house.now - timedelta(minutes=6), 403)):
                signed = {"X-Xinqiao-Signature": signature(key, at, body)}
                assert (await house.post("partner/hooks/hospital", hook, **signed))[0] == status
            forged = {"X-Xinqiao-Signature": signature("another", house.now, body)}
            assert (await house.post("partner/hooks/hospital", hook, **forged))[0] == 403
            assert (await house.told(f"case.{visitor.id}")).count("referral.answered") == 1

    asyncio.run(story())


@pytest.mark.promise("R9")
def test_an_ignored_referral_is_passed_on_and_reaches_a_human(partners: None) -> None:
    async def story() -> None:
        async with referring() as house:
            visitor, first = await house.referred()
            seen = set()
            for _ in range(12):
                await house.passes(24 * 3600)
                await house.courier.carry(house.now)
                seen |= {(notice.about, notice.to) for notice in house.sent.notices}
            told = [each for each in await house.told(f"case.{visitor.id}") if each.startswith("referral.")]
            assert told[:6] == [
                *("referral.offered", "referral.agreed", "referral.sent"),
                *("referral.reminded", "referral.sent", "referral.reminded"),
            ]
            assert "referral.stalled" in told
            assert ("referral", "duty_supervisor") in seen
            assert (await house.post("partner/open", {"token": first}))[0] == 410
            by = Actor(Role.COUNSELOR, "chen")
            await house.give(
                Address("case", visitor.id), m.CloseReferral(1, m.ReferralEnding.OTHER_HELP, "家人陪同就医"), by
            )
            assert (await house.state("case", visitor)).referrals == {}

    asyncio.run(story())


def test_without_a_public_page_a_partner_outside_is_sent_no_link_that_leads_nowhere(partners: None) -> None:
    async def story() -> None:
        async with referring() as house:
            visitor, _ = await house.referred()
            state = await house.state("case", visitor)
            page = Page("p9", "referral", 1, "partner", "outward", house.now, 1)
            for url, told in (("https://union.example/partner/", True), ("", False)):
                ways = store.Ways(paging.link_key(), url)
                way = await store.apartner_way(ways, visitor.id, state, page, house.now)
                assert (way is not None) is told, url

    asyncio.run(story())
