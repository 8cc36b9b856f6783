"""A record is told at its beginning what may be recorded on its line."""

import asyncio

import pytest

from accounts.orm import guarded
from kernel.decider import Address
from kernel.terms import Medium
from recordings_policy import messages as records
from recordings_policy import store
from tests.flows.conftest import housed
from tests.recordings_policy.people import DAY, consent, policy


@pytest.mark.promise("R5")
def test_a_yes_in_the_first_seconds_is_obeyed_at_once_and_not_at_the_next_roll_out(transactional_db: None) -> None:
    """A call within the contact's first minute was not recorded for as long, though everybody had agreed."""

    async def story() -> None:
        async with housed() as house:
            rules = policy(line=house.line)
            await asyncio.to_thread(guarded, store.publish_policy, rules, house.now - DAY, "sun", house.now - DAY)
            visitor = await house.comes()
            record = Address("record", visitor.id)
            state = await house.state("record", visitor)
            assert [rule.policy.medium for rule in state.rules] == [Medium.VOICE]
            await house.give(record, consent(), visitor)
            await house.give(record, records.RequestRecording())
            assert (await house.told(f"record.{visitor.id}"))[-1] == "recording.allowed"

    asyncio.run(story())


@pytest.mark.promise("R5")
def test_where_the_rules_cannot_be_read_nothing_may_be_recorded(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise OSError("away")

    monkeypatch.setattr("server.wiring.rules_in_force", unreadable)

    async def story() -> None:
        async with housed() as house:
            rules = policy(line=house.line)
            await asyncio.to_thread(guarded, store.publish_policy, rules, house.now - DAY, "sun", house.now - DAY)
            visitor = await house.comes()
            await house.give(Address("record", visitor.id), consent(), visitor)
            await house.give(Address("record", visitor.id), records.RequestRecording())
            assert (await house.told(f"record.{visitor.id}"))[-1] == "recording.refused"

    asyncio.run(story())
