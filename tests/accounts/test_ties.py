"""Which ties each word to a stranger's contact needs: every word of case and record, every role, every set of ties."""

from itertools import chain, combinations

import pytest

from accounts.domain.roles import TABLE, may_say
from accounts.domain.ties import BOUND, HANDS, INVITING, Tie, may_touch
from kernel.terms import STAFF, Role

pytestmark = pytest.mark.promise("R8")
SETS = [frozenset(some) for some in chain.from_iterable(combinations(Tie, n) for n in range(len(Tie) + 1))]
# Written by hand: by which words somebody comes to a contact of their line that is not theirs yet.
PROTECT = {"risk.raise", "help.now", "recording.stop", "consent.withdraw"}
COME = {"escalation.acknowledge", "escalation.join", "follow_up.take", "glass.ask", "glass.break", "glass.refuse"}


def words(role: Role) -> list[tuple[str, str]]:
    """Every word of this role to an aggregate that asks for ties."""
    return [(kind, tag) for kind in sorted(BOUND) for tag in sorted(TABLE[role].says.get(kind, ()))]


@pytest.mark.parametrize("role", sorted(STAFF))
@pytest.mark.parametrize("ties", SETS, ids=lambda ties: "+".join(sorted(ties)) or "none")
def test_every_word_needs_a_tie(role: Role, ties: frozenset[Tie]) -> None:
    for kind, tag in words(role):
        mine = bool(ties & {Tie.HOLDER, Tie.BESIDE, Tie.CALLED, Tie.FOLLOWS})
        on_my_line = Tie.IN_SCOPE in ties and (mine or role is Role.SUPERVISOR or tag in COME)
        expected = on_my_line or (mine and tag in PROTECT) or role is Role.ADMINISTRATOR
        assert may_touch(role, kind, tag, ties) is expected, (role, kind, tag)


def test_a_counselor_neither_raises_nor_lowers_the_risk_of_a_stranger_s_contact() -> None:
    for tag in ("risk.raise", "risk.lower", "rescue.call", "safety_plan.keep", "referral.send"):
        assert not may_touch(Role.COUNSELOR, "case", tag, frozenset({Tie.IN_SCOPE}))
        assert may_touch(Role.COUNSELOR, "case", tag, frozenset({Tie.HOLDER, Tie.IN_SCOPE}))
    assert not may_touch(Role.COUNSELOR, "record", "consent.give", frozenset({Tie.IN_SCOPE}))


def test_whoever_was_moved_to_another_line_may_raise_an_alarm_and_no_longer_lower_or_refer() -> None:
    moved = frozenset({Tie.HOLDER, Tie.FOLLOWS})
    assert may_touch(Role.COUNSELOR, "case", "risk.raise", moved)
    assert may_touch(Role.COUNSELOR, "case", "help.now", moved)
    for tag in ("risk.lower", "referral.send", "follow_up.close", "escalation.acknowledge"):
        assert not may_touch(Role.COUNSELOR, "case", tag, moved), tag


def test_inviting_words_are_words_that_somebody_says() -> None:
    for kind, tags in INVITING.items():
        assert kind in BOUND
        assert all(any(may_say(role, kind, tag) for role in STAFF) for tag in tags)
    assert Tie.IN_SCOPE not in HANDS


def test_visitors_and_partners_are_bound_by_their_doors_and_not_by_ties() -> None:
    for role in (Role.VISITOR, Role.REFERRAL_PARTNER, Role.SYSTEM):
        assert may_touch(role, "case", "risk.raise", frozenset())
    assert may_touch(Role.COUNSELOR, "session", "message.post", frozenset()), "the session knows its owner itself"
