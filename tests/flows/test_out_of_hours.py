"""Words to a closed line, on real PostgreSQL: they wait for somebody, and writing within the hours takes a place."""

import asyncio
from typing import Any

import pytest

from chat import messages as chat
from chat.closed_messages import AskAgain
from chat.domain.session import Phase
from kernel.decider import Address
from kernel.errors import Refused
from tests.flows.test_stories import CALM, assert_sound
from triage import messages as triage


@pytest.mark.promise("R1")
@pytest.mark.promise("R9")
def test_words_left_at_a_closed_line_wait_for_a_person_and_writing_again_takes_a_place(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens(open_=False)
            chen = await h.on_duty("chen")
            li = await h.comes()
            await h.give(Address("case", li.id), CALM, li)
            assert (await h.state("session", li)).phase is Phase.DEFLECTED
            assert (await h.state("case", li)).follow_up is None, "nothing has been said yet"
            await h.says(li, "那我先写在这里")
            plan = (await h.state("case", li)).follow_up
            assert plan.cause == "out_of_hours"
            assert li.id not in (await h.at_desk()).tickets
            await h.opens()
            await h.says(li, "我又来了")
            assert (await h.state("session", li)).phase is Phase.QUEUED
            assert (await h.at_desk()).tickets[li.id].arrived_at == h.now
            await h.accepts(chen, li)
            await h.give(Address("session", li.id), chat.EndSession(), li)
            await h.give(Address("session", li.id), chat.SubmitWrapUp(chat.Disposition.RESOLVED), chen)
            assert (await h.state("case", li)).closed, "the words were answered: nobody is asked after"
            await assert_sound(h)

    asyncio.run(story())


@pytest.mark.promise("R8")
@pytest.mark.promise("R9")
def test_words_left_at_a_closed_line_are_answered_by_whoever_follows_them_up(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens(open_=False)
            chen = await h.on_duty("chen")
            li = await h.comes()
            await h.give(Address("case", li.id), CALM, li)
            await h.says(li, "那我先写在这里")
            with pytest.raises(Refused, match="not_yours"):
                await h.says(chen, "我看到了", li)
            await h.give(Address("case", li.id), triage.TakeFollowUp(), chen)
            await h.says(chen, "我看到了，明天十点我在。", li)
            assert (await h.state("session", li)).phase is Phase.DEFLECTED
            await h.give(Address("case", li.id), triage.CloseFollowUp(triage.Ending.SAFE, "已答复"), chen)
            with pytest.raises(Refused, match="not_yours"):
                await h.says(chen, "还有一句", li)
            await h.opens()
            await h.says(li, "谢谢，我来了")
            assert (await h.state("session", li)).phase is Phase.QUEUED
            await assert_sound(h)

    asyncio.run(story())


def test_the_key_takes_a_place_once_the_line_is_open_and_says_so_while_it_is_not(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens(open_=False)
            li = await h.comes()
            await h.give(Address("case", li.id), CALM, li)
            await h.give(Address("session", li.id), AskAgain(), li)
            assert (await h.state("session", li)).phase is Phase.DEFLECTED
            assert (await h.state("case", li)).follow_up is None
            await h.opens()
            await h.give(Address("session", li.id), AskAgain(), li)
            assert (await h.state("session", li)).phase is Phase.QUEUED
            await assert_sound(h)

    asyncio.run(story())


@pytest.mark.promise("R9")
def test_what_somebody_said_before_the_gate_answered_is_not_lost_when_they_leave(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens(open_=False)
            li = await h.comes()
            await h.says(li, "有人在吗")
            await h.give(Address("case", li.id), triage.SubmitIntake(text="工资拖了三个月"), li)
            await h.give(Address("session", li.id), chat.EndSession(), li)
            case = await h.state("case", li)
            assert case.over
            assert case.follow_up.cause == "out_of_hours"
            await assert_sound(h)

    asyncio.run(story())
