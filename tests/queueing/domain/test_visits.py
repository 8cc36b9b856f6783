"""A ticket as the log tells it."""

from datetime import datetime, timedelta

from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Event
from queueing import messages as m
from queueing.domain.visits import visits
from tests.strategies import T0

ROUTINE, HIGH = RiskLevel.ROUTINE, RiskLevel.HIGH


def at(seconds: int) -> datetime:
    """So many seconds after the first."""
    return T0 + timedelta(seconds=seconds)


def log(*events: tuple[int, Event]) -> list[tuple[datetime, Event]]:
    """Events and their seconds, after somebody came."""
    came = m.TicketIssued("c1", 1, Medium.TEXT, ROUTINE, 1, T0, at(3600))
    return [(T0, came), *((at(seconds), event) for seconds, event in events)]


ACCEPTED = m.OfferAccepted("o", "c1", "an", "An", Role.COUNSELOR, 1)


def test_a_visit_waits_is_answered_lost_and_answered_again_once() -> None:
    (visit,) = visits(log((20, ACCEPTED), (90, m.ContactRequeued("c1", "an", 2)), (100, ACCEPTED)))
    assert visit.waits == ((T0, at(20)), (at(90), at(100)))
    assert (visit.waited_s, visit.undecided, visit.left) == (20, False, False)


def test_who_is_put_off_until_tomorrow_does_not_wait_through_the_night() -> None:
    (visit,) = visits(log((60, m.CallbackBooked("c1", at(3000))), (3000, m.CallbackDue("c1", at(3000)))))
    assert visit.waits == ((T0, at(60)), (at(3000), None))
    (raised,) = visits(log((60, m.CallbackBooked("c1", at(3000))), (70, m.TicketRaised("c1", HIGH, 1, at(600)))))
    assert raised.waits == ((T0, at(60)), (at(70), None))
    assert (raised.risk, raised.promised_at(30)) == (HIGH, at(600))


def test_who_gives_up_has_left_and_who_was_answered_has_not() -> None:
    (gone,) = visits(log((30, m.TicketWithdrawn("c1"))))
    assert (gone.left_at, gone.undecided) == (at(30), False)
    (talked,) = visits(log((30, ACCEPTED), (40, m.TicketWithdrawn("c1")), (50, m.SeatFreed("c1", "an"))))
    assert (talked.left, talked.freed_at) == (False, at(50))


def test_in_imminent_danger_the_promise_is_thirty_seconds() -> None:
    (visit,) = visits([(T0, m.TicketIssued("c1", 1, Medium.TEXT, RiskLevel.IMMINENT, 0, T0, T0))])
    assert visit.promised_at(30) == at(30)


def test_a_person_s_lower_level_counts_until_somebody_answers() -> None:
    (visit,) = visits(
        log((5, m.TicketLowered("c1", RiskLevel.MODERATE)), (9, ACCEPTED), (12, m.TicketLowered("c1", HIGH)))
    )
    assert visit.risk is RiskLevel.MODERATE
