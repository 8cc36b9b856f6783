"""An appointment on real PostgreSQL: many ask for the last place at once, one has it; the station says who came."""

import asyncio
from datetime import timedelta

import pytest

from accounts.orm import off_loop
from kernel.decider import Address
from kernel.terms import Actor, Role
from server import agendas, paging, visits
from tests.flows.conftest import House, housed
from tests.flows.test_referral import Referring, referring
from triage import messages as m
from triage import store
from triage.messages.agenda import PublishSlots, ReportVisit, Slot
from triage.models import Partner

STATION = Address("agenda", "near")


async def laid_out(house: House, places: int) -> Slot:
    """One slot in two days."""
    slot = Slot(house.now.replace(microsecond=0) + timedelta(days=2), 50, places)
    await house.give(STATION, PublishSlots((slot,)))
    return slot


async def came(house: House) -> Actor:
    """A visitor whose case is open."""
    visitor = await house.comes()
    await house.give(Address("case", visitor.id), m.SubmitIntake(), visitor)
    return visitor


def test_twelve_ask_for_three_places_at_the_same_instant_from_two_processes_and_three_have_one(
    transactional_db: None,
) -> None:
    async def story() -> None:
        async with housed() as one, housed() as two:
            two.line, two.desk = one.line, one.desk
            await one.opens()
            slot = await laid_out(one, places=3)
            people = [await came(one) for _ in range(12)]
            booking = m.BookAppointment("near", slot.starts_at)
            await asyncio.gather(
                *(
                    (one, two)[number % 2].give(Address("case", each.id), booking, each)
                    for number, each in enumerate(people)
                )
            )
            for house in (one, two):
                await house.engine.heal(house.now + timedelta(seconds=5))
                await house.engine.settled()
            held = [each for each in people if (await one.state("case", each)).appointment is not None]
            assert len(held) == 3
            agenda = await one.engine.state(STATION)
            assert agenda is not None
            assert sorted(each.contact for each in agenda.state.held) == sorted(each.id for each in held)
            assert sorted(each.place for each in agenda.state.held) == [1, 2, 3]
            lucky, waiting = held[0], next(each for each in people if each not in held)
            await one.give(Address("case", lucky.id), m.CancelAppointment(), lucky)
            await one.give(Address("case", waiting.id), booking, waiting)
            assert (await one.state("case", waiting)).appointment.held

    asyncio.run(story())


def test_the_station_says_who_came_and_whoever_did_not_is_asked_after(transactional_db: None) -> None:
    async def story() -> None:
        async with housed() as house:
            await house.opens()
            slot = await laid_out(house, places=2)
            people = [await came(house), await came(house)]
            for each in people:
                await house.give(Address("case", each.id), m.BookAppointment("near", slot.starts_at), each)
            house.now = slot.starts_at + timedelta(hours=1)
            station = Actor(Role.REFERRAL_PARTNER, "near")
            for place, here in ((1, True), (2, False)):
                await house.give(STATION, ReportVisit(slot.starts_at, place, here), station)
            first, second = [await house.state("case", each) for each in people]
            assert (first.appointment, first.follow_up) == (None, None)
            assert second.follow_up is not None

    asyncio.run(story())


@pytest.mark.promise("R8")
def test_a_station_reads_times_and_codes_by_its_link_and_never_a_contact(transactional_db: None) -> None:
    Partner.objects.create(
        partner_id="near",
        name_zh="城东心灵驿站",
        kind="station",
        visit_days=[1, 2, 3, 4, 5, 6, 7],
        visit_from="14:00",
        visit_until="17:00",
        visit_minutes=50,
    )

    async def story(house: Referring) -> None:
        await agendas.lay_out(house.engine, house.now)
        await agendas.lay_out(house.engine, house.now)
        assert (await house.told("agenda.near")) == ["agenda.published"]
        await house.opens()
        visitor = await came(house)
        agenda = await house.engine.state(STATION)
        assert agenda is not None
        at = agenda.state.slots[-1].starts_at
        await house.give(Address("case", visitor.id), m.BookAppointment("near", at), visitor)
        secret = await off_loop(store.open_agenda_link, paging.link_key(), "near", house.now)
        code, shown = await house.post("partner/agenda", {"token": f"agenda.{secret}"})
        assert code == 200
        (row,) = shown["visits"]
        assert visitor.id not in str(shown)
        assert row["code"] == visits.code_of(visitor.id, at)
        early = {"token": f"agenda.{secret}", "starts_at": row["starts_at"], "place": 1, "came": True}
        assert (await house.post("partner/agenda/came", early)) == (409, {"code": "too_early"})
        assert (await house.post("partner/agenda", {"token": "agenda." + "x" * 43}))[0] == 404
        assert (await house.post("partner/open", {"token": secret}))[0] == 404

    async def opened() -> None:
        async with referring() as house:
            await story(house)

    asyncio.run(opened())
