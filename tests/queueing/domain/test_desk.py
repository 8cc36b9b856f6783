"""The desk under every order of events (desk_machine), and sown faults that the machine must catch (mutants)."""

import pytest
from hypothesis import settings
from hypothesis.stateful import initialize, invariant

from kernel.errors import NotPermitted
from kernel.terms import SYSTEM, Actor, Medium, RiskLevel, Role
from queueing import messages as m
from queueing.domain.desk import decide
from queueing.domain.ledger import DeskState, evolve
from queueing.policy import DeskPolicy
from tests.personas import ADMIN, PARTNER, XIAO_LI
from tests.queueing.domain.desk_scenes import DeskMachine
from tests.queueing.domain.mutants import MUTANTS, ROOM, survives
from tests.strategies import T0, command_of

QUICK = (0, 1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 15, 16, 21, 22, 27)
"""Those that are caught in a second or so; all of them: `python -m tests.queueing.domain.mutants`."""


@pytest.mark.promise("R2")
@pytest.mark.promise("R4")
class TestDesk(DeskMachine.TestCase):  # type: ignore[misc,valid-type]
    """Promises P1 to P15 of the desk after every step."""

    settings = settings(max_examples=50, stateful_step_count=40, deadline=None)


class KeepsWaysOpen(DeskMachine):
    """The same machine at a line that keeps ways open for danger: P5 is held to what is left after them."""

    @initialize()
    def promise(self) -> None:
        """The union asks for two."""
        self.give(m.Configure(DeskPolicy(open_for_danger=2), 2))

    def ways(self, name: str, more: int = 0) -> int:
        """How many in danger could still come to somebody, in plain words."""
        person = self.book.people[name]
        hands = [self.book.guests[each] for each in person.hands]
        if not person.here or person.resting or any(guest.medium is Medium.VOICE for guest in hands):
            return 0
        if person.stands_by:
            return int(not hands)
        expected = len(hands) + len(self.book.rings_at(name)) + more
        if not person.ready or expected < person.slots:
            return max(0, person.slots - expected) if person.ready else 0
        return int(person.one_more and expected <= person.slots and not any(guest.danger for guest in hands))

    @invariant()
    def nobody_waits_for_an_idle_counselor(self) -> None:
        """P5, but for the texts out of danger that would close a way somebody agreed to keep open."""
        people = self.book.people
        agreed = sum(each.here and (each.stands_by or (each.ready and each.one_more)) for each in people.values())
        chances = self.book.idle_chances()
        for contact, counselor in chances:
            guest = self.book.guests[contact]
            before = [self.book.guests[each] for each, where in chances if where == counselor and each != contact]
            if any(each.medium is Medium.TEXT and each.sooner_than(guest) for each in before):
                continue  # behind a text that this counselor is kept from: nobody passes it
            left = sum(self.ways(name, more=int(name == counselor)) for name in people)
            assert not guest.danger, "danger waits for nobody"
            assert guest.medium is Medium.TEXT
            assert left < min(2, agreed), "a slot is idle that no promise needs"


@pytest.mark.promise("R4")
class TestWaysForDanger(KeepsWaysOpen.TestCase):  # type: ignore[misc,valid-type]
    """Promises P1 to P15 with ways kept open."""

    settings = settings(max_examples=50, stateful_step_count=40, deadline=None)


@pytest.mark.promise("R2")
def test_a_walk_that_failed_once_a_language_asked_for_in_the_morning_keeps_nobody_waiting_at_night() -> None:
    walk = DeskMachine()
    walk.begin(open_=True, slots=[1, 1], crowd=[], taken=0)
    walk.request(contact="c0", language="en", medium=Medium.TEXT, risk=RiskLevel.ROUTINE, waited=0)
    walk.accept_first()
    walk.full_house(medium=Medium.TEXT, slots=1)
    walk.accept_first()
    walk.next_due()
    walk.lose(counselor="an")
    walk.next_due()
    walk.nobody_waits_for_an_idle_counselor()
    walk.teardown()


@pytest.mark.promise("R4")
def test_a_walk_that_failed_once_a_second_console_rings_for_one_in_danger_and_the_first_goes_to_who_came_before() -> (
    None
):
    """It went to who came after: when it was their turn the first had nobody, and was not asked again."""
    walk = DeskMachine()
    walk.begin(open_=True, slots=[], crowd=[], taken=0)
    walk.supervisor_stands_by()
    for contact, waited in (("c1", 5), ("c0", 10), ("c2", 0)):
        walk.request(contact, Medium.TEXT, RiskLevel.IMMINENT, waited, "zh-Hans")
    walk.enter("an")
    walk.ready("an", 2, burst=False)
    assert [(offer, who) for offer, who in walk.rings() if who == "an"] == [("c0.2.1", "an")]
    walk.give(m.DeclineOffer("c0.2.1"), Actor(Role.COUNSELOR, "an"))
    rung = {name: set(guest.rung.values()) for name, guest in walk.book.guests.items()}
    assert rung == {"c0": {"ce"}, "c1": {"an"}, "c2": set()}
    walk.nobody_waits_for_an_idle_counselor()
    walk.rings_agree()
    walk.teardown()


@pytest.mark.parametrize("number", QUICK)
def test_the_machine_catches_a_sown_fault(number: int) -> None:
    assert not survives(*MUTANTS[number])


def test_every_sown_fault_still_fits_the_code() -> None:
    for module, old, _ in MUTANTS:
        assert old in (ROOM / f"{module}.py").read_text(encoding="utf-8"), (module, old)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("by", [XIAO_LI, ADMIN, PARTNER])
def test_nobody_else_speaks_to_a_desk(by: Actor) -> None:
    for kind in m.COMMANDS:
        with pytest.raises(NotPermitted):
            decide(DeskState(), command_of(kind), by, T0)


def test_news_told_twice_changes_nothing_the_second_time() -> None:
    state = DeskState()
    for kind in m.COMMANDS:
        if kind in (*m.COUNSELOR_COMMANDS, *m.SUPERVISOR_COMMANDS):
            continue
        for _ in range(2):
            for event in decide(state, command_of(kind), SYSTEM, T0):
                state = evolve(state, event)
        again = decide(state, command_of(kind), SYSTEM, T0)
        assert all(isinstance(event, m.TicketDeflected) for event in again)
