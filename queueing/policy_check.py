"""Names and bounds of a desk's promises, in words a union officer understands."""

from collections.abc import Mapping

import msgspec

from queueing.policy import DeskPolicy


class Bound(msgspec.Struct, frozen=True):
    """What a field is called, its unit, and the least and the most it may be."""

    zh: str
    en: str
    low: int
    high: int
    unit: str = "s"


class PolicyProblem(msgspec.Struct, frozen=True):
    """One thing to put right."""

    field: str
    zh: str
    en: str


BOUNDS: Mapping[str, Bound] = {
    "target_high_s": Bound("高风险应答目标", "Answer a high risk within", 60, 3600),
    "target_moderate_s": Bound("中风险应答目标", "Answer a moderate risk within", 60, 4 * 3600),
    "target_routine_s": Bound("一般来访应答目标", "Answer a routine contact within", 60, 12 * 3600),
    "ring_text_s": Bound("文字派单响铃", "A text offer rings for", 5, 120),
    "ring_voice_s": Bound("语音派单响铃", "A voice offer rings for", 5, 120),
    "ring_imminent_s": Bound("紧急派单响铃", "An imminent offer rings for", 5, 60),
    "parallel_imminent": Bound("紧急同时派给", "Imminent: counselors asked at once", 1, 10, "n"),
    "pause_after_miss_s": Bound("漏接后暂停", "Pause after a missed offer", 0, 900),
    "misses_until_away": Bound("连续漏接几次转为离开", "Missed in a row until away", 1, 10, "n"),
    "grace_text_s": Bound("文字断线保留位置", "A lost text keeps its place", 30, 3600),
    "grace_voice_s": Bound("语音断线保留位置", "A lost call keeps its place", 5, 600),
    "counselor_lost_s": Bound("咨询员断线多久重新排队", "Counselor lost until queued again", 10, 600),
    "wrap_up_s": Bound("话后整理时间", "Wrap-up holds the slot", 0, 3600),
    "wrap_up_crisis_s": Bound("危机话后整理时间", "Crisis wrap-up holds the slot", 0, 7200),
    "slots_limit": Bound("每人同时文字上限", "Texts at once per counselor", 1, 8, "n"),
    "weight_high": Bound("高风险来访占几个文字位", "Text slots a high risk takes", 1, 4, "n"),
    "weight_imminent": Bound("紧急来访占几个文字位", "Text slots an imminent contact takes", 1, 4, "n"),
    "same_counselor_s": Bound("优先等原咨询员", "Wait for the same counselor first", 0, 600),
    "same_language_s": Bound("优先等同语言咨询员", "Wait for the same language first", 0, 900),
    "cool_down_s": Bound("紧急来访后的缓冲时间", "Cool-down after an imminent contact", 0, 3600),
    "keep_whole_of": Bound(
        "每几位咨询员留一位给语音（0 为不留）", "Keep one in so many free for calls (0: none)", 0, 50, "n"
    ),
    "open_for_danger": Bound(
        "始终为紧急来访留几条路（不多于同意多接的人数，0 为不留）",
        "Ways kept open for danger, never more than agreed to (0: none)",
        0,
        8,
        "n",
    ),
    "transfer_s": Bound("转接等待接手", "A transfer waits to be taken over", 20, 900),
    "surge_target_routine_s": Bound("高峰时一般来访应答目标", "Surge: answer a routine contact within", 60, 12 * 3600),
    "people_at_least": Bound("公布时间内至少几人在班", "People on the roster in published hours", 0, 50, "n"),
    "last_offer_before_end_s": Bound(
        "下班前多久不再派新来访", "Before a shift ends nothing new is offered for", 0, 7200
    ),
    "soft_stop_percent": Bound(
        "关门前等到的把握低于百分之几就停止新排队（0 为不停）",
        "Stop the list below this chance to be seen (0: never)",
        0,
        99,
        "%",
    ),
}


def policy_problems(policy: DeskPolicy) -> tuple[PolicyProblem, ...]:
    """Every problem at once; none means the policy may be published."""
    problems = []
    for field, bound in BOUNDS.items():
        value = getattr(policy, field)
        if not bound.low <= value <= bound.high:
            problems.append(
                PolicyProblem(
                    field,
                    f"{bound.zh}应在 {bound.low} 到 {bound.high} 之间，现在是 {value}",
                    f"{bound.en}: must be {bound.low} to {bound.high}, not {value}",
                )
            )
    if not policy.target_high_s <= policy.target_moderate_s <= policy.target_routine_s:
        problems.append(
            PolicyProblem(
                "target_high_s",
                "风险越高，应答目标应越短：高 ≤ 中 ≤ 一般",
                "the higher the risk, the shorter the target: high <= moderate <= routine",
            )
        )
    return tuple(problems)
