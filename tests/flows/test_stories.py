"""Whole stories through all four rooms, each step one command, on real PostgreSQL."""

import asyncio
from typing import Any

import pytest

from chat import messages as chat
from chat.domain.session import Phase
from kernel import clock
from kernel.decider import Address
from kernel.errors import Refused
from kernel.terms import RiskLevel
from queueing import messages as queueing
from tests.flows.conftest import House
from triage import messages as triage

DANGER = "药我已经吃下去了, 一整瓶安眠药"
CALM = triage.SubmitIntake((triage.Topic.SLEEP,), triage.Thoughts.NO)


async def rows(house: House) -> dict[str, int]:
    """Every feed of the database and how long it is."""
    found = await house.engine.store.fetch("SELECT feed, count(*) FROM kernel_logrow GROUP BY feed", ())
    return {str(feed): int(count) for feed, count in found}


async def assert_sound(house: House) -> None:
    """Every feed is gapless, nothing is owed, and replaying every reaction adds no row."""
    before = await rows(house)
    for feed, count in before.items():
        loaded = await house.engine.state(Address.of(feed))
        log = await house.engine.read(feed, 0)
        decider = house.engine._deciders[Address.of(feed).kind]
        assert loaded is not None
        assert [row.seq for row in log] == list(range(1, count + 1))
        assert loaded.state == decider.fold(decider.initial, tuple(row.event for row in log))
    assert await house.engine.store.fetch("SELECT feed, seq FROM kernel_unreacted", ()) == []
    await house.engine.store.run(
        "INSERT INTO kernel_unreacted (feed, seq, at) SELECT feed, seq, '2020-01-01' FROM kernel_logrow", ()
    )
    while await house.engine.heal(clock.now()):
        await house.engine.settled()
    assert await rows(house) == before


