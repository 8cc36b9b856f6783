"""Rather a call than the screen, on real PostgreSQL: place, number, two tries, and the way back."""

import asyncio
from typing import Any

import pytest

from chat import messages as chat
from chat.domain.state import Phase
from kernel.decider import Address
from tests.flows.test_stories import CALM, assert_sound
from triage import messages as triage
from triage.messages.callback import AskCallback, CancelCallback

TELEPHONE = "13800001234"


@pytest.mark.promise("R9")
@pytest.mark.promise("R12")
def test_somebody_is_called_at_their_turn_and_nobody_answers_twice(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens()
            li = await h.comes()
            case = Address("case", li.id)
            await h.give(case, CALM, li)
            await h.give(case, AskCallback(TELEPHONE), li)
            session = await h.state("session", li)
            assert (session.phase, session.deflected_for) == (Phase.DEFLECTED, "callback")
            await h.give(Address("session", li.id), chat.MarkAway())
            await h.passes(3600)
            assert li.id in (await h.at_desk()).tickets, "a place for a call needs no connection"
            chen = await h.on_duty("chen")
            await h.accepts(chen, li)
            await h.passes(7200)
            assert (await h.state("session", li)).phase is Phase.ACTIVE, "a talk on the telephone is not silence"
            await h.give(case, triage.AttemptFollowUp(triage.Reached.NO_ANSWER), chen)
            await h.give(Address("session", li.id), chat.EndSession(), chen)
            await h.give(Address("session", li.id), chat.SubmitWrapUp(chat.Disposition.LEFT), chen)
            assert (await h.state("case", li)).follow_up.cause == "callback"
            await h.passes(601)
            await h.give(case, triage.AttemptFollowUp(triage.Reached.NO_ANSWER), chen)
            await h.give(case, triage.CloseFollowUp(triage.Ending.UNREACHABLE, "两次没有接"), chen)
            assert (await h.state("case", li)).closed
            dump = await h.engine.store.fetch("SELECT payload FROM kernel_logrow", ())
            assert not any(TELEPHONE.encode() in bytes(row[0]) for row in dump), "the number is sealed"
            await assert_sound(h)

    asyncio.run(story())


def test_at_a_closed_line_a_call_is_promised_for_the_opening_and_may_be_taken_back(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens(open_=False)
            li = await h.comes()
            case = Address("case", li.id)
            await h.give(case, CALM, li)
            await h.give(case, AskCallback(TELEPHONE), li)
            assert (await h.state("case", li)).follow_up.cause == "callback", (
                "nobody knows when it opens: it is not lost"
            )
            await h.give(case, CancelCallback(), li)
            assert (await h.state("case", li)).follow_up is None
            await h.opens()
            await h.give(case, AskCallback(TELEPHONE), li)
            assert (await h.at_desk()).tickets[li.id].callback
            await h.give(case, CancelCallback(), li)
            assert (await h.state("session", li)).phase is Phase.QUEUED
            assert not (await h.at_desk()).tickets[li.id].callback
            chen = await h.on_duty("chen")
            await h.accepts(chen, li)
            for _ in range(2):  # asked after, then ended
                await h.passes(3600)
            ended = await h.state("session", li)
            assert ended.phase is Phase.WRAP_UP, "no call after all: a talk on the screen is asked after and ends"
            await assert_sound(h)

    asyncio.run(story())
