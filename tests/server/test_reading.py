"""What staff read passes the gate and stands in the access log: every role, every resource, every reason (R8)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from accounts.auth import Identity
from accounts.orm import off_loop
from chat import messages as chat
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import NotPermitted
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, RiskLevel, Role
from queueing import messages as queueing
from recordings_policy import messages as records
from recordings_policy import store
from recordings_policy.domain.access import Reason, Resource
from recordings_policy.policy import Purpose
from server import reading
from server.doors import ConsoleDoor, SupervisionDoor
from tests.personas import ADMIN, CHEN, LIU, PEER, SUN, ZHAO
from tests.server.conftest import quiet_hub
from triage import messages as triage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("R8")]
STAFF = (CHEN, LIU, PEER, SUN, ZHAO, ADMIN)
CONSOLE = ConsoleDoor()


def guest(actor: Actor, lines: tuple[str, ...] = ("main",)) -> Identity:
    """Somebody who has passed the door."""
    return Identity(actor, "x", lines, actor.role, "cookie")


class Story:
    """One contact on line main; Chen has it."""

    def __init__(self, hub: Hub) -> None:
        """Nobody has come yet."""
        self.hub, self.contact = hub, ids.contact_id()

    async def do(self, kind: str, command: Any, by: Actor = SYSTEM) -> None:
        """Give one command and let its reactions happen."""
        to = Address(kind, "main" if kind == "desk" else self.contact)
        await self.hub.engine.submit(to, command, by, clock.now(), ids.command_id())
        await self.hub.engine.settled()

    async def begin(self) -> None:
        """A visitor comes and Chen accepts."""
        now, hour = clock.now(), timedelta(hours=1)
        visitor = Actor(Role.VISITOR, self.contact)
        span = queueing.OpenInterval(now - hour, now + 8 * hour, now + 7 * hour)
        await self.do("desk", queueing.PublishHours((span,), "1"))
        await self.do("session", chat.OpenContact("main"), visitor)
        await self.do("case", triage.SubmitIntake(), visitor)
        await self.do("desk", queueing.EnterSeat("chen", "陈", Role.COUNSELOR))
        await self.do("desk", queueing.ReadySeat(2), CHEN)
        desk = await self.hub.engine.state(Address("desk", "main"))
        assert desk is not None
        (offer,) = desk.state.tickets[self.contact].offers
        await self.do("desk", queueing.AcceptOffer(offer.offer), CHEN)

    async def logged(self) -> list[tuple[str, str, str]]:
        """Who opened what and why, as the log has it."""
        looks = await off_loop(store.looks, self.contact)
        return [(look.who, look.what, look.why) for look in looks]


def played(story: Callable[[Story], Awaitable[None]]) -> None:
    """Tell one story on the real engine."""

    async def run() -> None:
        async with quiet_hub() as hub:
            here = Story(hub)
            await here.begin()
            await story(here)

    asyncio.run(run())


def test_a_console_that_follows_a_contact_in_hand_is_in_the_log_and_a_stranger_s_follows_nothing() -> None:
    async def story(here: Story) -> None:
        for person in (CHEN, LIU, PEER, SUN):
            for kind in ("session", "case", "record"):
                opened = await CONSOLE.opens(here.hub, guest(person), Address(kind, here.contact))
                assert opened is (person == CHEN), (person, kind)
        assert await here.logged() == [("chen", what, "care") for what in ("transcript", "case", "record")]

    played(story)


def test_a_supervisor_of_the_line_looks_in_as_supervision_and_one_of_another_line_not_at_all() -> None:
    async def story(here: Story) -> None:
        at = Address("session", here.contact)
        assert not await SupervisionDoor().opens(here.hub, guest(ZHAO, ("other",)), at)
        assert await here.logged() == []
        assert await SupervisionDoor().opens(here.hub, guest(ZHAO), at)
        assert await here.logged() == [("zhao", "transcript", "supervision")]

    played(story)


def test_whoever_takes_an_escalation_reads_from_then_on_and_says_why() -> None:
    async def story(here: Story) -> None:
        at = Address("case", here.contact)
        assert not await CONSOLE.opens(here.hub, guest(SUN), at)
        await here.do("case", triage.HelpNow(), Actor(Role.VISITOR, here.contact))
        await here.do("case", triage.Acknowledge(), SUN)
        assert await CONSOLE.opens(here.hub, guest(SUN), at)
        assert await here.logged() == [("sun", "case", "crisis")]

    played(story)


def test_a_stranger_s_words_about_a_contact_are_refused_at_the_door() -> None:
    async def story(here: Story) -> None:
        lower = triage.LowerRisk(RiskLevel.ROUTINE, "spoke with them")
        consent = records.WithdrawConsent(Purpose.RECORDING)
        for kind, command in (("case", lower), ("record", consent)):
            at = Address(kind, here.contact)
            await CONSOLE.permits(here.hub, guest(CHEN), at, command)
            await CONSOLE.permits(here.hub, guest(ZHAO), at, command)
            strangers = ((LIU, ("main",)), (PEER, ("main",)), (SUN, ("main",)), (ZHAO, ("other",)))
            for person, lines in (*strangers, *(((CHEN, ("other",)),) if kind == "case" else ())):
                with pytest.raises(NotPermitted, match="not_yours"):
                    await CONSOLE.permits(here.hub, guest(person, lines), at, command)
        await CONSOLE.permits(here.hub, guest(LIU), Address("case", here.contact), triage.Acknowledge())

    played(story)


def test_every_role_every_resource_every_reason_what_opens_is_logged_and_what_does_not_is_not() -> None:
    """Chen has the contact; nothing else stands open. By hand: who may open what of it, and why."""
    may = {("chen", what, "care") for what in ("transcript", "note", "case", "record", "reach", "packet")}
    may |= {("zhao", what, "supervision") for what in ("transcript", "note", "case", "record")}
    may |= {("zhao", what, "complaint") for what in ("transcript", "note", "case", "record", "recording")}
    may |= {(who, what, "audit") for who in ("zhao", "admin") for what in ("record", "access_log")}

    async def story(here: Story) -> None:
        opened = []
        for person, what, why in product(STAFF, Resource, Reason):
            answer = await reading.open_kept(here.hub.engine, guest(person), what, here.contact, why, "2026-118")
            if answer.opened:
                opened.append((person.id, what.value, why.value))
                assert answer.look
        assert set(opened) == may
        assert await here.logged() == opened
        assert await off_loop(store.verify_log) is None

    played(story)


def test_breaking_the_glass_takes_two_and_the_paper_stands_in_the_log() -> None:
    async def story(here: Story) -> None:
        what, why = Resource.RECORDING, Reason.BREAK_GLASS
        engine = here.hub.engine
        await here.do("record", records.AskGlass("recording", "harm_to_others", "2026-77"), ZHAO)
        assert not (await reading.open_kept(engine, guest(ZHAO), what, here.contact, why, "2026-77")).opened
        await here.do("record", records.BreakGlass(1), SUN)
        answer = await reading.open_kept(engine, guest(ZHAO), what, here.contact, why)
        assert answer.opened
        assert answer.notice
        assert not (await reading.open_kept(engine, guest(SUN), what, here.contact, why)).opened
        (look,) = await off_loop(store.looks, here.contact)
        assert (look.who, look.what, look.why, look.reference) == ("zhao", "recording", "break_glass", "2026-77")

    played(story)
