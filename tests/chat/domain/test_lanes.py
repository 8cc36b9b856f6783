"""Who hears whom: every mix of people, checked against a table of who may be heard by whom."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.domain.lanes import HOLD_CLIP, Party, arrange
from kernel.errors import Refused
from kernel.terms import Attending, Role

VISITOR, CHEN, LIN = Party("visitor", Role.VISITOR), Party("chen", Role.COUNSELOR), Party("lin", Role.CRISIS_WORKER)
THREE = (VISITOR, CHEN, LIN)


def zhao(how: Attending) -> Party:
    """A supervisor."""
    return Party("zhao", Role.SUPERVISOR, how)


def test_nobody_hears_themselves_and_four_talkers_are_refused() -> None:
    assert not [route for route in arrange(THREE, holder="chen") if route.source == route.sink]
    with pytest.raises(Refused, match="lanes_taken"):
        arrange([*THREE, Party("d", Role.COUNSELOR)], holder="chen")


def test_three_who_talk_all_hear_each_other() -> None:
    heard = {(route.sink, route.source) for route in arrange(THREE, holder="chen")}
    assert heard == set(itertools.permutations(("visitor", "chen", "lin"), 2))


@given(
    st.booleans(),
    st.sampled_from([None, *Attending]),
    st.booleans(),
    st.sampled_from(["chen", "lin"]),
)
def test_the_table_of_who_may_be_heard_by_whom(third: bool, how: Attending | None, held: bool, holder: str) -> None:
    parties = THREE if third else (VISITOR, Party(holder, Role.COUNSELOR))
    if how is not None:
        parties = (*parties, zhao(how))
    try:
        found = arrange(parties, holder=holder, held=held)
    except Refused:
        assert third
        assert how in (Attending.WHISPER, Attending.BARGE)
        return
    heard = {sink: {route.source for route in found if route.sink == sink} for sink in ("visitor", "chen", "lin")}
    others = {"chen", "lin"} if third else {holder}
    expected = {HOLD_CLIP} if held else others | ({"zhao"} if how is Attending.BARGE else set())
    assert heard["visitor"] == expected
    assert ("zhao" in heard[holder]) == (how in (Attending.WHISPER, Attending.BARGE))
    assert not held or not any(route.source == "visitor" for route in found)
    if how is not None:
        told = {route.source for route in found if route.sink == "zhao"}
        assert told == {holder} | (set() if held else {"visitor"})
