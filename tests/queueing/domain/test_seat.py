"""A seat: who is there, who may be asked, how much is free."""

from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Role
from queueing.domain.seat import Seat, SeatState
from tests.strategies import T0


@given(
    state=st.sampled_from(SeatState),
    lost=st.booleans(),
    ringing=st.booleans(),
    resting=st.booleans(),
    slots=st.integers(0, 4),
    held=st.integers(0, 4),
)
def test_who_is_there_and_who_may_be_asked(
    state: SeatState, lost: bool, ringing: bool, resting: bool, slots: int, held: int
) -> None:
    seat = Seat(
        "chen",
        "陈",
        Role.COUNSELOR,
        state,
        slots,
        lost_at=T0 if lost else None,
        contacts=tuple(f"c{n}" for n in range(held)),
        offer="o" if ringing else None,
        paused_until=T0 if resting else None,
    )
    assert seat.present is (not lost and state is not SeatState.OFF)
    assert seat.asks is (not lost and state is SeatState.READY and not ringing and not resting)
    assert seat.free == slots - held


def test_signing_in_is_not_being_ready() -> None:
    seat = Seat("chen", "陈", Role.COUNSELOR)
    assert seat.present
    assert not seat.asks
