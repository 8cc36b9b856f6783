"""The promises of intake, escalation, referral and follow-up that the union may change."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from kernel.terms import RiskLevel

# The duty supervisor, a second one, everyone on duty, the outside channel; a referral's partner.
Audience = Literal["duty_supervisor", "second_supervisor", "everyone", "outside", "partner"]
# `house` is shown and rings on screens in the house, `outward` leaves it through a channel adapter.
Way = Literal["house", "outward"]
HOUSE = ZoneInfo("Asia/Shanghai")


class Rung(msgspec.Struct, frozen=True):
    """One step of the paging ladder: how long after the call (seconds), who, and by which ways."""

    after_s: int
    to: Audience
    ways: tuple[Way, ...] = ("house", "outward")


LADDER = (
    Rung(0, "duty_supervisor"),
    Rung(30, "second_supervisor"),
    Rung(60, "everyone"),
    Rung(120, "outside", ("outward",)),
)

# Hours after the visit, by the highest level it had; a level that is not here is not asked after by itself.
FOLLOW_UP_H: dict[RiskLevel, tuple[float, ...]] = {
    RiskLevel.HIGH: (24, 72, 168),
    RiskLevel.IMMINENT: (24, 72, 168),
}


def _follow_up_h() -> dict[RiskLevel, tuple[float, ...]]:
    """Give each policy a table of its own."""
    return dict(FOLLOW_UP_H)


class CasePolicy(msgspec.Struct, frozen=True):
    """Spans in seconds unless they name another unit; night is quiet from `quiet_from` until `quiet_until` (local)."""

    version: int = 0  # 0: the project's own
    intake_s: int = 90
    ladder: tuple[Rung, ...] = LADDER
    ladder_again_s: int = 120
    page_retry_s: int = 15
    page_retry_limit_s: int = 900
    review_s: int = 900
    rescue_review_s: int = 600
    rest_s: int = 900
    follow_up_h: dict[RiskLevel, tuple[float, ...]] = msgspec.field(default_factory=_follow_up_h)
    asked_follow_up_h: tuple[float, ...] = (72,)
    words_unread_h: float = 12
    follow_up_overdue_h: tuple[float, ...] = (4, 12, 24)
    attempts_before_unreachable: int = 3
    callback_tries: int = 2
    callback_again_min: int = 10
    referral_unanswered_h: float = 24
    referral_tries: int = 2
    referral_outcome_h: float = 14 * 24
    referral_undecided_h: float = 24
    appointment_outcome_h: float = 24
    quiet_from: time = time(22)
    quiet_until: time = time(8)

    @property
    def intake(self) -> timedelta:
        """Time to answer."""
        return timedelta(seconds=self.intake_s)

    def rung(self, number: int) -> Rung:
        """The rung of this number; above the top the last one is called again and again."""
        return self.ladder[min(number, len(self.ladder) - 1)]

    def rung_after(self, number: int) -> timedelta:
        """How long after the call a rung is reached."""
        above = max(0, number - len(self.ladder) + 1)
        return timedelta(seconds=self.rung(number).after_s + above * self.ladder_again_s)

    def page_retry(self, tries: int) -> timedelta:
        """How long a page that did not arrive waits before it is issued again."""
        return timedelta(seconds=min(self.page_retry_limit_s, self.page_retry_s * 2 ** min(tries - 1, 10)))

    def overdue(self, reminders: int) -> timedelta:
        """How long after the last reminder a follow-up is called overdue again."""
        return timedelta(hours=self.follow_up_overdue_h[min(reminders, len(self.follow_up_overdue_h) - 1)])

    def awake(self, at: datetime) -> datetime:
        """The same instant, or the end of the quiet hours it falls into."""
        local = at.astimezone(HOUSE)
        if self.quiet_until <= local.time() < self.quiet_from:
            return at
        day = local.date() + timedelta(days=1 if local.time() >= self.quiet_from else 0)
        return datetime.combine(day, self.quiet_until, HOUSE).astimezone(at.tzinfo)


POLICY = CasePolicy()
