"""The directory of partners and the versions of escalation and follow-up rules, edited in the admin."""

from typing import Any, ClassVar

import msgspec
from django import forms
from django.contrib import admin
from django.http import HttpRequest
from typing_extensions import override

from accounts.domain.roles import Register
from accounts.rights import staff_of
from accounts.role_admin import RoleAdmin, VersionAdmin
from accounts.speech import both
from kernel import clock
from triage import store
from triage.messages import Field
from triage.models import CasePolicyVersion, Partner
from triage.policy import CasePolicy
from triage.policy_form import CasePolicyForm

FIELD_NAMES = {
    Field.NEED: both("希望得到什么帮助", "What help is wanted"),
    Field.CALLED: both("怎样称呼", "What to call them"),
    Field.REACH: both("联系方式", "How to reach them"),
    Field.SITUATION: both("情况简述", "The situation in short"),
    Field.SAFETY: both("安全方面已做的事", "What has been done for safety"),
    Field.WISHES: both("时间、地点等偏好", "Wishes about time and place"),
}
DAYS = [
    (1, both("周一", "Monday")),
    (2, both("周二", "Tuesday")),
    (3, both("周三", "Wednesday")),
    (4, both("周四", "Thursday")),
    (5, both("周五", "Friday")),
    (6, both("周六", "Saturday")),
    (7, both("周日", "Sunday")),
]
STORED = ("line", "version", "content", "note", "created_at", "created_by")


class PartnerForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be told and when one may visit is ticked, not typed."""

    boundary = forms.MultipleChoiceField(
        label=both("可获知的内容", "May be told"),
        choices=[(field.value, FIELD_NAMES[field]) for field in Field],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    visit_days = forms.TypedMultipleChoiceField(
        label=both("预约日", "Days to visit"),
        choices=DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        """Every field."""

        model = Partner
        fields = "__all__"  # noqa: DJ007 - the directory is one form


@admin.register(Partner)
class PartnerAdmin(RoleAdmin):
    """One partner."""

    register = Register.LINE
    form = PartnerForm
    list_display = ("partner_id", "name_zh", "kind", "hours", "active")
    list_filter: ClassVar = ["kind", "active"]
    search_fields = ("partner_id", "name_zh", "scope", "address")


@admin.register(CasePolicyVersion)
class CasePolicyVersionAdmin(VersionAdmin):
    """Published versions, and the form for the next one; cases that are open keep theirs."""

    register = Register.POLICY
    form = CasePolicyForm
    list_display = ("line", "version", "created_at", "created_by", "note")
    list_filter = ("line",)

    @override
    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show a published version as it stands."""
        return STORED if obj else super().get_fields(request, obj)

    @override
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Publish, which numbers the version."""
        member = staff_of(request.user)
        by = member.staff_id if member else request.user.get_username()
        policy = msgspec.convert(obj.content, CasePolicy)
        obj.pk = store.publish_case_policy(obj.line, policy, by, clock.now(), obj.note).pk
