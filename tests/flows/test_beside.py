"""Beside a talk, on the real engine: the desk lets somebody in, the session hears of it, and there is one owner."""

import asyncio
from typing import Any

import pytest

from accounts.domain.ties import Tie
from chat.attend_messages import PostWhisper
from kernel.decider import Address
from kernel.errors import Refused
from kernel.terms import Actor, Attending, Role
from queueing import messages as queueing
from queueing.messages.attend import AcceptConsult, AskConsult, AttendContact, TakeOver
from server.standing import standing_of
from tests.flows.conftest import House

ZHAO = Actor(Role.SUPERVISOR, "zhao")


async def talking(house: House) -> tuple[Actor, Actor]:
    """A visitor who talks with Chen, while Zhao's console is open."""
    await house.opens()
    chen = await house.on_duty("chen")
    await house.give(house.desk, queueing.EnterSeat("zhao", "赵督导", Role.SUPERVISOR))
    visitor = await house.comes()
    await house.passes(91)
    await house.accepts(chen, visitor)
    return visitor, chen


@pytest.mark.promise("R8")
def test_a_supervisor_whispers_and_takes_over_and_the_visitor_s_words_stay_with_one_owner(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            visitor, chen = await talking(h)
            session = Address("session", visitor.id)
            await h.give(h.desk, AttendContact(visitor.id, Attending.WHISPER), ZHAO)
            assert (await h.state("session", visitor)).attending == {"zhao": Attending.WHISPER}
            await h.give(session, PostWhisper("先问问安全"), ZHAO)
            await h.give(session, PostWhisper("好"), chen)
            with pytest.raises(Refused, match="not_yours"):
                await h.says(ZHAO, "还不能写", visitor)
            await h.give(h.desk, TakeOver(visitor.id, "需要督导"), ZHAO)
            state = await h.state("session", visitor)
            assert (state.counselor, state.epoch, state.attending) == ("zhao", 2, {})
            await h.says(ZHAO, "现在由我陪您", visitor)
            with pytest.raises(Refused, match="not_yours"):
                await h.says(chen, "我还在", visitor)
            holders = [seat.counselor for seat in (await h.at_desk()).seats.values() if visitor.id in seat.contacts]
            assert holders == ["zhao"]

    asyncio.run(story())


@pytest.mark.promise("R8")
def test_a_colleague_reads_from_the_moment_they_come_and_not_after(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            visitor, chen = await talking(h)
            lin = await h.on_duty("lin")

            async def ties() -> frozenset[Tie]:
                return (await standing_of(h.engine, visitor.id)).ties(lin, (h.line,))

            await h.give(h.desk, AskConsult(visitor.id, "lin"), chen)
            assert Tie.BESIDE not in await ties(), "asked is not there yet"
            await h.give(h.desk, AcceptConsult(visitor.id), lin)
            assert Tie.BESIDE in await ties()
            await h.give(Address("session", visitor.id), PostWhisper("问问睡眠"), lin)
            await h.give(h.desk, queueing.LoseSeat("lin"))
            await h.passes(61)
            assert Tie.BESIDE not in await ties(), "whose console is gone is let go"
            assert (await h.state("session", visitor)).attending == {}
            assert (await h.at_desk()).tickets[visitor.id].owner == "chen"

    asyncio.run(story())
