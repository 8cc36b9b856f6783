"""What is wrong with a policy, in words a union officer understands."""

from collections.abc import Mapping
from typing import Any

from accounts.speech import both
from recordings_policy.policy import LONGEST_DAYS, RecordPolicy, faults

WORDS: Mapping[str, Any] = {
    "floor_negative": both("最短保存天数不能小于 0", "the floor is below 0 days"),
    "floor_above_ceiling": both(
        "最短保存天数不能超过最长保存天数", "the floor (least days kept) is above the ceiling (most days kept)"
    ),
    "ceiling_too_long": both(f"最长保存不能超过 {LONGEST_DAYS} 天", f"the ceiling is above {LONGEST_DAYS} days"),
    "nobody_may_consent": both("要记录，就要写明由谁同意", "recording needs somebody who may consent"),
    "consent_by_whom": both(
        "只有来访者本人，或听到口头同意的咨询员，才能登记同意",
        "only the visitor, or a counselor who heard it, may give a consent",
    ),
    "recording_not_a_purpose": both("要记录，用途里就要有“录音”", "recording is not among the purposes"),
    "promise_missing": both("每项用途都要有对应的告知文本", "a purpose has no promise text"),
    "promise_twice": both("同一告知文本登记了两次", "a promise text is listed twice"),
}


def policy_problems(policy: RecordPolicy) -> tuple[Any, ...]:
    """Every problem at once, as words; none means the policy may be published."""
    return tuple(WORDS[code] for code in faults(policy))
