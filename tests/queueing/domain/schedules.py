"""Schedules for the tests, and an oracle that asks minute by minute and shares no code with the resolver."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import strategies as st

from kernel.terms import Medium
from queueing.domain.calendar import Day, DayClass
from queueing.domain.hours import Interval
from queueing.domain.schedule import (
    Closure,
    DatedHours,
    DayKey,
    Extension,
    Reason,
    Schedule,
    WeeklyRule,
    Window,
    parse_windows,
)

SHANGHAI = timezone(timedelta(hours=8))
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = tuple(DayKey(name) for name in WEEK)
WHY = Reason("台风", "typhoon")


def wall(text: str) -> datetime:
    """A UTC instant from Shanghai wall clock: 2026-01-01 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def rule(
    windows: str,
    *,
    days: Iterable[str] = WEEK,
    since: str = "2004-01-01",
    to: str | None = None,
    medium: Medium | None = None,
) -> WeeklyRule:
    """A weekly rule in short."""
    end = date.fromisoformat(to) if to else None
    keys = tuple(DayKey(name) for name in days)
    return WeeklyRule(keys, parse_windows(windows), date.fromisoformat(since), end, medium)


def _windows_of(schedule: Schedule, kind: DayClass, day: date, medium: Medium) -> list[tuple[int, int]]:
    """What opens on a day: ask from the weakest rule to the strongest and keep the last answer."""
    names = [WEEK[day.weekday()]]
    if kind.value == "holiday":
        names.append("restday")
    names.append(kind.value)
    answer: list[tuple[int, int]] = []
    for name in names:
        for wanted in (None, medium):
            said = [
                r
                for r in schedule.rules
                if r.medium == wanted
                and name in [k.value for k in r.days]
                and not (day < r.valid_from)
                and not (r.valid_to is not None and day >= r.valid_to)
            ]
            if said:
                answer = [(w.opens, w.closes) for r in said for w in r.windows]
    for wanted in (None, medium):
        fixed = [d for d in schedule.dated if d.day == day and d.medium == wanted]
        if fixed:
            answer = [(w.opens, w.closes) for d in fixed for w in d.windows]
    return answer


def minutes_open(
    schedule: Schedule, kind_of: Callable[[date], DayClass], first: date, days: int, medium: Medium
) -> bytearray:
    """One byte for each minute from local midnight of `first`: 1 when open. Zone is UTC+8 throughout."""
    painted = bytearray(days * 1440)
    seen: dict[tuple[object, object], bytes] = {}
    for number in range(days):
        today = first + timedelta(days=number)
        yesterday = today - timedelta(days=1)
        now = tuple(_windows_of(schedule, kind_of(today), today, medium))
        before = tuple(_windows_of(schedule, kind_of(yesterday), yesterday, medium))
        if (now, before) not in seen:
            seen[now, before] = bytes(
                any(a <= m < b for a, b in now) or any(a <= m + 1440 < b for a, b in before) for m in range(1440)
            )
        painted[number * 1440 : number * 1440 + 1440] = seen[now, before]
    for value, stretches in ((1, schedule.extensions), (0, schedule.closures)):
        for stretch in stretches:
            if stretch.medium in (None, medium):
                low, high = (minute_of(at, first) for at in (stretch.begins_at, stretch.ends_at))
                for minute in range(max(low, 0), min(high, len(painted))):
                    painted[minute] = value
    return painted


def minute_of(at: datetime, first: date) -> int:
    """Minutes from Shanghai midnight of `first`."""
    origin = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    return round((at - origin).total_seconds()) // 60


def painted(intervals: Iterable[Interval], first: date, days: int) -> bytearray:
    """The resolver's answer, one byte a minute."""
    minutes = bytearray(days * 1440)
    for interval in intervals:
        low, high = minute_of(interval.opens_at, first), minute_of(interval.closes_at, first)
        assert 0 <= low < high <= len(minutes)
        assert not any(minutes[low:high])
        minutes[low:high] = b"\x01" * (high - low)
    return minutes


def week_calendar(kinds: Mapping[date, DayClass]) -> dict[date, Day]:
    """An announced calendar of the given classes."""
    return {day: Day(kind) for day, kind in kinds.items()}


FIRST = date(2026, 9, 21)
DAYS = 6
_quarter = st.integers(0, 95).map(lambda q: q * 15)
_windows = st.lists(
    st.tuples(_quarter, st.integers(1, 120)).map(lambda t: Window(t[0], min(t[0] + t[1] * 15, 1800))),
    max_size=3,
).map(tuple)
_days = st.integers(-2, DAYS + 2).map(lambda n: FIRST + timedelta(days=n))
_media = st.sampled_from([None, Medium.TEXT, Medium.VOICE])
_stretch = st.tuples(st.integers(-2000, DAYS * 1440), st.integers(1, 2500)).map(
    lambda t: (
        wall(f"{FIRST} 00:00") + timedelta(minutes=t[0]),
        wall(f"{FIRST} 00:00") + timedelta(minutes=sum(t)),
    )
)

rules = st.builds(
    WeeklyRule,
    days=st.lists(st.sampled_from(list(DayKey)), min_size=1, max_size=5).map(tuple),
    windows=_windows,
    valid_from=st.one_of(st.just(date(2004, 1, 1)), _days),
    valid_to=st.one_of(st.none(), _days),
    medium=_media,
)
schedules = st.builds(
    Schedule,
    rules=st.lists(rules, max_size=6).map(tuple),
    dated=st.lists(st.builds(DatedHours, day=_days, windows=_windows, medium=_media), max_size=2).map(tuple),
    closures=st.lists(st.builds(lambda s, m: Closure(s[0], s[1], WHY, m), _stretch, _media), max_size=2).map(tuple),
    extensions=st.lists(st.builds(lambda s, m: Extension(s[0], s[1], WHY, m), _stretch, _media), max_size=2).map(tuple),
    last_admission_minutes=st.sampled_from([0, 0, 10, 45, 240]),
)
kinds = st.lists(st.sampled_from(list(DayClass)), min_size=DAYS + 14, max_size=DAYS + 14).map(
    lambda found: {FIRST + timedelta(days=n - 2): kind for n, kind in enumerate(found)}
)