@pytest.mark.promise("R1")
def test_a_talk_from_the_door_to_the_disposition(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens()
            chen = await h.on_duty("chen")
            li = await h.comes()
            await h.says(li, "有人在吗?")
            await h.give(Address("case", li.id), CALM, li)
            await h.accepts(chen, li)
            await h.says(chen, "您好, 我在。", li)
            await h.says(li, "最近总是睡不着。")
            assert (await h.state("session", li)).phase is Phase.ACTIVE
            await h.give(Address("session", li.id), chat.EndSession(), li)
            assert (await h.at_desk()).seats["chen"].contacts == (li.id,), "wrap-up holds the slot"
            await h.give(Address("session", li.id), chat.SubmitWrapUp(chat.Disposition.RESOLVED), chen)
            desk = await h.at_desk()
            assert desk.tickets == {}
            assert desk.seats["chen"].contacts == ()
            assert (await h.state("session", li)).phase is Phase.CLOSED
            assert (await h.state("case", li)).closed
            assert (await h.state("record", li)).closed_at is not None
            said = [
                row.event.text
                for row in await h.engine.read(f"session.{li.id}", 0)
                if isinstance(row.event, chat.MessagePosted)
            ]
            assert said == ["有人在吗?", "您好, 我在。", "最近总是睡不着。"]
            await assert_sound(h)

    asyncio.run(story())


@pytest.mark.promise("R3")
def test_danger_heard_while_waiting_passes_everybody_and_rings_at_once(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens()
            first, second = await h.comes(), await h.comes()
            for visitor in (first, second):
                await h.give(Address("case", visitor.id), CALM, visitor)
            await h.on_duty("chen")
            assert [len((await h.at_desk()).tickets[v.id].offers) for v in (first, second)] == [1, 0]
            await h.says(second, DANGER)
            desk = await h.at_desk()
            assert desk.tickets[second.id].tier == 0
            assert [len(desk.tickets[v.id].offers) for v in (first, second)] == [0, 1]
            assert (await h.state("session", second)).risk is RiskLevel.IMMINENT
            await assert_sound(h)

    asyncio.run(story())


@pytest.mark.promise("R2")
def test_a_danger_in_the_last_words_leaves_no_ticket_behind(house: Any) -> None:
    """Written and left in one breath: whichever news is faster, nobody is rung for somebody who ended."""

    async def story() -> None:
        async with house() as h:
            await h.opens()
            await h.on_duty("chen")
            for _ in range(8):
                li = await h.comes()
                session = Address("session", li.id)
                for cid, command in (("a", chat.PostMessage(DANGER)), ("b", chat.EndSession())):
                    await h.engine.submit(session, command, li, h.now, cid)
                await h.engine.settled()
                assert li.id not in (await h.at_desk()).tickets
                assert (await h.state("session", li)).phase is Phase.CLOSED
            assert (await h.at_desk()).seats["chen"].offer is None
            await assert_sound(h)

    asyncio.run(story())


@pytest.mark.promise("R7")
def test_at_a_closed_line_a_visitor_is_told_and_danger_is_let_in_while_anybody_is_there(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens(open_=False)
            calm = await h.comes()
            await h.give(Address("case", calm.id), CALM, calm)
            assert (await h.state("session", calm)).phase is Phase.DEFLECTED
            await h.says(calm, "那我留句话")
            lonely = await h.comes()
            await h.says(lonely, DANGER)
            assert (await h.state("session", lonely)).phase is Phase.DEFLECTED
            await h.on_duty("chen", ready=False)
            urgent = await h.comes()
            await h.says(urgent, DANGER)
            assert (await h.state("session", urgent)).phase is Phase.QUEUED
            await assert_sound(h)

    asyncio.run(story())


@pytest.mark.promise("R2")
def test_a_lost_counselors_contact_is_taken_up_by_another_and_the_first_is_fenced(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens()
            chen = await h.on_duty("chen")
            li = await h.comes()
            await h.give(Address("case", li.id), CALM, li)
            await h.accepts(chen, li)
            await h.give(h.desk, queueing.LoseSeat("chen"))
            await h.passes(59)
            assert (await h.state("session", li)).phase is Phase.ACTIVE
            await h.passes(2)
            assert (await h.state("session", li)).phase is Phase.QUEUED
            liu = await h.on_duty("liu")
            await h.accepts(liu, li)
            assert (await h.state("session", li)).counselor == "liu"
            with pytest.raises(Refused, match="not_yours"):
                await h.says(chen, "我回来了", li)
            await h.says(liu, "您好, 我接着陪您。", li)
            await assert_sound(h)

    asyncio.run(story())


def test_a_silent_visitor_who_goes_away_keeps_the_place_for_the_grace_and_no_longer(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens()
            li = await h.comes()
            await h.give(Address("session", li.id), chat.MarkAway())
            await h.passes(91)
            assert (await h.at_desk()).tickets[li.id].away_since is not None
            await h.passes(200)  # what follows from an event happens by the wall's clock: 291 s after
            assert li.id in (await h.at_desk()).tickets
            await h.passes(20)
            assert li.id not in (await h.at_desk()).tickets
            assert (await h.state("session", li)).phase is Phase.ABANDONED
            assert (await h.state("case", li)).closed
            await assert_sound(h)

    asyncio.run(story())


@pytest.mark.promise("R1")
def test_every_step_survives_a_process_that_dies_right_after_its_commit(house: Any) -> None:
    """Each command is taken by a process that never reacts; another one's sweep does the rest."""

    def dies(_row: object) -> tuple[()]:
        raise RuntimeError("killed")

    async def story() -> None:
        async with house() as h, house(react=dies) as dying:
            await h.opens()
            chen = await h.on_duty("chen")
            li = await h.comes()
            session = Address("session", li.id)

            async def through_the_dying(to: Address, command: Any, by: Any) -> None:
                await dying.engine.submit(to, command, by, h.now, f"x{id(command)}")
                await dying.engine.settled()
                while await h.engine.heal(clock.now(), older_than_s=-3600):
                    await h.engine.settled()

            await through_the_dying(Address("case", li.id), CALM, li)
            (offer,) = (await h.at_desk()).tickets[li.id].offers
            await through_the_dying(h.desk, queueing.AcceptOffer(offer.offer), chen)
            await through_the_dying(session, chat.PostMessage("好多了"), li)
            await through_the_dying(session, chat.EndSession(), chen)
            await through_the_dying(session, chat.SubmitWrapUp(chat.Disposition.RESOLVED), chen)
            assert (await h.at_desk()).tickets == {}
            assert (await h.state("case", li)).closed
            await assert_sound(h)

    asyncio.run(story())


def test_the_talk_of_somebody_in_danger_is_never_timed_out(house: Any) -> None:
    async def story() -> None:
        async with house() as h:
            await h.opens()
            chen = await h.on_duty("chen")
            li = await h.comes()
            await h.says(li, DANGER)
            await h.accepts(chen, li)
            await h.passes(7200)
            assert (await h.state("session", li)).phase is Phase.ACTIVE
            lower = triage.LowerRisk(RiskLevel.ROUTINE, "家人已到身边")
            await h.give(Address("case", li.id), lower, chen)
            await h.passes(7200)
            await h.passes(7200)
            assert (await h.state("session", li)).phase is Phase.WRAP_UP
            case = await h.engine.read(f"case.{li.id}", 0)
            (lowered,) = [row for row in case if isinstance(row.event, triage.RiskLowered)]
            assert lowered.by == chen
            await assert_sound(h)

    asyncio.run(story())
