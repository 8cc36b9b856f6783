"""Names and bounds of what a line may change about escalation, referral and follow-up."""

from collections.abc import Mapping
from itertools import pairwise

import msgspec

from triage.policy import LADDER, CasePolicy


class Bound(msgspec.Struct, frozen=True):
    """What a field is called, the least and the most it may be; its unit stands in its name (`_s`, `_h`)."""

    zh: str
    en: str
    low: float
    high: float


BOUNDS: Mapping[str, Bound] = {
    "intake_s": Bound("没有作答多久后照样排队（秒）", "A silent visitor is queued after (s)", 10, 600),
    "ladder_again_s": Bound("最后一级每隔多久再叫（秒）", "The last rung calls again every (s)", 30, 900),
    "page_retry_s": Bound("没送到的通知多久再发（秒）", "An undelivered call is repeated after (s)", 5, 120),
    "page_retry_limit_s": Bound("再发间隔最长（秒）", "... at most every (s)", 60, 900),
    "review_s": Bound("接手后多久没有消息要问（秒）", "No news of an escalation is asked after (s)", 60, 3600),
    "rescue_review_s": Bound("救援后多久没有消息要问（秒）", "No news of a rescue is asked after (s)", 60, 3600),
    "rest_s": Bound("危机后请同事休息（秒）", "Rest after a crisis (s)", 0, 7200),
    "attempts_before_unreachable": Bound("联系几次才可记为失联", "Attempts before out of reach", 1, 10),
    "callback_tries": Bound("回拨打几次", "Tries of a callback", 1, 5),
    "callback_again_min": Bound(
        "没人接多久后再拨（分钟）", "An unanswered callback is tried again after (min)", 2, 240
    ),
    "words_unread_h": Bound(
        "非服务时间的留言最迟多久要看（小时）", "Words left while closed are read within (h)", 1, 72
    ),
    "referral_unanswered_h": Bound("机构多久没有回复要催（小时）", "A partner is reminded after (h)", 1, 168),
    "referral_tries": Bound("每家机构问几次", "Times each partner is asked", 1, 5),
    "referral_outcome_h": Bound("接收后多久要问结果（小时）", "An outcome is asked for after (h)", 1, 24 * 60),
    "appointment_outcome_h": Bound("预约后多久要问结果（小时）", "An appointment is asked after (h)", 1, 168),
    "referral_undecided_h": Bound("其他状态多久要催（小时）", "Anything else is reminded of after (h)", 1, 168),
}


def case_policy_problems(policy: CasePolicy) -> tuple[str, ...]:
    """Every problem at once, Chinese first; none means that it may be published."""
    problems = [
        f"{bound.zh} / {bound.en}: {bound.low:g}-{bound.high:g}"
        for field, bound in BOUNDS.items()
        if not bound.low <= getattr(policy, field) <= bound.high
    ]
    after = [rung.after_s for rung in policy.ladder]
    if (
        not 0 < len(after) <= len(LADDER)
        or after[0] != 0
        or any(later <= earlier for earlier, later in pairwise(after))
        or after[-1] > 600
    ):
        problems.append(
            "逐级通知从 0 秒开始，逐级变晚，最晚 600 秒 / the ladder begins at 0 s and rises, at most 600 s"
        )
    plans = (*policy.follow_up_h.values(), policy.asked_follow_up_h, policy.follow_up_overdue_h)
    if any(not 0 < hours <= 24 * 90 for plan in plans for hours in plan):
        problems.append("随访应在 90 天内 / a follow-up lies within 90 days")
    if not policy.follow_up_overdue_h or any(not policy.follow_up_h.get(level) for level in DANGER):
        problems.append("高风险和紧急都要有随访 / high and imminent danger need a plan")
    return tuple(problems)


DANGER = tuple(CasePolicy().follow_up_h)
