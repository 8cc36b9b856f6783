"""The form for the next version of a retention policy; it shows what a change would purge before it is saved."""

from typing import TYPE_CHECKING, Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from typing_extensions import override

from accounts import lines
from accounts.speech import both, choose
from kernel import clock
from kernel.terms import Medium, Role
from recordings_policy import store
from recordings_policy.domain.consent import rule_for
from recordings_policy.domain.retention import Preview, preview
from recordings_policy.models import MEDIA, RecordPolicyVersion
from recordings_policy.policy import PromiseText, Purpose, RecordPolicy
from recordings_policy.policy_check import policy_problems

if TYPE_CHECKING:
    _Base = forms.ModelForm[RecordPolicyVersion]
else:
    _Base = forms.ModelForm

PURPOSES = [
    (Purpose.RECORDING.value, both("录音", "Recording")),
    (Purpose.STORAGE.value, both("保存", "Storage")),
    (Purpose.REFERRAL.value, both("转介", "Referral")),
    (Purpose.STATISTICS.value, both("统计", "Statistics")),
    (Purpose.TRAINING.value, both("督导与培训", "Supervision and training")),
]
CONSENTERS = [
    (Role.VISITOR.value, both("来访者本人", "The visitor")),
    (Role.COUNSELOR.value, both("咨询员（听到口头同意）", "A counselor who heard it")),
    (Role.PEER_SUPPORTER.value, both("心理疏导员（听到口头同意）", "A peer supporter who heard it")),
    (Role.CRISIS_WORKER.value, both("危机干预师（听到口头同意）", "A crisis worker who heard it")),
    (Role.SUPERVISOR.value, both("督导（听到口头同意）", "A supervisor who heard it")),
]


class PolicyForm(_Base):
    """A new version, field by field; it is saved only after its effect was shown and confirmed."""

    line = forms.ChoiceField(label=both("服务线", "Line"))
    medium = forms.ChoiceField(label=both("方式", "Medium"), choices=MEDIA)
    record = forms.BooleanField(label=both("记录", "Record"), required=False)
    retention_floor_days = forms.IntegerField(
        label=both("最短保存（天）", "Least days kept"), min_value=0, initial=1096
    )
    retention_ceiling_days = forms.IntegerField(
        label=both("最长保存（天）", "Most days kept"), min_value=0, initial=1096
    )
    who_may_consent = forms.MultipleChoiceField(
        label=both("谁可以同意", "Who may consent"), choices=CONSENTERS, required=False
    )
    purposes = forms.MultipleChoiceField(label=both("用途", "Purposes"), choices=PURPOSES, required=False)
    promises = forms.JSONField(
        label=both("告知文本", "Promise texts"),
        required=False,
        initial=list,
        help_text=both(
            "每项写明 purpose、version、language、text_hash(文本的 SHA-256)",
            "Each with purpose, version, language and text_hash (SHA-256 of the text)",
        ),
    )
    confirmed = forms.BooleanField(
        label=both("已看过影响，确认发布", "I have seen the effect and publish"), required=False
    )

    class Meta:
        """The version's own fields."""

        model = RecordPolicyVersion
        fields = ("line", "medium", "effective_from", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the lines there are."""
        super().__init__(*args, **kwargs)
        if "line" in self.fields:  # the page of a published version shows no inputs
            self.fields["line"].choices = lines.choices()  # type: ignore[attr-defined]

    @override
    def clean(self) -> dict[str, Any]:
        """Read the policy, refuse what makes no sense, and show its effect until it is confirmed."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        policy = policy_of(data)
        problems = policy_problems(policy)
        if problems:
            raise ValidationError(list(problems))
        self.instance.content = msgspec.to_builtins(policy)
        now = clock.now()
        old = rule_for(store.rules_in_force(policy.line, now), policy.medium)
        effect = preview(store.closings(policy.line, policy.medium), old.policy if old else None, policy, now)
        if effect.total and not data["confirmed"]:
            self.add_error("confirmed", effect_in_words(effect))
        return data


def policy_of(data: dict[str, Any]) -> RecordPolicy:
    """Build the policy from what was entered; raises ValidationError where a promise text cannot be read."""
    try:
        promises = msgspec.convert(data["promises"] or [], tuple[PromiseText, ...])
    except msgspec.ValidationError as fault:
        raise ValidationError({"promises": both(f"格式不对：{fault}", f"not readable: {fault}")}) from None
    return RecordPolicy(
        line=data["line"],
        medium=Medium(data["medium"]),
        record=data["record"],
        who_may_consent=tuple(Role(role) for role in data["who_may_consent"]),
        retention_floor_days=data["retention_floor_days"],
        retention_ceiling_days=data["retention_ceiling_days"],
        purposes=tuple(Purpose(purpose) for purpose in data["purposes"]),
        promises=promises,
    )


def effect_in_words(effect: Preview) -> str:
    """Say what a change would do to what is kept now."""
    return choose(
        f"共 {effect.total} 份已结束的来访：立即清除 {effect.purged_now} 份"
        f"（其中 {effect.held} 份因法律保全暂不清除），"
        f"提前 {effect.sooner} 份，推后 {effect.later} 份，不变 {effect.unchanged} 份。清除后无法恢复。",
        f"{effect.total} closed contacts: {effect.purged_now} purged at once ({effect.held} of them held), "
        f"{effect.sooner} sooner, {effect.later} later, {effect.unchanged} unchanged. A purge cannot be undone.",
    )
