"""A crisis on real PostgreSQL: from a waiting visitor, in the middle of a talk, with the counselor gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pytest_django import Settings

from accounts.auth import Identity
from chat import messages as chat
from kernel import clock
from kernel.decider import Address
from kernel.errors import Refused
from kernel.feeds import Feeds
from kernel.hub import Hub
from kernel.outbound import Outbound
from kernel.terms import Actor, RiskLevel, Role
from queueing import messages as queueing
from server import wiring
from server.doors import ConsoleDoor, SupervisionDoor
from tests.flows.conftest import House, housed
from tests.triage.channels.recording import Recording
from triage import messages as m
from triage.channels.notice import Destination
from triage.courier import Courier
from triage.domain.state import CaseState, Page

SUN = Actor(Role.CRISIS_WORKER, "sun")
ZHAO = Actor(Role.SUPERVISOR, "zhao")
ACT = m.SubmitIntake(thoughts=m.Thoughts.YES, acted=m.Acted.YES)


async def seated(house: House, actor: Actor) -> None:
    """Somebody opens the console."""
    await house.give(house.desk, queueing.EnterSeat(actor.id, actor.id, actor.role))


async def no_partner(_contact: str, _state: CaseState, _page: Page, _now: Any) -> None:
    """Nobody is referred in these stories."""


def courier(house: House, sent: Recording) -> Courier:
    """A courier with one group robot and one number outside."""
    robot = Destination("robot", "wecom", ("duty_supervisor", "second_supervisor", "everyone"))
    outside = Destination("outside", "sms", ("outside",), to="10000000000")
    return Courier(house.engine, (robot, outside), no_partner, {"wecom": sent, "sms": sent, "console": sent})


@pytest.mark.promise("R3")
def test_a_waiting_visitor_in_danger_is_called_out_until_a_supervisor_has_it(transactional_db: None) -> None:
    async def story() -> None:
        async with housed() as house:
            sent = Recording()
            carrier = courier(house, sent)
            await house.opens()
            await seated(house, ZHAO)
            visitor = await house.comes()
            await house.give(Address("case", visitor.id), ACT, visitor)
            alarm = (await house.at_desk()).alarms[visitor.id]
            assert (alarm.cause, alarm.called, alarm.owner) == ("imminent", ("zhao",), None)
            for _ in range(5):
                await carrier.carry(house.now)
                await house.passes(31)
            assert [notice.to for notice in sent.notices][:4] == [
                *("duty_supervisor", "second_supervisor", "everyone", "outside"),
            ]
            assert all(visitor.id not in repr(notice) for notice in sent.notices)
            await house.give(Address("case", visitor.id), m.Acknowledge(), ZHAO)
            assert (await house.at_desk()).alarms[visitor.id].owner == "zhao"
            before = len(sent.notices)
            await house.passes(300)
            await carrier.carry(house.now)
            assert len(sent.notices) == before

    asyncio.run(story())


def test_a_colleague_comes_into_the_same_talk_and_wrap_up_waits_for_the_supervisor(transactional_db: None) -> None:
    async def story() -> None:
        async with housed() as house:
            await house.opens()
            chen = await house.on_duty("chen")
            visitor = await house.comes()
            case, session = Address("case", visitor.id), Address("session", visitor.id)
            await house.give(case, m.SubmitIntake(), visitor)
            await house.accepts(chen, visitor)
            with pytest.raises(Refused, match="not_yours"):
                await house.says(SUN, "我是危机干预师", visitor)
            await house.give(case, m.HelpNow(), chen)
            await house.give(case, m.Acknowledge(), ZHAO)
            await house.give(case, m.JoinEscalation(), SUN)
            await house.says(SUN, "您好,我和陈老师一起陪您。", visitor)
            assert (await house.state("session", visitor)).counselor == "chen"
            with pytest.raises(Refused, match="not_yours"):
                await house.give(session, chat.EndSession(), SUN)
            await house.give(session, chat.EndSession(), chen)
            written = chat.SubmitWrapUp(chat.Disposition.CRISIS, "已约定安全计划")
            with pytest.raises(Refused, match="escalation_open"):
                await house.give(session, written, chen)
            await house.give(case, m.CloseEscalation(m.Outcome.SAFE, "家人已到身边"), ZHAO)
            assert (await house.state("session", visitor)).participants == ()
            assert visitor.id not in (await house.at_desk()).alarms
            await house.give(session, written, chen)
            told = await house.told(case.feed)
            assert told[-2:] == ["visit.ended", "follow_up.planned"]

    asyncio.run(story())


@pytest.mark.promise("R3")
def test_the_counselor_vanishes_in_a_crisis_and_it_climbs_again(transactional_db: None) -> None:
    async def story() -> None:
        async with housed() as house:
            await house.opens()
            chen = await house.on_duty("chen")
            visitor = await house.comes()
            await house.give(Address("case", visitor.id), ACT, visitor)
            await house.accepts(chen, visitor)
            await house.give(Address("case", visitor.id), m.Acknowledge(), ZHAO)
            await house.give(house.desk, queueing.LoseSeat("chen"))
            await house.passes(61)
            await house.passes(1)
            state = await house.state("case", visitor)
            assert state.escalation.owner is None
            assert state.escalation.cause == "counselor_lost"
            assert (await house.at_desk()).alarms[visitor.id].owner is None

    asyncio.run(story())


def test_a_page_that_no_channel_took_is_sent_again_with_the_same_id(transactional_db: None) -> None:
    async def story() -> None:
        async with housed() as house:
            sent = Recording(fails=2)
            carrier = courier(house, sent)
            await house.opens()
            visitor = await house.comes()
            await house.give(Address("case", visitor.id), ACT, visitor)
            await carrier.carry(house.now)
            await house.passes(15)
            await carrier.carry(house.now)
            await carrier.carry(house.now)
            assert len({notice.id for notice in sent.tried}) == 1
            assert len(sent.tried) == 2
            assert sent.notices == []
            again = courier(house, sent)  # another process, after a crash
            await again.carry(house.now)
            assert [notice.id for notice in sent.notices] == [sent.tried[0].id]
            outward = [page for page in (await house.state("case", visitor)).pages.values() if page.way == "outward"]
            assert outward == []

    asyncio.run(story())


# --- R3: on a screen within five seconds, with the broker down ---------------------------------------------


@asynccontextmanager
async def deaf_process() -> AsyncIterator[Hub]:
    """One web process whose broker is not there."""
    hub = wiring.build()
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


class Screen:
    """A socket's frames, as they are put on the wire."""

    def __init__(self, hub: Hub, door: Any, actor: Actor, line: str) -> None:
        """Follow the desk of a line."""
        self.frames: asyncio.Queue[Any] = asyncio.Queue()
        out = Outbound(self._never)
        out.put = self.frames.put_nowait  # type: ignore[method-assign,assignment]
        guest = Identity(actor, actor.id, (line,), actor.role, "cookie")
        self.feeds = Feeds(hub, door, guest, out, {})
        self.feeds.follow(f"desk.{line}")

    async def _never(self, _message: dict[str, Any]) -> None:
        """Frames are taken before they are sent."""

    async def sees(self, kind: str) -> Any:
        """The first event of a kind."""
        while True:
            frame = await self.frames.get()
            if getattr(getattr(frame, "event", None), "__struct_config__", None) is None:
                continue
            if frame.event.__struct_config__.tag == kind:
                return frame


