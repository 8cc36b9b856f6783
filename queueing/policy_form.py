"""A desk's promises as a form: one whole number per promise."""

from typing import Any

from django import forms
from typing_extensions import override

from accounts.speech import both, choose
from queueing.policy import DeskPolicy
from queueing.policy_check import BOUNDS, Bound, policy_problems


class PolicyForm(forms.Form):
    """Fields and bounds come from queueing/policy_check.py."""

    note = forms.CharField(label=both("修改说明", "What changed"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a field for each promise."""
        super().__init__(*args, **kwargs)
        for name, bound in BOUNDS.items():
            self.fields[name] = forms.IntegerField(
                label=_label(bound),
                min_value=bound.low,
                max_value=bound.high,
                help_text=f"{bound.low}-{bound.high}",
            )
        self.order_fields([*BOUNDS, "note"])

    @override
    def clean(self) -> dict[str, Any]:
        """Check what concerns several fields."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            for problem in policy_problems(self.policy):
                self.add_error(problem.field, choose(problem.zh, problem.en))
        return cleaned

    @property
    def policy(self) -> DeskPolicy:
        """Read the promises."""
        return DeskPolicy(**{name: self.cleaned_data[name] for name in BOUNDS})


def _label(bound: Bound) -> Any:
    if bound.unit == "s":
        return both(f"{bound.zh}(秒)", f"{bound.en} (seconds)")
    return both(bound.zh, bound.en)
