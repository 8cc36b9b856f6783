"""Every problem of a schedule at once, in words a union officer understands."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import msgspec

from kernel.errors import XinqiaoError
from queueing.domain.schedule import (
    DAY_MINUTES,
    LATEST_CLOSE,
    Closure,
    DatedHours,
    Extension,
    Schedule,
    WeeklyRule,
    Window,
    clock_text,
)

LONGEST_MARGIN = 4 * 60
"""Minutes: a last admission or a drain longer than this is a slip of the pen."""


class Problem(msgspec.Struct, frozen=True):
    """One thing to put right: where it is, and what is wrong in both languages."""

    where: str
    zh: str
    en: str


class InvalidScheduleError(XinqiaoError):
    """A schedule that must not be published; `problems` says why, all at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems for the page that shows them."""
        super().__init__("; ".join(f"{p.where}: {p.en}" for p in problems))
        self.problems = tuple(problems)


def read_schedule(raw: bytes | str) -> Schedule:
    """The schedule stored as JSON, checked; raises InvalidScheduleError with every problem found."""
    try:
        schedule = msgspec.json.decode(raw, type=Schedule)
    except msgspec.MsgspecError as error:
        raise InvalidScheduleError([Problem("json", f"文件格式不对：{error}", f"not readable: {error}")]) from None
    problems = check(schedule)
    if problems:
        raise InvalidScheduleError(problems)
    return schedule


def check(schedule: Schedule) -> tuple[Problem, ...]:
    """All problems of the schedule; none means it may be published."""
    return tuple(_problems(schedule))


def _problems(schedule: Schedule) -> Iterator[Problem]:
    yield from _frame(schedule)
    for number, rule in enumerate(schedule.rules, 1):
        yield from _rule(f"rules[{number}]", rule, schedule.last_admission_minutes)
    for (i, one), (k, two) in combinations(enumerate(schedule.rules, 1), 2):
        yield from _clash(f"rules[{i}], rules[{k}]", one, two)
    for number, dated in enumerate(schedule.dated, 1):
        yield from _windows(f"dated[{number}]", dated.windows, schedule.last_admission_minutes)
    yield from _twice(schedule.dated)
    for number, closure in enumerate(schedule.closures, 1):
        yield from _stretch(f"closures[{number}]", closure)
    for number, extension in enumerate(schedule.extensions, 1):
        yield from _stretch(f"extensions[{number}]", extension)


def _frame(schedule: Schedule) -> Iterator[Problem]:
    """The time zone, the margins, and whether there is anything at all."""
    try:
        ZoneInfo(schedule.zone)
    except (ValueError, OSError, KeyError):
        yield Problem("zone", f"不认识的时区“{schedule.zone}”", f"unknown time zone {schedule.zone!r}")
    if not (schedule.rules or schedule.dated or schedule.extensions):
        yield Problem("rules", "还没有任何服务时间", "there are no hours at all")
    margins = (
        ("last_admission_minutes", "末次接入提前量", schedule.last_admission_minutes),
        ("drain_minutes", "收尾时间", schedule.drain_minutes),
    )
    for where, name, minutes in margins:
        if not 0 <= minutes <= LONGEST_MARGIN:
            zh = f"{name}应在 0 到 {LONGEST_MARGIN} 分钟之间，现在是 {minutes}"
            yield Problem(where, zh, f"must be 0 to {LONGEST_MARGIN} minutes, not {minutes}")


def _rule(where: str, rule: WeeklyRule, last_admission: int) -> Iterator[Problem]:
    """One rule by itself."""
    if not rule.days:
        yield Problem(where, "没有选日子", "no day is chosen")
    if len(set(rule.days)) < len(rule.days):
        yield Problem(where, "同一天选了两次", "a day is chosen twice")
    if rule.valid_to is not None and rule.valid_to <= rule.valid_from:
        zh = f"失效日期 {rule.valid_to} 应晚于生效日期 {rule.valid_from}"
        yield Problem(where, zh, f"valid_to {rule.valid_to} must be after valid_from {rule.valid_from}")
    yield from _windows(where, rule.windows, last_admission)


def _windows(where: str, windows: Sequence[Window], last_admission: int) -> Iterator[Problem]:
    """The windows of one day."""
    for window in windows:
        text = f"{clock_text(window.opens)}-{clock_text(window.closes)}"
        if not 0 <= window.opens < DAY_MINUTES:
            yield Problem(where, f"{text}：开始时间应在 00:00 到 23:59 之间", f"{text}: opens must be 00:00 to 23:59")
        elif window.closes > LATEST_CLOSE:
            yield Problem(where, f"{text}：最晚到 30:00（次日 06:00）", f"{text}: 30:00 (06:00 next day) is the latest")
        elif window.closes <= window.opens:
            zh = f"{text}：结束时间应晚于开始时间；过夜请写 24:00 以后，例如 26:00"
            yield Problem(where, zh, f"{text}: must close after it opens; write past midnight as 26:00")
        elif window.closes - window.opens <= last_admission:
            zh = f"{text}：比末次接入提前量（{last_admission} 分钟）还短，谁也进不来"
            yield Problem(where, zh, f"{text}: not longer than the last admission of {last_admission} minutes")
    for before, after in pairwise(sorted(windows)):
        if after.opens < before.closes:
            start = clock_text(after.opens)
            yield Problem(where, f"时段在 {start} 处重叠", f"windows overlap at {start}")


def _clash(where: str, one: WeeklyRule, two: WeeklyRule) -> Iterator[Problem]:
    """Two rules for the same medium that speak of the same day at the same time of validity."""
    shared = [day for day in one.days if day in two.days]
    since = max(one.valid_from, two.valid_from)
    if not shared or one.medium != two.medium:
        return
    if since >= min(one.valid_to or date.max, two.valid_to or date.max):
        return
    names = ", ".join(shared)
    if not (one.windows or two.windows):
        return  # both say closed: they agree
    if not (one.windows and two.windows):
        zh = f"自 {since} 起，{names} 一条说不开放，一条说开放"
        yield Problem(where, zh, f"from {since} one says closed and one says open on {names}")
    elif any(a.opens < b.closes and b.opens < a.closes for a in one.windows for b in two.windows):
        zh = f"自 {since} 起，{names} 的时段重叠；请给旧的一条填失效日期"
        yield Problem(where, zh, f"windows of {names} overlap from {since}; give the older rule an end")


def _twice(dated: Sequence[DatedHours]) -> Iterator[Problem]:
    """Dates that are set twice for the same medium."""
    seen = set()
    for number, entry in enumerate(dated, 1):
        if (entry.day, entry.medium) in seen:
            yield Problem(f"dated[{number}]", f"{entry.day} 设置了两次", f"{entry.day} is set twice")
        seen.add((entry.day, entry.medium))


def _stretch(where: str, stretch: Closure | Extension) -> Iterator[Problem]:
    """A closure or an extension."""
    if _naive(stretch.begins_at) or _naive(stretch.ends_at):
        yield Problem(where, "起止时间要带时区", "the times need a time zone")
    elif stretch.begins_at >= stretch.ends_at:
        yield Problem(where, "结束时间应晚于开始时间", "must end after it begins")
    if isinstance(stretch, Closure) and not (stretch.reason.zh.strip() and stretch.reason.en.strip()):
        zh = "请写明暂停服务的原因（中文和英文），来访者会看到"
        yield Problem(where, zh, "say why, in Chinese and English: the visitor will read it")


def _naive(at: datetime) -> bool:
    return at.tzinfo is None
