"""A follow-up on real PostgreSQL: an abandoned contact in danger is asked after until a person says how it ended."""

import asyncio

import pytest

from kernel.decider import Address
from kernel.terms import Actor, RiskLevel, Role
from queueing import messages as queueing
from tests.flows.conftest import House, housed
from triage import messages as m

LIU = Actor(Role.COUNSELOR, "liu")


async def abandoned(house: House) -> Actor:
    """Somebody at high risk waited, lost the connection and did not come back."""
    await house.opens()
    await house.on_duty("chen", ready=False)
    visitor = await house.comes()
    await house.give(Address("case", visitor.id), m.SubmitIntake(thoughts=m.Thoughts.YES), visitor)
    await house.give(house.desk, queueing.MarkTicketAway(visitor.id))
    await house.passes(301)
    return visitor


@pytest.mark.promise("R9")
def test_an_abandoned_contact_in_danger_is_asked_after_until_somebody_says_how_it_ended(transactional_db: None) -> None:
    async def story() -> None:
        async with housed() as house:
            visitor = await abandoned(house)
            case = Address("case", visitor.id)
            told = await house.told(case.feed)
            assert told[-2:] == ["visit.ended", "follow_up.planned"]
            state = await house.state("case", visitor)
            assert (state.highest, len(state.follow_up.steps)) == (RiskLevel.HIGH, 3)
            for _ in range(3):
                await house.passes(24 * 3600)
            told = await house.told(case.feed)
            assert "follow_up.fell_due" in told
            assert "follow_up.overdue" in told
            await house.give(case, m.TakeFollowUp(), LIU)
            await house.give(case, m.AttemptFollowUp(m.Reached.SPOKE, "情绪平稳,家人在旁"), LIU)
            assert "case.closed" not in await house.told(case.feed)
            await house.give(case, m.CloseFollowUp(m.Ending.SAFE, "已约定下次来访"), LIU)
            assert (await house.told(case.feed))[-1] == "case.closed"

    asyncio.run(story())


@pytest.mark.promise("R9")
def test_what_a_crash_leaves_undone_the_sweep_does(transactional_db: None) -> None:
    """The news of the end is committed and its reactions are lost: another process gives them."""

    async def story() -> None:
        async with housed(react=lambda _row: (), owes=lambda _row: True) as dying:
            engine = dying.engine
            async with housed() as house:
                house.line, house.desk = dying.line, Address("desk", dying.line)
                await house.opens()
                await house.on_duty("chen", ready=False)
                visitor = await house.comes()
                case = Address("case", visitor.id)
                await house.give(case, m.SubmitIntake(thoughts=m.Thoughts.YES), visitor)
                assert (await house.at_desk()).tickets
                by = Actor(Role.COUNSELOR, "chen")
                await engine.submit(case, m.RaiseRisk(RiskLevel.IMMINENT, "counselor"), by, house.now, "raised")
                await engine.settled()
                assert (await house.state("case", visitor)).escalation is not None
                await house.passes(31)
                await house.engine.heal(house.now)
                await house.engine.settled()
                alarm = (await house.at_desk()).alarms.get(visitor.id)
                assert alarm is not None or (await house.told(case.feed)).count("escalation.climbed") >= 2

    asyncio.run(story())