@pytest.mark.promise("R3")
def test_a_raise_is_on_a_supervisors_screen_in_another_process_within_five_seconds_without_redis(
    transactional_db: None, settings: Settings
) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": "redis://127.0.0.1:1/0", "socket_connect_timeout": 1}]},
        }
    }

    async def story() -> None:
        async with deaf_process() as web1, deaf_process() as web2:
            house = House(web1.engine)
            await house.opens()
            await seated(house, ZHAO)
            wall = Screen(web2, SupervisionDoor(), ZHAO, house.line)
            console = Screen(web2, ConsoleDoor(), ZHAO, house.line)
            try:
                visitor = await house.comes()
                await house.give(Address("case", visitor.id), m.SubmitIntake(), visitor)
                begun = clock.now()
                raised = m.RaiseRisk(RiskLevel.IMMINENT, "counselor")
                await web1.engine.submit(Address("case", visitor.id), raised, Actor(Role.COUNSELOR, "chen"), begun, "r")
                async with asyncio.timeout(10):
                    rung = await wall.sees("alarm.rung")
                    took = (clock.now() - begun).total_seconds()
                    assert rung.event.people == ("zhao",)
                    assert took <= 5.0, took
                    await console.sees("alarm.rung")
                    await web2.engine.submit(Address("case", visitor.id), m.Acknowledge(), ZHAO, clock.now(), "a")
                    await console.sees("escalation.acknowledged")  # from now on the case itself is followed
            finally:
                for screen in (wall, console):
                    await screen.feeds.close()

    asyncio.run(story())
