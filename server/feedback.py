"""The month's feedback on the screening, rule by rule: read from the cases themselves, without a word of anybody."""

from collections import Counter
from datetime import datetime

import msgspec

from kernel.engine import Engine
from kernel.seal import Erased
from kernel.store import line_of
from triage.messages import RiskRaised, RuleJudged
from triage.policy import HOUSE

KINDS = ["risk.raised", "screening.judged"]


class RuleReport(msgspec.Struct, frozen=True):
    """One rule's month: how often it raised a level, and what counselors said of it."""

    rule: str
    raised: int
    right: int
    wrong: int


class MonthReport(msgspec.Struct, frozen=True):
    """A month; `by_people` are levels that somebody raised by hand, `erased` events nobody can read any more."""

    month: str
    rules: tuple[RuleReport, ...]
    by_people: int
    erased: int


def bounds(month: str) -> tuple[datetime, datetime]:
    """The month's first instant and the next one's, in the house's time; raises ValueError."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=HOUSE)
    later = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, later


async def report(engine: Engine, month: str) -> MonthReport:
    """Read the month; the last word of a person on a rule in one contact counts."""
    first, later = bounds(month)
    rows = await engine.store.fetch(
        "SELECT feed, seq, kind, author_role, author_id, payload, at FROM kernel_logrow"
        " WHERE kind = ANY(%s) AND at >= %s AND at < %s ORDER BY at, feed, seq",
        (KINDS, first, later),
    )
    raised: Counter[str] = Counter()
    judged: dict[tuple[str, str, str], bool] = {}
    by_people = erased = 0
    for line in map(line_of, rows):
        try:
            event = (await engine.codec.read_line(line)).event
        except Erased:
            erased += 1
            continue
        if isinstance(event, RuleJudged):
            judged[line.feed, event.rule, event.person] = event.right
        elif isinstance(event, RiskRaised) and event.source == "screening":
            raised.update({reason.rule for reason in event.reasons})
        elif isinstance(event, RiskRaised):
            by_people += 1
    return MonthReport(month, _rules(raised, judged), by_people, erased)


def _rules(raised: Counter[str], judged: dict[tuple[str, str, str], bool]) -> tuple[RuleReport, ...]:
    """One line a rule, those said to be wrong most often first."""
    right = Counter(rule for (_, rule, _), good in judged.items() if good)
    wrong = Counter(rule for (_, rule, _), good in judged.items() if not good)
    names = sorted({*raised, *right, *wrong}, key=lambda rule: (-wrong[rule], -raised[rule], rule))
    return tuple(RuleReport(rule, raised[rule], right[rule], wrong[rule]) for rule in names)
