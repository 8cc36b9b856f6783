"""Feedback per rule: what raised a level and what counselors said of it, counted for a month, without words."""

import asyncio

import msgspec
import pytest

from kernel.decider import Address
from kernel.terms import RiskLevel
from server import feedback, wiring
from tests.flows.conftest import housed
from triage import messages as m
from triage.policy import HOUSE


def test_a_month_is_counted_rule_by_rule_and_the_last_word_counts(transactional_db: None) -> None:
    async def story() -> None:
        async with housed(react=wiring.react) as house:
            await house.opens()
            chen, lin = await house.on_duty("chen"), await house.on_duty("lin")
            visitor = await house.comes()
            case = Address("case", visitor.id)
            await house.give(case, m.SubmitIntake(), visitor)
            reason = m.ReasonCode("plan.time", "3", "plan")
            await house.give(case, m.RaiseRisk(RiskLevel.HIGH, "screening", (reason,)))
            await house.give(case, m.JudgeRule("plan.time", "3", right=True), chen)
            await house.give(case, m.JudgeRule("plan.time", "3", right=False), chen)
            await house.give(case, m.JudgeRule("plan.time", "3", right=True), lin)
            await house.give(case, m.RaiseRisk(RiskLevel.IMMINENT, "counselor"), lin)
            month = f"{house.now.astimezone(HOUSE):%Y-%m}"
            found = await feedback.report(house.engine, month)
            assert found == feedback.MonthReport(month, (feedback.RuleReport("plan.time", 1, 1, 1),), 1, 0)
            assert visitor.id not in msgspec.json.encode(found).decode()
            assert (await feedback.report(house.engine, "2020-12")).rules == ()

    asyncio.run(story())


def test_a_month_ends_where_the_next_begins() -> None:
    assert feedback.bounds("2026-12")[1] == feedback.bounds("2027-01")[0]
    with pytest.raises(ValueError, match="month 13"):
        feedback.bounds("month 13")
