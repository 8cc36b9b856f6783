"""The directory of partners, edited in the admin."""

from typing import ClassVar

from django import forms
from django.contrib import admin

from triage.messages import Field
from triage.models import Partner


class PartnerForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be told is ticked, not typed."""

    boundary = forms.MultipleChoiceField(
        choices=[(field.value, field.value) for field in Field],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        """Every field."""

        model = Partner
        fields = "__all__"  # noqa: DJ007 - the directory is one form


@admin.register(Partner)
class PartnerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One partner."""

    form = PartnerForm
    list_display = ("partner_id", "name_zh", "kind", "hours", "active")
    list_filter: ClassVar = ["kind", "active"]
    search_fields = ("partner_id", "name_zh", "scope", "address")
