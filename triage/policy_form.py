"""The form for the next version of a line's ladder, follow-up plans and waiting times."""

from typing import TYPE_CHECKING, Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from typing_extensions import override

from accounts import lines
from accounts.speech import both
from kernel.terms import RiskLevel
from triage.models import CasePolicyVersion
from triage.policy import LADDER, POLICY, CasePolicy
from triage.policy_check import BOUNDS, case_policy_problems

if TYPE_CHECKING:
    _Base = forms.ModelForm[CasePolicyVersion]
else:
    _Base = forms.ModelForm


class Numbers(forms.CharField):
    """Numbers with commas between them."""

    @override
    def to_python(self, value: Any) -> Any:
        """Read them; both kinds of comma do."""
        said = (super().to_python(value) or "").replace("\uff0c", ",").replace("、", ",")
        try:
            return tuple(float(part) for part in said.split(",") if part.strip())
        except ValueError:
            raise ValidationError(both("写成 24, 72, 168", "Write 24, 72, 168")) from None


def written(numbers: tuple[float, ...]) -> str:
    """Numbers as the form shows them."""
    return ", ".join(f"{each:g}" for each in numbers)


class CasePolicyForm(_Base):
    """Fields and bounds come from triage/policy_check.py."""

    line = forms.ChoiceField(label=both("服务线", "Line"))
    ladder_s = Numbers(
        label=both("逐级通知（秒）", "Ladder (s)"),
        initial=written(tuple(rung.after_s for rung in LADDER)),
        help_text=both(
            "值班督导、第二督导、全体在岗、外部渠道", "duty supervisor, second one, everybody, outside channel"
        ),
    )
    high_h = Numbers(label=both("高风险随访（小时）", "Follow-up after high danger (h)"), initial="24, 72, 168")
    imminent_h = Numbers(label=both("紧急随访（小时）", "Follow-up after imminent danger (h)"), initial="24, 72, 168")
    asked_h = Numbers(label=both("约定的随访（小时）", "Follow-up that was asked for (h)"), initial="72")
    overdue_h = Numbers(label=both("随访逾期提醒（小时）", "Overdue reminders (h)"), initial="4, 12, 24")
    quiet_from = forms.TimeField(label=both("安静时段开始", "Quiet from"), initial=POLICY.quiet_from)
    quiet_until = forms.TimeField(label=both("安静时段结束", "Quiet until"), initial=POLICY.quiet_until)

    class Meta:
        """The version's own fields."""

        model = CasePolicyVersion
        fields = ("line", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the lines there are, and a field for each bounded number."""
        super().__init__(*args, **kwargs)
        if "line" not in self.fields:
            return  # the page of a published version shows no inputs
        self.fields["line"].choices = lines.choices()  # type: ignore[attr-defined]
        for name, bound in BOUNDS.items():
            whole = isinstance(getattr(POLICY, name), int)
            kind = forms.IntegerField if whole else forms.FloatField
            self.fields[name] = kind(
                label=both(bound.zh, bound.en),
                min_value=int(bound.low),
                max_value=int(bound.high),
                initial=getattr(POLICY, name),
                help_text=f"{bound.low:g}-{bound.high:g}",
            )

    @override
    def clean(self) -> dict[str, Any]:
        """Build the policy and refuse what makes no sense."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        policy = policy_of(data)
        problems = case_policy_problems(policy)
        if problems:
            raise ValidationError(list(problems))
        self.instance.content = msgspec.to_builtins(policy)
        return data


def policy_of(data: dict[str, Any]) -> CasePolicy:
    """Read the policy from a clean form; a ladder of another length keeps the rungs it names."""
    rungs = tuple(
        msgspec.structs.replace(rung, after_s=int(after)) for rung, after in zip(LADDER, data["ladder_s"], strict=False)
    )
    return CasePolicy(
        ladder=rungs,
        follow_up_h={RiskLevel.HIGH: data["high_h"], RiskLevel.IMMINENT: data["imminent_h"]},
        asked_follow_up_h=data["asked_h"],
        follow_up_overdue_h=data["overdue_h"],
        quiet_from=data["quiet_from"],
        quiet_until=data["quiet_until"],
        **{name: data[name] for name in BOUNDS},
    )
