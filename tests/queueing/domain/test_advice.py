"""Staffing advice: the day's contacts as they came, and people who keep the promise and not one more."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.terms import Medium
from queueing.domain.advice import HALF_HOUR, Line, Promise, advise, counted
from queueing.domain.forecast import DayCounts
from queueing.domain.outlook import Planned
from queueing.domain.staffing import Demand, service_level
from queueing.messages import OpenInterval

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 3, 9)
TEN = datetime(2026, 3, 9, 10, tzinfo=ZoneInfo(ZONE))


def weeks(contacts: int) -> tuple[DayCounts, ...]:
    """Eight Mondays with so many contacts in each half hour from ten to twelve."""
    counts = tuple(contacts if 20 <= slot < 24 else 0 for slot in range(48))
    return tuple(DayCounts(MONDAY - timedelta(weeks=n), counts) for n in range(1, 9))


def line(*shifts: Planned) -> Line:
    """Open from ten to twelve."""
    hours = (OpenInterval(TEN, TEN + timedelta(hours=2), TEN + timedelta(hours=2), Medium.TEXT),)
    return Line(30.0, 20.0, hours, shifts, ZONE)


def test_arrivals_are_counted_by_local_day_and_half_hour() -> None:
    came = [TEN, TEN + timedelta(minutes=29), TEN + timedelta(minutes=30), TEN + timedelta(days=1)]
    first, second = counted(came, ZONE)
    assert (first.day, first.counts[20], first.counts[21], first.total) == (MONDAY, 2, 1, 3)
    assert second.total == 1
    midnight = datetime(2026, 3, 8, 16, 0, tzinfo=ZoneInfo("UTC"))
    assert counted([midnight], ZONE)[0].day == MONDAY


def test_the_people_needed_keep_the_promise_and_one_fewer_would_not() -> None:
    promise = Promise(0.8, 5.0, 2, 0.25)
    found = advise(weeks(6), line(), MONDAY, promise)
    assert [each.begins_at for each in found] == [TEN + n * HALF_HOUR for n in range(4)]
    for each in found:
        demand = Demand(each.contacts / 30, 30.0 * 1.25, 20.0)
        assert each.needed is not None
        assert service_level(demand, 2 * each.needed, 5.0) >= 0.8
        assert service_level(demand, 2 * each.needed - 2, 5.0) < 0.8
        assert each.rostered == 0
        assert each.answered_in_time == 0.0


def test_people_on_the_roster_are_counted_once_and_where_they_sit() -> None:
    half = Planned("an", TEN, TEN + timedelta(hours=1))
    found = advise(weeks(2), line(half, half, Planned("bo", TEN, TEN + timedelta(hours=2))), MONDAY, Promise())
    assert [each.rostered for each in found] == [2, 2, 1, 1]
    assert found[0].answered_in_time > found[3].answered_in_time


def test_where_nothing_is_known_nothing_is_advised_and_closed_half_hours_are_left_out() -> None:
    assert advise((), line(), MONDAY, Promise()) == ()
    assert advise(weeks(2), line(), MONDAY + timedelta(days=1), Promise()) == ()
    closed = Line(30.0, 20.0, (), (), ZONE)
    assert advise(weeks(2), closed, MONDAY, Promise()) == ()
    assert all(each.needed == 0 for each in advise(weeks(0), line(), MONDAY, Promise()))
