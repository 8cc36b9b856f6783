"""A desk in the real engine: a process that has just started folds to the same desk, wherever the snapshot lies."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from kernel.codec import Keyring
from kernel.decider import Address, Elapse
from kernel.engine import Engine
from kernel.errors import Refused
from kernel.store import Store
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from queueing import messages as m
from queueing.domain.desk import DECIDER, SNAPSHOT_EVERY
from queueing.domain.ledger import DeskState
from tests.kernel.conftest import MASTERS, fresh
from tests.kernel.conftest import process as grounded
from tests.strategies import T0

HOURS = (m.OpenInterval(T0, T0 + timedelta(hours=6), T0 + timedelta(hours=5), Medium.TEXT),)
PEOPLE = ("an", "bo", "ce")
STEPS = 3 * SNAPSHOT_EVERY


def process(store: Store) -> Engine:
    """The engine of a process that knows nothing yet."""
    return Engine(store, {"desk": DECIDER}, Keyring(store, MASTERS))


def said(dice: random.Random, state: DeskState) -> tuple[Any, Actor]:
    """Something that may well happen at this desk now."""
    person, contact = dice.choice(PEOPLE), f"c{dice.randrange(12)}"
    rung = [(o.offer, o.counselor) for ticket in state.tickets.values() for o in ticket.offers]
    if rung and dice.random() < 0.4:
        offer, who = dice.choice(rung)
        return dice.choice((m.AcceptOffer, m.AcceptOffer, m.DeclineOffer))(offer), Actor(Role.COUNSELOR, who)
    about = dice.choice((m.WithdrawTicket, m.BeginWrapUp, m.FreeSeat, m.MarkTicketAway, m.MarkTicketBack))
    return dice.choice(
        (
            (m.RequestTicket(contact, Medium.TEXT, dice.choice(list(RiskLevel)), T0), SYSTEM),
            (m.RequestTicket(contact, Medium.TEXT, dice.choice(list(RiskLevel)), T0), SYSTEM),
            (about(contact), SYSTEM),
            (m.EnterSeat(person, person, Role.COUNSELOR), SYSTEM),
            (m.ReadySeat(2, burst=True), Actor(Role.COUNSELOR, person)),
            (dice.choice((m.PauseSeat(), m.TakeNext(), m.LeaveSeat())), Actor(Role.COUNSELOR, person)),
            (m.LoseSeat(person), SYSTEM),
            (Elapse(), SYSTEM),
        )
    )


@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_fresh_process_folds_to_the_same_desk(transactional_db: None, seed: int) -> None:
    async def story() -> None:
        dice, to = random.Random(seed), Address(*fresh("desk"))
        async with grounded() as ground:
            store = ground.store
            long = process(store)
            await long.submit(to, m.PublishHours(HOURS, "1"), SYSTEM, T0, "hours")
            lags = set()
            for step in range(STEPS):
                loaded = await long.state(to)
                assert loaded is not None
                command, by = said(dice, loaded.state)
                engine = process(store) if step % 7 == 3 else long
                try:
                    await engine.submit(to, command, by, T0 + timedelta(seconds=10 * step), f"s{step}")
                except Refused:
                    continue
                if step % 5 == 0:
                    mine, theirs = await long.state(to), await process(store).state(to)
                    assert mine is not None
                    assert theirs is not None
                    assert (mine.seq, mine.state) == (theirs.seq, theirs.state)
                    lags.add(theirs.seq - theirs.stored_seq)
            rows = await long.read(to.feed, 0, 5000)
            last = await long.state(to)
            assert last is not None
            assert last.state == DECIDER.fold(DECIDER.initial, tuple(row.event for row in rows))
            assert len(rows) > SNAPSHOT_EVERY
            assert max(lags) > 0, "a snapshot that lay behind was met"

    asyncio.run(story())
